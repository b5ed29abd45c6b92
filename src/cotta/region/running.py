"""A region that runs: its rows, its API and its controller, around what runs its machines."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.region.api.dispatch import Api
from cotta.region.api.services import SERVICES
from cotta.region.controller import Controller
from cotta.region.duties.table import all_duties
from cotta.region.founding import found
from cotta.region.model import InstanceState
from cotta.region.server import Server
from cotta.region.set_back import take_back
from cotta.region.store.kinds import ACCOUNTS, INSTANCES
from cotta.region.store.reserve import reserve_of
from cotta.region.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from cotta.region.balancer.driver import Balancer
    from cotta.region.duties.targets import Addresses
    from cotta.region.machines.driver import MachineDriver
    from cotta.region.model import Account
    from cotta.region.store.store import Writing
    from cotta.system.clock import Clock
    from cotta.system.ids import IdSource

log: Final = logging.getLogger(__name__)

# An instance's type says what its machine may use; most use a small part of it.  An idle
# Debian with a web server takes 13 MB.
_OVERCOMMITMENT: Final = 8
_LEAST_MEMORY_EACH_MIB: Final = 64


class Region:
    """Everything of a region that answers and decides; whoever makes it sees to the host.

    The API is on loopback at `port`; 0 is one that is free.  `before_commit` is the store's.
    """

    def __init__(
        self,
        database: Path,
        driver: MachineDriver,
        balancer: Balancer,
        addresses: Addresses,
        *,
        network: str,
        port: int,
        clock: Clock,
        ids: IdSource,
        before_commit: Callable[[], None] = lambda: None,
    ) -> None:
        reserve = reserve_of(database)
        self.store = Store(
            database, before_commit=before_commit, committed=self._wake, reserve=reserve
        )
        duties = all_duties(self.store, driver, balancer, addresses, ids, reserve)
        self.controller = Controller(duties, clock=clock, set_back=self._set_back)
        with self.store.write() as rows:
            self.account = found(rows, network=network, ids=ids, now=clock.now())
            _take_back(rows, clock.now())
        api = Api(self.store, SERVICES, clock=clock, ids=ids, console=driver.console)
        self._server = Server(api.handle, ("127.0.0.1", port))

    @property
    def port(self) -> int:
        """The port that the API listens on."""
        return self._server.port

    def start(self) -> None:
        """Answer, and act, from now on."""
        self._server.start()
        self.controller.start()

    def stop(self) -> None:
        """Answer no more, and return when the acts under way are done; machines run on."""
        self._server.stop()
        self.controller.stop()
        self.store.close()

    def _wake(self) -> None:
        self.controller.wake()

    def _set_back(self, now: datetime) -> None:
        with self.store.write() as rows:
            _take_back(rows, now)


def _take_back(rows: Writing, now: datetime) -> None:
    changed = take_back(rows, now)
    if changed:
        log.warning("the clock was set back", extra={"rows": changed, "to": now.isoformat()})


def limit(rows: Writing, account: Account, memory_mib: int) -> Account:
    """Keep how many instances a machine with so much memory can bear; return the account."""
    limited = replace(
        account,
        most_instances=max(memory_mib // _LEAST_MEMORY_EACH_MIB, 1),
        most_memory_mib=memory_mib * _OVERCOMMITMENT,
    )
    if limited != account:
        rows.put(ACCOUNTS, limited)
    return limited


def restart_all(rows: Writing) -> None:
    """Have every instance that runs started again, once its machine is found to have ended.

    Their machines were stopped, or went down with the host, and nobody in them asked for it.
    """
    for state in (InstanceState.PENDING, InstanceState.RUNNING):
        for instance in rows.all(INSTANCES, state=state.value):
            rows.put(INSTANCES, replace(instance, restarts=instance.restarts + 1))
