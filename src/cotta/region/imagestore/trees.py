"""Read a folder into the entries of a listing."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from typing import TYPE_CHECKING, Final

from cotta.region.imagestore.listings import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_KINDS: Final = {
    stat.S_IFREG: "f",
    stat.S_IFDIR: "d",
    stat.S_IFLNK: "l",
    stat.S_IFCHR: "c",
    stat.S_IFBLK: "b",
    stat.S_IFIFO: "p",
    stat.S_IFSOCK: "s",
}

# What the image's file system can keep.  The others (access control lists) are the
# host's affair, and squashfs drops them.
_KEPT_ATTRIBUTES: Final = ("user.", "security.", "trusted.")

# squashfs has 32 bits for a time.
_LATEST: Final = 2**32 - 1


def read_tree(
    root: Path,
    *,
    latest: int,
    known: Callable[[str], Entry | None] = lambda _path: None,
) -> Iterator[Entry]:
    """Yield every entry of the tree, in no order; times past `latest` are given as `latest`.

    `known` may spare the reading: what it returns for a path is taken as it is.  Links are
    never followed.
    """
    pending: list[tuple[str, str]] = [(os.fspath(root), "")]
    while pending:
        folder, path = pending.pop()
        with os.scandir(folder) as found:
            for entry in found:
                below = f"{path}/{entry.name}"
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    pending.append((entry.path, below))
                yield known(below) or _read(entry.path, below, status, latest)
    status = root.lstat()
    yield known("/") or _read(os.fspath(root), "/", status, latest)


def _read(place: str, path: str, status: os.stat_result, latest: int) -> Entry:
    kind = _KINDS[stat.S_IFMT(status.st_mode)]
    size, content = 0, ""
    if kind == "f":
        with open(place, "rb", buffering=0) as file:  # noqa: PTH123 - hot, and a text already
            content = hashlib.file_digest(file, "sha256").hexdigest()
        size = status.st_size
    elif kind == "l":
        content = os.readlink(place)  # noqa: PTH115 - hot, and a text already
    elif kind in "cb":
        content = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    return Entry(
        path=path,
        kind=kind,
        mode=stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        modified=clamp(status.st_mtime_ns, latest),
        size=size,
        content=content,
        attributes=_attributes(place),
    )


def clamp(modified_nanoseconds: int, latest: int) -> int:
    """Return a time in whole seconds as an image has it: not before 1970, not after `latest`."""
    return max(0, min(modified_nanoseconds // 1_000_000_000, latest, _LATEST))


def _attributes(place: str) -> dict[str, bytes]:
    try:
        names = os.listxattr(place, follow_symlinks=False)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return {}
        raise
    return {
        name: os.getxattr(place, name, follow_symlinks=False)
        for name in names
        if name.startswith(_KEPT_ATTRIBUTES)
    }
