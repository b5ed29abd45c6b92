"""The file format of images, and what is mounted where.

Squashfs, zstd at level 1: docs/decisions/0010 has the measurements.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.region.imagestore.errors import DiskFullError, ImageStoreError, MissingProgramError
from cotta.system.processes import NOT_FOUND, CommandError, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MAKE: Final = (
    "-comp", "zstd", "-Xcompression-level", "1",
    "-noappend", "-no-recovery", "-no-progress", "-quiet", "-exit-on-error",
)  # fmt: skip

# Words of programs that ran into a full disk.
_FULL: Final = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))

# How /proc/self/mountinfo writes what would be taken for the end of a field.
_ESCAPES: Final = {r"\040": " ", r"\011": "\t", r"\012": "\n", r"\134": "\\"}


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system: where, of which type, and of what."""

    place: Path
    kind: str
    source: str


def make(tree: Path, image: Path, *, latest: int) -> None:
    """Write the file of a tree's image; times past `latest` become `latest`."""
    # Also the time of the file system itself; mksquashfs clamps by it.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(latest), "LC_ALL": "C"}
    command("squashfs-tools", ["mksquashfs", str(tree), str(image), *_MAKE], environment)


def mount(image: Path, place: Path) -> None:
    """Mount an image's file, read-only."""
    command("mount", ["mount", "-t", "squashfs", "-o", "loop,ro", str(image), str(place)])


def mount_overlay(place: Path, *, lower: Sequence[Path], upper: Path, work: Path) -> None:
    """Mount folders upon one another, the first on top; what is written goes to `upper`.

    Redirections and half copies are switched off: each layer can be read by itself.
    """
    options = ",".join(
        (
            "redirect_dir=off,metacopy=off,index=off,xino=off",
            f"lowerdir={':'.join(_layer(one) for one in lower)}",
            f"upperdir={_layer(upper)},workdir={_layer(work)}",
        )
    )
    # The newer interface to mount takes no option of more than 255 bytes.
    environment = {**os.environ, "LIBMOUNT_FORCE_MOUNT2": "always"}
    argv = ["mount", "-t", "overlay", "-o", options, "overlay", str(place)]
    command("mount", argv, environment)


def mount_memory(place: Path) -> None:
    """Mount memory at a place, made if need be: nothing there is ever brought to the disk."""
    place.mkdir(exist_ok=True)
    command("mount", ["mount", "-t", "tmpfs", "-o", "mode=755", "cotta", str(place)])


def unmount(place: Path) -> None:
    """Unmount what was mounted last at a place."""
    command("mount", ["umount", str(place)])


def mounts(below: Path) -> list[Mount]:
    """Return what is mounted at or below a folder, in the order it was mounted."""
    found = []
    table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        place = Path(_plain(before.split(" ")[4]))
        if place == below or below in place.parents:
            kind, source = after.split(" ")[:2]
            found.append(Mount(place, kind, _plain(source)))
    return found


def is_mount(place: Path) -> bool:
    """Say whether something is mounted at a place.  Quick."""
    try:
        return place.lstat().st_dev != place.parent.lstat().st_dev
    except FileNotFoundError:
        return False


def is_of(source: str, image: Path) -> bool:
    """Say whether a loop device shows an image's file, whatever name it was opened by.

    `mount` takes a device that there is for the same file; a name of it may be gone by then.
    """
    argv = ["losetup", "--noheadings", "--output", "BACK-INO,BACK-MAJ:MIN", source]
    try:
        inode, device = command("mount", argv).split()
        status = image.stat()
    except (ImageStoreError, OSError, ValueError):
        return False
    return (inode, device) == (
        str(status.st_ino),
        f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}",
    )


def command(package: str, argv: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a program of a Debian package; return what it says, raise `ImageStoreError`."""
    try:
        return run(argv, environment=environment).stdout
    except CommandError as error:
        if error.status == NOT_FOUND:
            raise MissingProgramError(
                f"{argv[0]} is not installed. Install it: apt-get install {package}"
            ) from error
        if any(word in error.tail for word in _FULL):
            raise DiskFullError(f"The disk is full: {error}") from error
        raise ImageStoreError(str(error)) from error


def _plain(field: str) -> str:
    for escape, plain in _ESCAPES.items():
        field = field.replace(escape, plain)
    return field


def _layer(folder: Path) -> str:
    text = str(folder)
    # The kernel has no way to write these that `mount` hands on unchanged.
    if any(mark in text for mark in ',:\\"'):
        raise ImageStoreError(f"An image store can't be in {text}: its path has one of , : \\ \"")
    return text
