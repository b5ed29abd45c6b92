"""A region's rows and played machines, and the duties that bring them together; no threads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cotta.region.duties.exposures import ExposuresDuty
from cotta.region.duties.instances import InstancesDuty
from cotta.region.launching import LaunchRequest, launch, terminate, transition_reason
from cotta.region.lifecycle import Event, advance
from cotta.region.machines.driver import MachineError
from cotta.region.machines.simulated import Host, SimulatedMachines
from cotta.region.model import ImageId, ImageState
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import IMAGES, INSTANCES, KINDS
from cotta.system.ids import CountedIds
from tests.support.regions import fresh_store, put_image
from tests.support.times import NOON

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from pathlib import Path

    from cotta.region.controller import Duty
    from cotta.region.machines.driver import Machine
    from cotta.region.model import Image, Instance


class MachineRoom:
    """Rows, a host, duties; time stands still unless it is moved."""

    def __init__(self, folder: Path, **hooks: Callable[[], None]) -> None:
        self.store, self.account = fresh_store(folder, **hooks)
        self.ids = CountedIds()
        self.host = Host()
        self.now = NOON
        self.image = put_image(self.store, digest="d" * 64)
        self.before_act: Callable[[str], None] = lambda _: None
        self.crash()

    def crash(self) -> None:
        """Begin anew with the same rows on the same host, as after a kill."""
        self.driver = SimulatedMachines(lambda name: self.before_act(name), host=self.host)
        self.duties: tuple[Duty, ...] = (
            InstancesDuty(self.store, self.driver),
            ExposuresDuty(self.store, self.driver),
        )

    # --- what people ask for -------------------------------------------------------

    def launch(self, count: int = 1, **wanted: Any) -> list[Instance]:
        """Write pending instances."""
        request = LaunchRequest(
            image_id=self.image.id,
            instance_type="t3.micro",
            least=count,
            most=count,
            **wanted,
        )
        with self.store.write() as rows:
            return launch(rows, request, now=self.now, ids=self.ids, account=self.account)

    def terminate(self, instance: Instance) -> None:
        """Ask for the end of an instance."""
        with self.store.write() as rows:
            terminate(rows, [instance.id], self.now)

    def ask(self, instance: Instance, event: Event) -> None:
        """Ask for a start or a stop."""
        before = self.instance(instance)
        after = advance(before, event, now=self.now)
        if after == before:
            return
        if event is Event.START_REQUESTED:
            after = replace(after, boot=after.boot + 1, launched_at=self.now)
        else:
            after = replace(after, transition_reason=transition_reason(self.now))
        self.put(after)

    def reboot(self, instance: Instance) -> None:
        """Ask for a restart."""
        before = self.instance(instance)
        self.put(replace(before, restarts=before.restarts + 1))

    def create_image(self, instance: Instance, **changes: Any) -> Image:
        """Ask for an image of an instance."""
        image = replace(
            self.image,
            id=ImageId(new_id("ami", self.ids)),
            name=new_id("image", self.ids),
            state=ImageState.PENDING,
            digest=None,
            source_instance=instance.id,
            **changes,
        )
        with self.store.write() as rows:
            rows.add(IMAGES, image)
        return image

    def put(self, instance: Instance) -> None:
        """Write an instance."""
        with self.store.write() as rows:
            rows.put(INSTANCES, instance)

    # --- what is to be seen --------------------------------------------------------

    def instance(self, instance: Instance) -> Instance:
        """Return an instance as it is now."""
        found = self.find(instance)
        assert found is not None
        return found

    def find(self, instance: Instance) -> Instance | None:
        """Return an instance as it is now, if it is still known."""
        with self.store.read() as rows:
            return rows.find(INSTANCES, instance.id)

    def instances(self) -> list[Instance]:
        """Return all instances."""
        with self.store.read() as rows:
            return rows.all(INSTANCES)

    def images(self) -> list[Image]:
        """Return all images."""
        with self.store.read() as rows:
            return rows.all(IMAGES)

    def image_now(self, image: Image) -> Image:
        """Return an image as it is now."""
        return next(one for one in self.images() if one.id == image.id)

    def machine(self, instance: Instance) -> Machine | None:
        """Return the machine of an instance."""
        return self.host.machines.get(instance.id)

    def everything(self) -> object:
        """Return all that there is, to be compared."""
        with self.store.read() as rows:
            versions = [[(row.record, row.version) for row in rows.rows(kind)] for kind in KINDS]
        return versions, dict(self.host.machines), self.host.exposures

    # --- time ----------------------------------------------------------------------

    def wait(self, duration: timedelta) -> None:
        """Let time pass, and everything settle."""
        self.now += duration
        self.settle()

    def look(self) -> bool:
        """Have every duty look and its acts done; say whether there were any."""
        acts = [act for duty in self.duties for act in duty.look(self.now).acts]
        for act in acts:
            try:
                act.perform()
            except MachineError:
                continue
        return bool(acts)

    def settle(self, most: int = 60) -> None:
        """Look until there is nothing more to do."""
        for _ in range(most):
            before = self.everything()
            if not self.look() and self.everything() == before:
                return
        raise AssertionError(f"still busy after {most} looks: {self.everything()}")
