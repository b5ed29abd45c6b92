"""What a region has on its host: network, machines, images, balancer; made, and taken away."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cotta.region.balancer.driver import BalancerError
from cotta.region.balancer.haproxy import HAProxy
from cotta.region.controller import Act, perform_all
from cotta.region.imagestore.errors import ImageStoreError
from cotta.region.imagestore.store import ImageStore
from cotta.region.machines.cgroups import own_scope
from cotta.region.machines.driver import MachineError
from cotta.region.machines.nspawn import NspawnMachines
from cotta.region.networks.bridge import NetworkError, RegionNetwork
from cotta.region.running import restart_all
from cotta.region.sharing import alone_on_host
from cotta.region.store.reserve import reserve_of
from cotta.region.store.store import Store, StoreError
from cotta.system.files import FileLockedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.region.home import Home, Settings


class GroundsError(Exception):
    """Something could not be made, or taken away: what was tried, what came back."""


class Grounds:
    """All that a region has on its host.  Whoever runs the region, or ends it, goes by this."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self._home = home
        self.network = RegionNetwork(home.plan(settings))
        self.images = ImageStore(home.images)
        self.machines = NspawnMachines(home.machines, network=self.network, images=self.images)
        self.balancer = HAProxy(
            home.balancer, lambda argv: [*own_scope(), *self.network.command(argv)]
        )

    def prepare(self) -> tuple[str, ...]:
        """Make what machines need; return what was changed on the host beside, in sentences."""
        try:
            return (*self.network.up(), *self.machines.prepare())
        except (NetworkError, OSError) as error:
            raise GroundsError(str(error)) from error

    def take_away(self, say: Callable[[str], None], *, for_good: bool = False) -> None:
        """Stop every machine and take everything away; machines keep their disks.

        May be repeated; what ran is started again when the region is up again, unless
        it is `for_good`: nothing is written then, so a full disk is no obstacle.
        """
        try:
            if not for_good:
                self._note_what_ran()
            self._stop_machines(say)
            say("Taking away mounts and the network …")
            self.balancer.stop()
            self.images.unmount_unused()
            with alone_on_host():
                self.machines.dismantle()
                self.network.down()
        except (MachineError, BalancerError, ImageStoreError, NetworkError, OSError) as error:
            raise GroundsError(str(error)) from error
        except FileLockedError as error:
            raise GroundsError(f"Another region is being taken up or down: {error}") from None
        except StoreError as error:
            raise GroundsError(f"The rows can't be written: {error}") from error

    def _stop_machines(self, say: Callable[[str], None]) -> None:
        instances = list(self.machines.machines())
        if instances:
            say(
                f"Stopping {len(instances)} machines …"
                if len(instances) > 1
                else "Stopping a machine …"
            )
        failed = perform_all(
            Act(f"machine {one}", partial(self.machines.shelve, one)) for one in instances
        )
        if failed:
            raise GroundsError("\n".join(str(error) for error in failed))

    def _note_what_ran(self) -> None:
        if self._home.database.exists():
            store = Store(self._home.database, reserve=reserve_of(self._home.database))
            store.perform(restart_all, leads_to_room=True)
            store.close()
