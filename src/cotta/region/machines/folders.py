"""What is kept of a machine on disk, so that any driver finds it again.

`record` says what it was made of; a folder without it is no machine.  `boot` is written by
the machine's own starter, whatever becomes of the driver; `ready-N` and `stopped-N` say what
was seen of the Nth boot.  All else is asked of the kernel.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.machines.driver import LayerKind, MachineSpec
from cotta.region.model import InstanceId
from cotta.system.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_RECORD: Final = "record"
_GONE: Final = ".gone-"


@dataclass(frozen=True, slots=True)
class Record:
    """What a machine is made of; `owner_base` is the host's user id that is its root."""

    spec: MachineSpec
    owner_base: int


@dataclass(frozen=True, slots=True)
class Boot:
    """The latest start of a machine: its number, and the process that looks after it.

    `notices` is the descriptor on which that process holds what the machine says of
    itself; `started_at` is counted in the kernel's ticks since the host started.
    """

    number: int
    notices: int
    starter: int
    started_at: int


class MachineFolder:
    """A machine's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root = path / "root"
        self.lower = path / "lower"
        self.layer = path / "layer"
        self.disk = path / "disk.img"
        self.sealed = path / "sealed"

    @property
    def upper(self) -> Path:
        """Where the machine's writes are, in its layer."""
        return self.layer / "upper"

    @property
    def work(self) -> Path:
        """What the kernel needs beside."""
        return self.layer / "work"

    @property
    def is_machine(self) -> bool:
        """Say whether there is a machine."""
        return (self.path / _RECORD).exists()

    def record(self) -> Record | None:
        """Return what the machine is made of; None if there is no machine."""
        try:
            content = json.loads((self.path / _RECORD).read_bytes())
        except FileNotFoundError:
            return None
        return Record(_decode(content["spec"]), int(content["owner_base"]))

    def keep(self, record: Record) -> None:
        """Write down what the machine is made of."""
        content = {"spec": _encode(record.spec), "owner_base": record.owner_base}
        self.path.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path / _RECORD, json.dumps(content, indent=1).encode())

    def boot(self) -> Boot | None:
        """Return the latest start, as its starter wrote it down; None if it never came so far."""
        try:
            number, notices, status = (self.path / "boot").read_text().split("\n", 2)
        except FileNotFoundError:
            return None
        # See proc(5): the name, in parentheses, may have anything in it.
        pid, _, _ = status.partition(" ")
        started_at = status.rpartition(")")[2].split()[19]
        return Boot(int(number), int(notices), int(pid), int(started_at))

    def has(self, what: str, boot: int) -> bool:
        """Say whether something was seen of a boot: `ready`, `stopped`."""
        return (self.path / f"{what}-{boot}").exists()

    def note(self, what: str, boot: int) -> None:
        """Write down that something was seen of a boot; a machine that is gone needs no note."""
        with contextlib.suppress(FileNotFoundError):
            (self.path / f"{what}-{boot}").touch()

    def unnote(self, what: str, boot: int) -> None:
        """Take back what was written down of a boot."""
        (self.path / f"{what}-{boot}").unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete it with everything in it: at once for whoever looks; nothing may be mounted there.

        What a crash leaves of it goes when that is repeated, or with `clear_gone`.
        """
        gone = self.path.with_name(f"{_GONE}{self.path.name}")
        if gone.exists():
            shutil.rmtree(gone)
        if self.path.exists():
            self.path.rename(gone)
            shutil.rmtree(gone)


def folders_in(path: Path) -> Iterator[tuple[InstanceId, MachineFolder]]:
    """Give the machines' folders below `path`, by instance."""
    if path.is_dir():
        for entry in sorted(path.iterdir()):
            if entry.is_dir() and not entry.name.startswith("."):
                yield InstanceId(entry.name), MachineFolder(entry)


def clear_gone(path: Path) -> None:
    """Delete what is left of machines that were being deleted."""
    for gone in path.glob(f"{_GONE}*"):
        shutil.rmtree(gone, ignore_errors=True)


def continued(former: MachineSpec, wanted: MachineSpec) -> MachineSpec:
    """Return the spec of a machine that starts on the layer it had before.

    Of the new spec only the boot, the limits and the name count.
    """
    return replace(
        former,
        boot=wanted.boot,
        host_name=wanted.host_name,
        memory_mib=wanted.memory_mib,
        cpus=wanted.cpus,
        pids=wanted.pids,
    )


def _encode(spec: MachineSpec) -> dict[str, Any]:
    return {**asdict(spec), "layer": spec.layer.value}


def _decode(content: dict[str, Any]) -> MachineSpec:
    return MachineSpec(
        **{**content, "id": InstanceId(content["id"]), "layer": LayerKind(content["layer"])}
    )
