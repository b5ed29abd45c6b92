"""Mount file systems: the only door to `mount` and its kin.

The system calls are made directly: a command would cost a fork for each, and none in
Debian 12 knows how to shift owners.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.system.processes import Process, start

if TYPE_CHECKING:
    from collections.abc import Iterator

# As many user ids as a namespace has: whatever fits into 16 bits.
OWNERS: Final = 65536

_NO_ACCESS_TIMES: Final = 0x400
_BIND: Final = 0x1000
_SHARED: Final = 0x100000
_DETACH: Final = 0x2
_NO_FOLLOW: Final = 0x8

# The numbers of system calls that came with Linux 5, the same on every architecture.
_OPEN_TREE: Final = 428
_MOVE_MOUNT: Final = 429
_MOUNT_SETATTR: Final = 442
_HERE: Final = -100
_CLONE: Final = 0x1
_CLOSE_ON_EXEC: Final = 0o2000000
_EMPTY_PATH: Final = 0x1000
_FROM_DESCRIPTOR: Final = 0x4
_SHIFTED: Final = 0x100000


_OCTAL: Final = re.compile(r"\\([0-7]{3})")


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("namespace", ctypes.c_uint64),
    )


def mount(source: str, target: Path, kind: str, options: str = "") -> None:
    """Mount a file system of a kind, without access times; `OSError` if that can't be done."""
    _call(
        "mount",
        source.encode(),
        os.fsencode(target),
        kind.encode(),
        ctypes.c_ulong(_NO_ACCESS_TIMES),
        options.encode(),
        what=f"mount {kind} on {target}",
    )


def mount_shared(folder: Path) -> None:
    """Make a folder a mount, unless it is one, from which others' copies learn of unmounting.

    Without it, on a host whose root is private, a process that has a mount namespace of its own
    keeps whatever was mounted when it began.
    """
    if not is_mount(folder):
        path = os.fsencode(folder)
        for flags in (_BIND, _SHARED):
            _call("mount", path, path, b"", ctypes.c_ulong(flags), b"", what=f"share {folder}")


def unmount(target: Path) -> None:
    """Take a mount away, at the latest when nobody uses it any more; none there is fine."""
    try:
        _call("umount2", os.fsencode(target), _DETACH | _NO_FOLLOW, what=f"unmount {target}")
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOENT}:
            raise


def is_mount(path: Path) -> bool:
    """Say whether something is mounted just there."""
    return any(it.target == path for it in mounts())


@dataclass(frozen=True, slots=True)
class Mount:
    """A mount of this machine: where it is, of what kind, from what source."""

    target: Path
    kind: str
    source: str


def mounts() -> list[Mount]:
    """Return all mounts, in the order they were made."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, source, _ = after.split(" ", 2)
        # Blanks and the like are written in octal.
        target = _OCTAL.sub(lambda code: chr(int(code[1], 8)), before.split()[4])
        found.append(Mount(Path(target), kind, source))
    return found


def mounts_below(folder: Path) -> list[Path]:
    """Return where something is mounted in a folder, the latest first."""
    return [it.target for it in mounts()[::-1] if it.target.is_relative_to(folder)]


def mount_of(path: Path) -> Mount:
    """Return the mount that a path is on."""
    above = [it for it in mounts() if path.is_relative_to(it.target)]
    # Of several at one place the latest is seen.
    return max(enumerate(above), key=lambda it: (len(it[1].target.parts), it[0]))[1]


def mount_shifted(source: Path, target: Path, *, inside: int, outside: int) -> None:
    """Show the tree at `source` at `target`, with the owners `inside` + n as `outside` + n.

    Owners outside these 65,536 are shown as nobody.  Needs Linux 5.12, and a file system
    that can do it; `OSError` otherwise.
    """
    with _user_namespace(inside, outside) as namespace, _tree(source) as tree:
        wanted = _Attributes(_SHIFTED, 0, 0, namespace)
        size = ctypes.sizeof(wanted)
        what = f"shift the owners of {source}"
        _syscall(_MOUNT_SETATTR, tree, b"", _EMPTY_PATH, ctypes.byref(wanted), size, what=what)
        to = os.fsencode(target)
        _syscall(_MOVE_MOUNT, tree, b"", _HERE, to, _FROM_DESCRIPTOR, what=f"mount {target}")


@contextlib.contextmanager
def _tree(source: Path) -> Iterator[int]:
    tree = _syscall(
        _OPEN_TREE, _HERE, os.fsencode(source), _CLONE | _CLOSE_ON_EXEC, what=f"clone {source}"
    )
    try:
        yield tree
    finally:
        os.close(tree)


@contextlib.contextmanager
def _user_namespace(inside: int, outside: int) -> Iterator[int]:
    """Open a user namespace in which the ids from `inside` are those from `outside`.

    Only a process can make one, and only one that has no threads: so it is another's.
    """
    with start(["unshare", "--user", "--", "sh", "-c", "echo; read -r _"]) as process:
        if not process.stdout.readline():
            raise OSError(f"no user namespace can be made: {process.stderr.read().decode()}")
        for ids in ("uid_map", "gid_map"):
            Path(f"/proc/{process.pid}/{ids}").write_text(f"{inside} {outside} {OWNERS}")
        namespace = _open_namespace(process)
        try:
            yield namespace
        finally:
            os.close(namespace)


def _open_namespace(process: Process) -> int:
    return os.open(f"/proc/{process.pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)


def _syscall(*arguments: object, what: str) -> int:
    # As wide as a register is, whatever the function takes.
    wide = (ctypes.c_long(it) if isinstance(it, int) else it for it in arguments)
    return _call("syscall", *wide, what=what)


def _call(name: str, *arguments: object, what: str) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(libc[name](*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
