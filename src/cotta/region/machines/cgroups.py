"""Control groups: what bounds a machine, tells whether it runs, and finds its processes.

Three layouts of /sys/fs/cgroup are known: version 2 alone, version 1 with a hierarchy for each
controller, and both (hybrid), where each controller is in one of them: version 2 has those that
the kernel was told to leave out of version 1 (`cgroup_no_v1=memory`).  A machine is in a group of
its own in every hierarchy: its systemd takes the group for the root, and two machines in one would
mix their groups.
On a host with systemd that one makes the groups, and is asked for a delegated scope.
"""

from __future__ import annotations

import contextlib
import errno
import signal
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.system.descriptors import opened_process, signal_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT: Final = Path("/sys/fs/cgroup")

# Where systemd runs the host.
_SYSTEMD: Final = Path("/run/systemd/system")
_SCOPES: Final = "system.slice"

_PERIOD_MICROSECONDS: Final = 100_000
_POLL_SECONDS: Final = 0.01
_BUSY_SECONDS: Final = 5.0
_FREEZING: Final = timedelta(seconds=5)
_FREEZING_POLL_SECONDS: Final = 0.001
_CONTROLLERS: Final = ("cpu", "memory", "pids")


class CgroupError(Exception):
    """A machine can't be bounded: what is missing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a machine gets at most."""

    memory_mib: int
    cpus: float
    pids: int


@dataclass(frozen=True, slots=True)
class Hierarchies:
    """The hierarchies of version 1, by controller; `unified` is the one of version 2.

    Controllers that are not in version 1 are in that.  `slice` is below which group machines are:
    systemd's, or "" for the top.
    """

    controllers: Mapping[str, Path]
    unified: Path | None
    slice: str

    def is_in_version_2(self, controller: str) -> bool:
        """Say whether a controller is in the unified hierarchy."""
        return controller not in self.controllers

    @property
    def all(self) -> tuple[Path, ...]:
        """Every hierarchy, one after the other."""
        unified = (self.unified,) if self.unified is not None else ()
        return tuple(dict.fromkeys((*self.controllers.values(), *unified)))

    @property
    def has_systemd(self) -> bool:
        """Say whether systemd runs the host, and has to be asked for groups."""
        return bool(self.slice)


def find_hierarchies(
    mountinfo: str, in_version_2: Callable[[Path], str], *, has_systemd: bool
) -> Hierarchies:
    """Return the hierarchies that /proc/self/mountinfo tells of.

    `in_version_2` returns the controllers of a unified hierarchy: its `cgroup.controllers`.
    `CgroupError` if none has what a machine needs.
    """
    controllers: dict[str, Path] = {}
    unified: Path | None = None
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, rest = after.partition(" ")
        target = Path(before.split()[4])
        if kind == "cgroup2":
            unified = unified or target
        elif kind == "cgroup":
            for option in rest.split()[-1].split(","):
                if option not in {"rw", "xattr", "clone_children"}:
                    controllers.setdefault(option, target)
    there = {*controllers, *(in_version_2(unified).split() if unified is not None else ())}
    missing = [it for it in _CONTROLLERS if it not in there]
    if missing:
        raise CgroupError(
            f"This machine has no control groups for {', '.join(missing)}: "
            "instances can't be limited."
        )
    return Hierarchies(controllers, unified, _SCOPES if has_systemd else "")


def host_hierarchies() -> Hierarchies:
    """Return the hierarchies of this machine."""
    return find_hierarchies(
        Path("/proc/self/mountinfo").read_text(),
        lambda unified: (unified / "cgroup.controllers").read_text(),
        has_systemd=_SYSTEMD.is_dir(),
    )


def own_scope(systemd: Path = _SYSTEMD) -> list[str]:
    """Return what has to stand before a command that is to outlive whoever starts it.

    Where systemd runs the host it ends all processes of a service with that, and of a login.
    """
    if not systemd.is_dir():
        return []
    return ["systemd-run", "--scope", "--quiet", "--collect", "--slice=system.slice", "--"]


@dataclass(frozen=True, slots=True)
class _Freezer:
    """The file that a group is frozen by, what to write to it, and where it says so when it is."""

    file: Path
    freeze: str
    thaw: str
    told_by: Path
    frozen: str


class Cgroup:
    """A machine's groups, by one name in every hierarchy."""

    def __init__(self, hierarchies: Hierarchies, name: str) -> None:
        self._hierarchies = hierarchies
        self._name = f"{name}.scope" if hierarchies.has_systemd else name

    def command(self, limits: Limits) -> list[str]:
        """Return what has to stand before a command so that systemd puts it into the group."""
        if not self._hierarchies.has_systemd:
            return []
        properties = {
            "Delegate": "yes",
            "MemoryMax": f"{limits.memory_mib}M",
            "MemorySwapMax": "0",
            "CPUQuota": f"{limits.cpus * 100:.0f}%",
            "TasksMax": str(limits.pids),
        }
        asked = (f"--property={name}={value}" for name, value in properties.items())
        argv = ["systemd-run", "--scope", "--quiet", "--collect", f"--slice={_SCOPES}"]
        return [*argv, f"--unit={self._name}", *asked, "--"]

    def make(self, limits: Limits) -> list[Path]:
        """Make the groups with their limits; return the files that a process enters them by.

        Where systemd makes them there is nothing to do, and nothing to enter.
        """
        if self._hierarchies.has_systemd:
            return []
        groups = self._groups()
        for group in groups:
            group.mkdir(exist_ok=True)
            if group.parent != self._hierarchies.unified:
                _inherit_cpus(group)
        self._enable_controllers()
        for path, value in self._settings(limits):
            path.write_text(value)
        return [group / "cgroup.procs" for group in groups]

    def is_populated(self) -> bool:
        """Say whether any process is in the group, or below.

        Version 1 alone also counts those that have ended and that nobody has asked after.
        """
        try:
            if self._hierarchies.unified is not None:
                events = self._in(self._hierarchies.unified) / "cgroup.events"
                return "populated 1" in events.read_text()
            return (self.folder("pids") / "pids.current").read_text().strip() != "0"
        except FileNotFoundError:
            return False
        except OSError as error:
            if error.errno == errno.ENODEV:  # removed while it was read
                return False
            raise

    def processes(self) -> Iterator[int]:
        """Give the ids of the processes in the group and below, as they are found."""
        pending = [self._tracking]
        while pending:
            group = pending.pop()
            with contextlib.suppress(OSError):
                yield from map(int, (group / "cgroup.procs").read_text().split())
                pending += [it for it in group.iterdir() if it.is_dir()]

    def kill(self, timeout: timedelta) -> bool:
        """Kill every process in the group; say whether all have ended within `timeout`."""
        deadline = time.monotonic() + timeout.total_seconds()
        # In version 1 those that stand still don't even die.
        self.thaw()
        while self.is_populated():
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError), opened_process(pid) as process:
                    # It may have ended since, and its id gone to another.
                    if self.has(pid):
                        signal_process(process, signal.SIGKILL)
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    @contextlib.contextmanager
    def frozen(self, patience: timedelta = _FREEZING) -> Iterator[None]:
        """Have every process of the group stand still during a block.

        `CgroupError` if they don't within `patience`: one waits for a disk, say.  Where
        the group has no freezer they run on: a host's systemd makes none in version 1.
        """
        freezer = self._freezer
        if freezer is None:
            yield
            return
        try:
            deadline = time.monotonic() + patience.total_seconds()
            freezer.file.write_text(freezer.freeze)
            while freezer.frozen not in freezer.told_by.read_text():
                if time.monotonic() > deadline:
                    raise CgroupError(f"{freezer.file.parent} doesn't come to a standstill")
                time.sleep(_FREEZING_POLL_SECONDS)
            yield
        finally:
            self.thaw()

    def thaw(self) -> None:
        """Have the group's processes go on that were frozen; nothing happens if none is."""
        freezer = self._freezer
        if freezer is not None:
            with contextlib.suppress(FileNotFoundError):
                freezer.file.write_text(freezer.thaw)

    @property
    def _freezer(self) -> _Freezer | None:
        """What stops and starts all processes of the group; None if nothing does."""
        hierarchies = self._hierarchies
        if "freezer" in hierarchies.controllers:
            state = self.folder("freezer") / "freezer.state"
            if state.exists():
                return _Freezer(state, "FROZEN", "THAWED", state, "FROZEN")
        if hierarchies.unified is not None:
            group = self._in(hierarchies.unified)
            if (group / "cgroup.freeze").exists():
                return _Freezer(
                    group / "cgroup.freeze", "1", "0", group / "cgroup.events", "frozen 1"
                )
        return None

    def has(self, pid: int) -> bool:
        """Say whether a process is in the group, or below."""
        own = "/".join(part for part in (self._hierarchies.slice, self._name) if part)
        try:
            lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            return False
        return any(f"{line}/".partition(":/")[2].startswith(f"{own}/") for line in lines)

    def folder(self, controller: str) -> Path:
        """Return the group in which a controller keeps its figures."""
        hierarchy = self._hierarchies.controllers.get(controller) or self._hierarchies.unified
        assert hierarchy is not None, controller
        return self._in(hierarchy)

    def remove(self) -> None:
        """Remove the groups, with all below; nothing happens where there are none."""
        for group in self._groups():
            deadline = time.monotonic() + _BUSY_SECONDS
            while not _is_removed(group):
                if time.monotonic() > deadline:
                    raise CgroupError(f"{group} is still in use")
                time.sleep(_POLL_SECONDS)

    @property
    def _tracking(self) -> Path:
        """The group in the hierarchy that systemd uses to tell services apart."""
        named = self._hierarchies.controllers.get("name=systemd")
        top = named or self._hierarchies.unified or next(iter(self._hierarchies.all))
        return self._in(top)

    def _groups(self) -> list[Path]:
        return [self._in(hierarchy) for hierarchy in self._hierarchies.all]

    def _in(self, hierarchy: Path) -> Path:
        return hierarchy / self._hierarchies.slice / self._name

    def _enable_controllers(self) -> None:
        """Have version 2 share out what machines are limited in; its top may have processes."""
        top = self._hierarchies.unified
        asked = [f"+{one}" for one in _CONTROLLERS if self._hierarchies.is_in_version_2(one)]
        if top is None or not asked:
            return
        try:
            (top / "cgroup.subtree_control").write_text(" ".join(asked))
        except OSError as error:
            raise CgroupError(
                f"The control groups of this machine can't be used to limit instances: {error}"
            ) from None

    def _settings(self, limits: Limits) -> list[tuple[Path, str]]:
        return [
            *self._cpu_settings(int(limits.cpus * _PERIOD_MICROSECONDS)),
            (self.folder("pids") / "pids.max", str(limits.pids)),
            *self._memory_settings(limits.memory_mib * 1024 * 1024),
        ]

    def _cpu_settings(self, quota: int) -> list[tuple[Path, str]]:
        group = self.folder("cpu")
        if self._hierarchies.is_in_version_2("cpu"):
            return [(group / "cpu.max", f"{quota} {_PERIOD_MICROSECONDS}")]
        return [
            (group / "cpu.cfs_period_us", str(_PERIOD_MICROSECONDS)),
            (group / "cpu.cfs_quota_us", str(quota)),
        ]

    def _memory_settings(self, memory: int) -> list[tuple[Path, str]]:
        """Return the settings for memory and no swap; kernels without swap have no file for it.

        In an order that raises and lowers alike: memory and swap together, which is what version 1
        counts, must never be less than memory alone.
        """
        if self._hierarchies.is_in_version_2("memory"):
            swap = self.folder("memory") / "memory.swap.max"
            alone = [(self.folder("memory") / "memory.max", str(memory))]
            return [*alone, (swap, "0")] if swap.exists() else alone
        limit = self.folder("memory") / "memory.limit_in_bytes"
        together = self.folder("memory") / "memory.memsw.limit_in_bytes"
        if not together.exists():
            return [(limit, str(memory))]
        return [(together, "-1"), (limit, str(memory)), (together, str(memory))]


def _inherit_cpus(group: Path) -> None:
    """Let a new group of version 1's cpuset have what its parent has; else nobody can enter."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        own = group / name
        if own.exists() and not own.read_text().strip():
            own.write_text((group.parent / name).read_text())


def _is_removed(group: Path) -> bool:
    """Remove a group with all below; say whether that was possible: the last to end may linger."""
    try:
        if not all(_is_removed(below) for below in group.iterdir() if below.is_dir()):
            return False
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        return False
    return True
