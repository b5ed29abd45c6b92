"""Whether a region can run on this machine: everything that is in the way, at once."""

from __future__ import annotations

import os
import platform
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.region.networks.bridge import host_ranges
from cotta.region.networks.plan import free_network, overlapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cotta.region.home import Home, Settings

# Programs, and the Debian package that has each.
PROGRAMS: Final[Mapping[str, str]] = {
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "nft": "nftables",
    "haproxy": "haproxy",
    "mksquashfs": "squashfs-tools",
    "mkfs.ext4": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
}

_FILE_SYSTEMS: Final = ("overlay", "squashfs")
_LEAST_MEMORY_MIB: Final = 512
_LEAST_DISK_MIB: Final = 2048

# Where the first region on a machine listens; further ones, and whoever is there already, are
# passed over.
_FIRST_PORT: Final = 4580
_PORTS: Final = 200

SBIN: Final = "/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something in the way: what, and what to do about it."""

    summary: str
    detail: str


def _free_mib(folder: Path) -> int:
    return shutil.disk_usage(folder).free // 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The machine that is looked at: this one, or one that a test has laid out in a folder.

    `root` is where its `/proc`, `/sys`, `/dev` and `/lib/modules` are, `path` where its programs
    are; `free_mib` says how much room the disk of a folder has left.
    """

    is_root: bool
    path: str
    release: str
    root: Path = Path("/")
    free_mib: Callable[[Path], int] = _free_mib


def this_host() -> Host:
    """Return the machine that this runs on, as whoever runs it."""
    path = with_sbin(os.environ.get("PATH", os.defpath))
    return Host(is_root=os.geteuid() == 0, path=path, release=platform.release())


class NoRoomError(Exception):
    """There is no port, or no range of addresses, left on this machine."""


def find_obstacles(
    home: Home,
    settings: Settings | None,
    *,
    port: int | None = None,
    host: Host | None = None,
    programs: Mapping[str, str] = PROGRAMS,
) -> list[Obstacle]:
    """Return everything that keeps a region from running; nothing is changed.

    `settings` are those of a region that was up before; `port` is one that somebody wants.  It is
    this machine that is looked at, if no other is given, and for `programs`.
    """
    host = host or this_host()
    if not host.is_root:
        # What else is missing can't be seen without it.
        return [
            Obstacle(
                "A region needs root",
                "Machines, their networks and their disks can be made by root only. Run it again "
                "with sudo.",
            )
        ]
    found = [
        *_missing_programs(host, programs),
        *_missing_kernel_features(host),
        *_missing_memory(host),
        *_missing_disk(host, home.folder),
        *_strangers(home),
    ]
    wanted = port or (settings.port if settings is not None else None)
    if wanted is not None and not is_free(wanted):
        found.append(_taken_port(wanted))
    if settings is not None and shutil.which("ip", path=host.path) is not None:
        found += _taken_range(settings, home)
    return found


def choose_port() -> int:
    """Return a port on loopback that nobody listens on."""
    for port in range(_FIRST_PORT, _FIRST_PORT + _PORTS):
        if is_free(port):
            return port
    raise NoRoomError(f"every port from {_FIRST_PORT} to {_FIRST_PORT + _PORTS - 1} is in use")


def choose_network() -> str:
    """Return a range of addresses that this machine has no route to."""
    try:
        return free_network(host_ranges())
    except ValueError as error:
        raise NoRoomError(str(error)) from None


def is_free(port: int) -> bool:
    """Say whether a port on loopback can be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the server does: a port whose last connections are just closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def with_sbin(path: str) -> str:
    """Return a PATH that has the folders of the programs for root, which some shells lack."""
    there = path.split(":")
    return ":".join([path, *(folder for folder in SBIN.split(":") if folder not in there)])


def total_memory_mib() -> int:
    """Return how much memory this machine has."""
    return _memory(Path("/"))["MemTotal"]


# --- what may be missing ----------------------------------------------------------------


def _missing_programs(host: Host, programs: Mapping[str, str]) -> Iterator[Obstacle]:
    missing = [program for program in programs if shutil.which(program, path=host.path) is None]
    if missing:
        packages = dict.fromkeys(programs[program] for program in missing)
        yield Obstacle(
            "Programs are missing",
            f"A region needs {_listed(missing)}. On Debian and Ubuntu:\n"
            f"    apt-get install --no-install-recommends {' '.join(packages)}",
        )


def _missing_kernel_features(host: Host) -> Iterator[Obstacle]:
    lines = (host.root / "proc/filesystems").read_text().splitlines()
    there = {line.split()[-1] for line in lines if line}
    modules = _modules(host)
    missing = [name for name in _FILE_SYSTEMS if name not in there and name not in modules]
    if missing:
        yield Obstacle(
            "The kernel lacks file systems",
            f"Machines run on {_listed(missing)}, which this kernel has neither built in nor as "
            "a module. Boot one that has them: Debian's and Ubuntu's own do.",
        )
    if not (host.root / "dev/loop-control").exists() and "loop" not in modules:
        yield Obstacle(
            "The kernel lacks loop devices",
            "Images are mounted through them, and there is no /dev/loop-control. Boot a kernel "
            "that has them; in a container, start that with the devices of its host.",
        )
    namespaces = [
        kind
        for kind in ("net", "mnt", "pid", "uts", "ipc")
        if not (host.root / "proc/self/ns" / kind).exists()
    ]
    if namespaces:
        yield Obstacle(
            "The kernel lacks namespaces",
            f"Machines are kept apart by namespaces, and those called {_listed(namespaces)} "
            "are not there. Boot a kernel that has them: Debian's and Ubuntu's own do.",
        )
    if not any((host.root / "sys/fs/cgroup").glob("*")):
        yield Obstacle(
            "There are no control groups",
            "Machines are limited by control groups, and none are mounted below /sys/fs/cgroup. "
            "As root: mount -t cgroup2 none /sys/fs/cgroup",
        )


def _modules(host: Host) -> set[str]:
    """Return the modules that this kernel can load, and those built into it."""
    folder = host.root / "lib/modules" / host.release
    found: set[str] = set()
    for name in ("modules.dep", "modules.builtin"):
        try:
            lines = (folder / name).read_text().splitlines()
        except OSError:
            continue
        found |= {Path(line.partition(":")[0]).name.partition(".")[0] for line in lines}
    return found


def _missing_memory(host: Host) -> Iterator[Obstacle]:
    available = _memory(host.root)["MemAvailable"]
    if available < _LEAST_MEMORY_MIB:
        yield Obstacle(
            "There is too little memory",
            f"{available} MiB are available, and a region with one small machine needs "
            f"{_LEAST_MEMORY_MIB}. End other programs first.",
        )


def _memory(root: Path) -> dict[str, int]:
    """Return what the kernel says about memory, in MiB."""
    lines = (root / "proc/meminfo").read_text().splitlines()
    return {line.partition(":")[0]: int(line.split()[1]) // 1024 for line in lines if line}


def _missing_disk(host: Host, folder: Path) -> Iterator[Obstacle]:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir():
        yield Obstacle("The data folder is none", f"{there} is a file.")
        return
    if not os.access(there, os.W_OK):
        yield Obstacle(
            "The data folder can't be written",
            f"{there} is read-only. Set COTTA_HOME to another place.",
        )
        return
    free = host.free_mib(there)
    if free < _LEAST_DISK_MIB:
        yield Obstacle(
            "There is too little room on the disk",
            f"{there} has {free} MiB left, and images and machines need {_LEAST_DISK_MIB} to "
            "begin with. Make room, or set COTTA_HOME to a place on another disk.",
        )


def _strangers(home: Home) -> Iterator[Obstacle]:
    names = home.strangers()
    if names:
        shown = _listed([*names[:3], *(["more"] if len(names) > 3 else [])])
        yield Obstacle(
            "The data folder is somebody else's",
            f"{home.folder} is no region's, and has {shown} in it. Set COTTA_HOME to a folder that "
            "is empty or not there yet.",
        )


def _taken_port(port: int) -> Obstacle:
    return Obstacle(
        "The port is taken",
        f"The region's API is to listen on port {port} of 127.0.0.1, where some other program "
        "is listening now. End that, or name another port: cotta region up -port=NUMBER.",
    )


def _taken_range(settings: Settings, home: Home) -> Iterator[Obstacle]:
    """Say what else has taken the addresses of a region that was up before."""
    plan = home.plan(settings)
    if Path("/run/netns", plan.namespace).exists():
        return
    others = overlapping(settings.network, host_ranges())
    if others:
        yield Obstacle(
            "The range of addresses is taken",
            f"The region's network is {settings.network}, and this machine now has a route to "
            f"{_listed(others)}: another region, a VPN or a container network. Take that away "
            "first; the region's machines can't change their addresses.",
        )


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
