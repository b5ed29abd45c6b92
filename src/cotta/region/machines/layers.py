"""A machine's root: the image, shared and read-only, below a layer of its own, limited in size.

The disk layer is an ext4 in a sparse file, made in 5 ms and mounted in 10 (measured: a
quota by project would need one that the host's own file system seldom has; xfs would need
another package).  Where the kernel can, the image's owners are shifted into a range that no
one on the host has, and the layer has the shifted ones in it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from cotta.region.machines.driver import LayerKind
from cotta.system.files import lock_file
from cotta.system.mounts import is_mount, mount, mount_shifted, mounts_below, unmount
from cotta.system.processes import run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from cotta.region.machines.driver import MachineSpec
    from cotta.region.machines.folders import MachineFolder, Record

# Owners below this are the host's own, and those of systemd's own containers lie in
# the same range as ours: 0x30000000 and the 16,384 ranges after it.
_FIRST_RANGE: Final = 0x30000000
_RANGES: Final = 0x4000
_RANGE_BITS: Final = 16

# For a layer without a host's own crash in mind, yet it survives one: a small journal,
# and tables that are not written until they are used.
_MAKE_EXT4: Final = (
    "mkfs.ext4 -q -F -m 0 -i 16384 -J size=4 -O ^resize_inode "
    "-E lazy_itable_init=1,lazy_journal_init=1,nodiscard"
)
_EXT4_OPTIONS: Final = "loop,noatime,discard,noinit_itable"


_TRIAL: Final = ".trial"
_TRIAL_WAIT: Final = timedelta(seconds=30)
# What a kernel says to what it does not know, or does not allow.
_IMPOSSIBLE: Final = frozenset(
    {errno.EINVAL, errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EACCES}
)


class Sealed(Protocol):
    """What is known of an image that was made."""

    @property
    def digest(self) -> str:
        """What it is known by."""
        ...


class Images(Protocol):
    """Where machines get their images from: the image store."""

    def mount(self, digest: str) -> Path:
        """Return where the image is mounted, read-only."""
        ...

    def seal(self, lower: str, upper: Path) -> Sealed:
        """Make an image of an image and what was written over it."""
        ...

    def building(self) -> AbstractContextManager[Path]:
        """Return a folder for a block, of which nothing is left afterwards."""
        ...

    def remove_unused(self, used: Collection[str], *, older_than: timedelta) -> list[str]:
        """Remove the images that are not among those used, new or busy; return which."""
        ...


def owner_base(private_ip: str, *, can_shift: bool) -> int:
    """Return the host's user id for the root of the machine with an address; 0: the host's root.

    Machines of one network have different ones, as long as their addresses differ
    in the last 14 bits: the default subnets' do.
    """
    if not can_shift:
        return 0
    third, fourth = (int(part) for part in private_ip.split(".")[2:])
    return _FIRST_RANGE + ((third * 256 + fourth) % _RANGES << _RANGE_BITS)


def assemble(folder: MachineFolder, record: Record, images: Images) -> None:
    """Mount a machine's root, as far as it is not mounted yet; `OSError` or `CommandError`."""
    if is_mount(folder.root):
        return
    for path in (folder.root, folder.lower, folder.layer):
        path.mkdir(exist_ok=True)
    unmount(folder.lower)
    if not is_mount(folder.layer):
        _mount_layer(folder, record.spec)
    if not folder.work.exists():
        folder.upper.mkdir(exist_ok=True)
        folder.upper.chmod(0o755)
        if record.owner_base:
            os.chown(folder.upper, record.owner_base, record.owner_base)
        folder.work.mkdir()
    image = images.mount(record.spec.image_digest)
    if record.owner_base:
        mount_shifted(image, folder.lower, inside=0, outside=record.owner_base)
    lower = folder.lower if record.owner_base else image
    _mount_overlay(folder.root, lower, folder.upper, folder.work)
    # The root holds on to it; it need not be seen.
    unmount(folder.lower)


def take_apart(folder: MachineFolder) -> None:
    """Unmount whatever is mounted in a machine's folder."""
    for target in mounts_below(folder.path):
        unmount(target)


@contextlib.contextmanager
def written(folder: MachineFolder, record: Record) -> Iterator[Path]:
    """Give what a machine has written over its image, with the owners as it sees them."""
    if not record.owner_base:
        yield folder.upper
        return
    folder.sealed.mkdir(exist_ok=True)
    unmount(folder.sealed)
    mount_shifted(folder.layer, folder.sealed, inside=record.owner_base, outside=0)
    try:
        yield folder.sealed / folder.upper.name
    finally:
        unmount(folder.sealed)


def can_shift_owners(folder: Path, image: Path) -> bool:
    """Say whether an image can be a machine's with other owners here; tried out in a folder."""
    with lock_file(folder / f"{_TRIAL}.lock", wait=_TRIAL_WAIT):
        clear_trial(folder)
        try:
            return _try_to_shift(folder / _TRIAL, image)
        finally:
            clear_trial(folder)


def _try_to_shift(trial: Path, image: Path) -> bool:
    lower, layer, root = (trial / name for name in ("lower", "layer", "root"))
    for part in (lower, layer, root):
        part.mkdir(parents=True)
    mount("tmpfs", layer, "tmpfs", "size=1m")
    (layer / "upper").mkdir()
    (layer / "work").mkdir()
    try:
        mount_shifted(image, lower, inside=0, outside=_FIRST_RANGE)
        _mount_overlay(root, lower, layer / "upper", layer / "work")
    except OSError as error:
        if error.errno not in _IMPOSSIBLE:
            raise
        return False
    return True


def clear_trial(folder: Path) -> None:
    """Take away what is left of a trial that was cut short."""
    trial = folder / _TRIAL
    for target in mounts_below(trial):
        unmount(target)
    shutil.rmtree(trial, ignore_errors=True)


def _mount_layer(folder: MachineFolder, spec: MachineSpec) -> None:
    if spec.layer is LayerKind.MEMORY:
        mount("tmpfs", folder.layer, "tmpfs", f"size={spec.disk_gib}g,mode=755")
        return
    if not folder.disk.exists():
        making = folder.disk.with_suffix(".new")
        making.unlink(missing_ok=True)
        with making.open("wb") as file:
            file.truncate(spec.disk_gib * 1024**3)
        run([*_MAKE_EXT4.split(), str(making)])
        making.rename(folder.disk)
    run(["mount", "-o", _EXT4_OPTIONS, str(folder.disk), str(folder.layer)])


def _mount_overlay(target: Path, lower: Path, upper: Path, work: Path) -> None:
    parts = {"lowerdir": lower, "upperdir": upper, "workdir": work}
    options = ",".join(f"{name}={_escape(path)}" for name, path in parts.items())
    mount("overlay", target, "overlay", options)


def _escape(path: Path) -> str:
    r"""Return a path in which what separates options is no separator."""
    return re.sub(r"([\\,:])", r"\\\1", str(path))
