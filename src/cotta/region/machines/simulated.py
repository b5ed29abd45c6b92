"""Machines that are only played: the twin of the real driver, for tests and simulations."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from cotta.region.machines.driver import Machine, MachineError, MachineSpec, MachineState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from cotta.region.machines.driver import Exposure
    from cotta.region.model import InstanceId

_ALIVE = frozenset({MachineState.BOOTING, MachineState.RUNNING})


class Host:
    """What outlives a driver: the machines themselves, and what they may reach."""

    def __init__(self) -> None:
        self.machines: dict[InstanceId, Machine] = {}
        self.specs: dict[InstanceId, MachineSpec] = {}
        self.exposures: tuple[Exposure, ...] = ()
        self.kept_images: frozenset[str] | None = None


class SimulatedMachines:
    """A driver whose machines boot at once, and fail where a test says so.

    `before_act` is called with the name of each act and may raise
    `MachineError`.  Images whose digest is in `broken` never come up; while
    `is_slow`, machines stay booting until `boot` is called.  Drivers of the same
    `host` see the same machines.
    """

    def __init__(
        self, before_act: Callable[[str], None] = lambda _: None, *, host: Host | None = None
    ) -> None:
        self.before_act = before_act
        self.broken: set[str] = set()
        self.is_slow = False
        self.host = host or Host()

    @property
    def exposures(self) -> Sequence[Exposure]:
        """What may be reached."""
        return self.host.exposures

    @property
    def specs(self) -> Mapping[InstanceId, MachineSpec]:
        """What each machine was started from."""
        return self.host.specs

    def machines(self) -> Mapping[InstanceId, Machine]:
        """Return the machines there are."""
        return dict(self.host.machines)

    def start(self, spec: MachineSpec) -> None:
        """Start a machine; it runs at once, or has failed at once."""
        self.before_act("start")
        there = self.host.machines.get(spec.id)
        if there is not None and there.state in _ALIVE:
            return
        left = self.host.specs.get(spec.id, spec)
        spec = replace(spec, image_digest=left.image_digest, disk_gib=left.disk_gib)
        self.host.specs[spec.id] = spec
        state = MachineState.BOOTING if self.is_slow else MachineState.RUNNING
        is_broken = spec.image_digest in self.broken
        self.host.machines[spec.id] = Machine(
            id=spec.id,
            boot=spec.boot,
            state=MachineState.FAILED if is_broken else state,
            detail="The console ends with: Kernel panic" if is_broken else "",
            drift=there.drift if there is not None else (),
        )

    def stop(self, instance: InstanceId, *, force: bool) -> None:  # noqa: ARG002 - the same here
        """Stop a machine."""
        self.before_act("stop")
        self.power_off(instance)

    def restart(self, instance: InstanceId) -> None:
        """Start a machine again."""
        self.before_act("restart")
        if instance not in self.host.machines:
            raise MachineError(f"{instance} has no machine to start again")
        self._change(instance, MachineState.BOOTING if self.is_slow else MachineState.RUNNING)

    def remove(self, instance: InstanceId) -> None:
        """Forget a machine."""
        self.before_act("remove")
        self.lose(instance)

    def seal(self, instance: InstanceId) -> str:
        """Return a digest that depends on the machine and what it was made of."""
        self.before_act("seal")
        if instance not in self.host.specs:
            raise MachineError(f"{instance} has no machine to make an image of")
        spec = self.host.specs[instance]
        return hashlib.sha256(f"{spec.image_digest} {instance}".encode()).hexdigest()

    def keep_images(self, digests: Collection[str]) -> None:
        """Remember what is to be kept."""
        self.before_act("keep_images")
        self.host.kept_images = frozenset(digests)

    def console(self, instance: InstanceId) -> bytes:
        """Return a line that names the machine."""
        return f"{instance} login: \n".encode() if instance in self.host.machines else b""

    def expose(self, exposures: Sequence[Exposure]) -> None:
        """Remember what may be reached."""
        self.before_act("expose")
        self.host.exposures = tuple(exposures)

    def boot(self, instance: InstanceId) -> None:
        """Have a machine that was slow come up."""
        self._change(instance, MachineState.RUNNING)

    def power_off(self, instance: InstanceId) -> None:
        """Have a machine end by itself, as when someone in it says `poweroff`."""
        if self._is_alive(instance):
            self._change(instance, MachineState.EXITED)

    def write(self, instance: InstanceId, path: str) -> None:
        """Have a machine change a system path of its image."""
        machine = self.host.machines[instance]
        drift = tuple(sorted({*machine.drift, path}))
        self.host.machines[instance] = replace(machine, drift=drift)

    def lose(self, instance: InstanceId) -> None:
        """Have a machine vanish, as when the host was started anew."""
        self.host.machines.pop(instance, None)
        self.host.specs.pop(instance, None)

    def _is_alive(self, instance: InstanceId) -> bool:
        machine = self.host.machines.get(instance)
        return machine is not None and machine.state in _ALIVE

    def _change(self, instance: InstanceId, state: MachineState) -> None:
        self.host.machines[instance] = replace(self.host.machines[instance], state=state)
