"""The duty that runs a machine for every instance, and makes images of machines."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, assert_never

from cotta.region.consoles import keep_console
from cotta.region.controller import Act, Outlook
from cotta.region.duties.specs import spec_of
from cotta.region.launching import let_go
from cotta.region.machines.driver import MachineError
from cotta.region.model import ImageState, InstanceState
from cotta.region.reconcile.instances import (
    Remove,
    Restart,
    Seal,
    Start,
    Stop,
    Trouble,
    finish_image,
    reconcile_instances,
    restart_after,
)
from cotta.region.store.kinds import (
    IMAGES,
    INSTANCES,
    KEPT_CONSOLES,
    NETWORK_INTERFACES,
    SNAPSHOTS,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cotta.region.machines.driver import MachineDriver
    from cotta.region.model import Image, ImageId, Instance, InstanceId, StateReason
    from cotta.region.reconcile.instances import Decision, Step
    from cotta.region.store.store import Reading, Row, Store, Writing

log: Final = logging.getLogger(__name__)

# A machine boots within a second; it is to be `running` soon after.
_SOON: Final = timedelta(milliseconds=50)

# Targets go on sending to an address until deregistration has drained: by default for so long.
ADDRESS_HELD: Final = timedelta(minutes=5)


class InstancesDuty:
    """Instances and machines, brought together."""

    name = "instances"

    def __init__(self, store: Store, driver: MachineDriver) -> None:
        self._store = store
        self._driver = driver
        self._troubles: dict[InstanceId, Trouble] = {}
        # Filled by workers: a step, and why it failed, if it did.
        self._outcomes: deque[tuple[Step, str | None]] = deque()

    def look(self, now: datetime) -> Outlook:
        """Bring instances and machines closer to each other."""
        self._take_outcomes()
        machines = self._driver.machines()
        with self._store.read() as rows:
            instances = {row.record.id: row for row in rows.rows(INSTANCES)}
            images = {
                row.record.id: row for row in rows.rows(IMAGES, state=ImageState.PENDING.value)
            }
            released = [one for one in rows.all(NETWORK_INTERFACES) if one.released_at is not None]
            decision = reconcile_instances(
                [row.record for row in instances.values()],
                machines,
                sorted(
                    (row.record for row in images.values() if row.record.source_instance),
                    key=lambda image: (image.created_at, image.id),
                ),
                self._troubles,
                now=now,
            )
            acts = [self._act(step, instances, rows) for step in decision.steps]
        free = [
            one.id
            for one in released
            if one.released_at is not None and now - one.released_at > ADDRESS_HELD
        ]
        if decision.instances or decision.images or decision.forgotten or free:
            with self._store.write(leads_to_room=True) as writing:
                self._write(writing, decision, instances, images, now)
                for interface_id in free:
                    writing.remove(NETWORK_INTERFACES, interface_id)
        return Outlook(acts, now + _SOON if decision.is_waiting else None)

    def _write(
        self,
        rows: Writing,
        decision: Decision,
        instances: dict[InstanceId, Row[Instance]],
        images: dict[ImageId, Row[Image]],
        now: datetime,
    ) -> None:
        """Write what was decided; what somebody else has changed meanwhile is decided again."""
        for instance in decision.instances:
            before = instances[instance.id]
            if not rows.put_if(INSTANCES, instance, before.version):
                continue
            if instance.state is not before.record.state:
                _log_state(instance.id, instance.state, instance.state_reason)
            if instance.state is InstanceState.TERMINATED:
                let_go(rows, instance, now=now)
        for image in decision.images:
            if rows.put_if(IMAGES, image, images[image.id].version):
                _log_state(image.id, image.state, image.state_reason)
                _let_instance_go_on(rows, image)
        for instance_id in decision.forgotten:
            rows.remove(INSTANCES, instance_id)
            rows.remove(KEPT_CONSOLES, instance_id)
            self._troubles.pop(instance_id, None)

    # --- acts ----------------------------------------------------------------------

    def _act(self, step: Step, instances: dict[InstanceId, Row[Instance]], rows: Reading) -> Act:
        work = self._work(step, instances, rows)

        def perform() -> None:
            try:
                work()
            except MachineError as error:
                self._outcomes.append((step, str(error)))
                raise
            self._outcomes.append((step, None))

        return Act(f"machine {step.instance}", perform)

    def _work(
        self, step: Step, instances: dict[InstanceId, Row[Instance]], rows: Reading
    ) -> Callable[[], None]:
        driver = self._driver
        match step:
            case Start(instance_id):
                spec = spec_of(rows, instances[instance_id].record)
                return lambda: driver.start(spec)
            case Stop(instance_id, force):
                return lambda: driver.stop(instance_id, force=force)
            case Restart():
                boot = instances[step.instance].record.boot
                return lambda: self._restart(step, boot)
            case Remove(instance_id):
                return lambda: self._remove(instance_id)
            case Seal():
                return lambda: self._seal(step)
        assert_never(step)

    def _remove(self, instance_id: InstanceId) -> None:
        keep_console(self._store, instance_id, self._driver.console(instance_id))
        self._driver.remove(instance_id)

    def _restart(self, step: Restart, boot: int) -> None:
        self._driver.restart(step.instance)
        with self._store.write(leads_to_room=True) as rows:
            instance = rows.find(INSTANCES, step.instance)
            if instance is not None and instance.boot == boot:
                done = max(instance.restarts_done, step.count)
                rows.put(INSTANCES, replace(instance, restarts_done=done))

    def _seal(self, step: Seal) -> None:
        digest = self._driver.seal(step.instance)
        with self._store.write(leads_to_room=True) as rows:
            image = rows.find(IMAGES, step.image)
            if image is None or image.state is not ImageState.PENDING:
                return
            rows.put(IMAGES, finish_image(image, digest))
            _log_state(image.id, ImageState.AVAILABLE, None)
            for device in image.devices:
                snapshot = rows.find(SNAPSHOTS, device.snapshot_id) if device.snapshot_id else None
                if snapshot is not None:
                    rows.put(SNAPSHOTS, replace(snapshot, state="completed", digest=digest))
            _let_instance_go_on(rows, image)

    def _take_outcomes(self) -> None:
        while self._outcomes:
            step, message = self._outcomes.popleft()
            if message is None:
                self._troubles.pop(step.instance, None)
                continue
            before = self._troubles.get(step.instance)
            count = before.count if before is not None and before.step == step else 0
            self._troubles[step.instance] = Trouble(step, count + 1, message)


def _log_state(name: str, state: InstanceState | ImageState, reason: StateReason | None) -> None:
    fields = {"id": name, "state": state.value}
    if reason is not None:
        fields["reason"] = reason.message
    log.info("state changed", extra=fields)


def _let_instance_go_on(rows: Writing, image: Image) -> None:
    """Have the instance run again that was stopped for an image."""
    if image.source_instance is None:
        return
    instance = rows.find(INSTANCES, image.source_instance)
    if instance is None:
        return
    after = restart_after(image, instance)
    if after != instance:
        rows.put(INSTANCES, after)
