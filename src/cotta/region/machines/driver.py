"""What the controller asks of whoever runs machines.

Every act may be repeated: after a crash it is decided again from what `machines` says.
Machines don't belong to the process that started them: they run on without it, and a
driver that is made anew on the same folder finds them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from cotta.region.model import InstanceId


class MachineState(Enum):
    """What is seen of a machine."""

    BOOTING = "booting"
    RUNNING = "running"
    # It has ended by itself or was stopped; its layer is still there.
    EXITED = "exited"
    # It never came up; what it said is in its console.
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine as it is seen: for which start of its instance, and how it is.

    `detail` says why it failed, in a sentence, with the console's last lines.
    """

    id: InstanceId
    boot: int
    state: MachineState
    detail: str = ""
    # The system paths of its image that it has changed.
    drift: tuple[str, ...] = ()


class LayerKind(Enum):
    """Where a machine's own writes go; both are limited in size."""

    # Fast, counts as the machine's memory, and lost when the host ends.
    MEMORY = "memory"
    DISK = "disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSpec:
    """All that is needed to start a machine for an instance.

    A machine that was stopped keeps its image and its layer: of a later spec's, only
    `boot`, the limits and the name count.
    """

    id: InstanceId
    boot: int
    image_digest: str
    private_ip: str
    mac: str
    subnet_cidr: str
    network_cidr: str
    host_name: str
    memory_mib: int
    cpus: float
    pids: int
    disk_gib: int
    layer: LayerKind = LayerKind.DISK
    default_user: str = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """A protocol, ports (None: all), and ranges of addresses at the other end.

    `protocol` is `tcp`, `udp`, `icmp`, a number, or `-1` for all.  A rule that names a
    security group has the addresses of its members in `peers`.
    """

    protocol: str
    from_port: int | None
    to_port: int | None
    peers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a machine's address may receive and reach, from its instance's security groups."""

    private_ip: str
    mac: str
    ingress: tuple[Permission, ...]
    egress: tuple[Permission, ...]


class MachineError(Exception):
    """An act could not be done: what was tried, what came back."""


class MachineDriver(Protocol):
    """Runs machines.  Each act returns when it is done and raises `MachineError` if it can't be.

    An act that has failed leaves the machine as it was, or in a state that `machines`
    shows: it can be repeated, and `remove` always takes away what there is.
    """

    def machines(self) -> Mapping[InstanceId, Machine]:
        """Return the machines there are, those that have ended included.  Quick."""
        ...

    def start(self, spec: MachineSpec) -> None:
        """Start a machine, fresh or on the layer that its stopped one left.

        Nothing happens if it runs already, or is booting.
        """
        ...

    def stop(self, instance: InstanceId, *, force: bool) -> None:
        """Have a machine shut down, or cut its power; its layer stays.

        Nothing happens if there is none, or it has ended.
        """
        ...

    def restart(self, instance: InstanceId) -> None:
        """Have a machine shut down and start again on its layer, as the same start."""
        ...

    def remove(self, instance: InstanceId) -> None:
        """End a machine if it runs, and leave nothing of it."""
        ...

    def seal(self, instance: InstanceId) -> str:
        """Make an image of a machine's image and layer; return its digest."""
        ...

    def keep_images(self, digests: Collection[str]) -> None:
        """Remove contents of images that are not among these, but what is new or in use."""
        ...

    def console(self, instance: InstanceId) -> bytes:
        """Return what a machine has said, the latest 64 KiB; nothing if there is none."""
        ...

    def expose(self, exposures: Sequence[Exposure]) -> None:
        """Let through what the security groups say now, and nothing else: all or nothing."""
        ...
