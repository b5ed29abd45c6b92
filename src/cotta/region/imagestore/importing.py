"""Base images from what others have made: a root file system in a tar file, or an OCI image layout.

Nothing in it is run, and links in it lead nowhere outside of it: each layer is unpacked
into a folder of its own, and the kernel lays them over one another.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from cotta.region.imagestore.agent import install_agent, write_file
from cotta.region.imagestore.cleaning import clean
from cotta.region.imagestore.errors import ImportRefusedError
from cotta.region.imagestore.layouts import layers_of
from cotta.region.imagestore.rules import RULES, Knowledge
from cotta.region.imagestore.squashfs import command, mount_overlay, unmount
from cotta.region.imagestore.users import add_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cotta.region.imagestore.store import Description, ImageStore

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
# cloud-init looks for EC2 in the firmware, and a container shows the host's.
_CLOUD_INIT = """datasource_list: [Ec2]
datasource:
  Ec2:
    strict_id: false
"""
_INITS = ("usr/lib/systemd/systemd", "lib/systemd/systemd")


def import_image(
    images: ImageStore,
    source: Path,
    *,
    user: str,
    progress: Callable[[str], None] = lambda _: None,
) -> Description:
    """Make an image of a tar file or an OCI image layout; `user` is who gets the key pair's key.

    A layout is a folder, or a tar file of one.  Needs root.  `ImportRefusedError` says
    what is wrong with the source, any other `ImageStoreError` what went wrong here.
    """
    with images.building() as building:
        layers = _unpack(source, building, progress)
        with _merged(layers, building) as tree:
            _require_systemd(tree, source)
            latest = _latest_time(tree)
            progress("Setting up first boot and taking out what belongs to one machine")
            add_user(tree, user)
            _prepare_first_boot(tree, progress)
            clean(tree, RULES, Knowledge(day=latest // 86400))
            progress("Making the image")
            return images.add_tree(tree, latest=latest, rules=[rule.name for rule in RULES])


def _unpack(source: Path, building: Path, progress: Callable[[str], None]) -> list[Path]:
    """Return folders with the layers of a source, the lowest first."""
    if source.is_dir():
        archives = layers_of(source)
    elif not source.is_file():
        raise ImportRefusedError(f"There is no file {source}.")
    elif _is_layout(source):
        layout = building / "layout"
        _untar(source, layout)
        archives = layers_of(layout)
    else:
        archives = [source]
    layers = []
    for number, archive in enumerate(archives):
        progress(f"Unpacking layer {number + 1} of {len(archives)}")
        layer = building / f"l{number}"
        _untar(archive, layer)
        _mark_whiteouts(layer)
        layers.append(layer)
    return layers


def _is_layout(archive: Path) -> bool:
    """Say whether a tar file has an OCI image layout in it.  Its names alone are read."""
    listed = command("tar", ["tar", "--list", "--file", str(archive)])
    return any(name.removeprefix("./") == "index.json" for name in listed.splitlines())


def _untar(archive: Path, folder: Path) -> None:
    folder.mkdir()
    argv = [
        "tar", "--extract", "--file", str(archive), "--directory", str(folder),
        "--numeric-owner", "--same-owner", "--preserve-permissions",
        "--xattrs", "--xattrs-include=*",
    ]  # fmt: skip
    command("tar", argv)


def _mark_whiteouts(layer: Path) -> None:
    """Turn a layer's marks of what it takes away into the kernel's."""
    for folder, name in list(_whiteouts(layer)):
        (folder / name).unlink()
        if name == _OPAQUE:
            os.setxattr(folder, "trusted.overlay.opaque", b"y")
        else:
            os.mknod(folder / name.removeprefix(_WHITEOUT), stat.S_IFCHR, 0)


def _whiteouts(layer: Path) -> Iterator[tuple[Path, str]]:
    pending = [layer]
    while pending:
        folder = pending.pop()
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                pending.append(Path(entry.path))
            elif entry.name.startswith(_WHITEOUT):
                yield folder, entry.name


@contextlib.contextmanager
def _merged(layers: list[Path], building: Path) -> Iterator[Path]:
    """Give the layers as one tree, which may be written to."""
    tree, upper, work = (building / name for name in ("tree", "upper", "work"))
    for folder in (tree, upper, work):
        folder.mkdir()
    mount_overlay(tree, lower=layers[::-1], upper=upper, work=work)
    try:
        yield tree
    finally:
        unmount(tree)


def _require_systemd(tree: Path, source: Path) -> None:
    if not any(_has(tree, init) for init in _INITS):
        raise ImportRefusedError(
            f"{source} has no systemd in it, so a machine could not boot from it. Add the packages "
            "of systemd and an SSH server to it, as root file systems for machines have them."
        )


def _prepare_first_boot(tree: Path, progress: Callable[[str], None]) -> None:
    """Have the image's machines ask the metadata service, by cloud-init if it has that."""
    if _has(tree, "usr/bin/cloud-init"):
        write_file(tree, "etc/cloud/cloud.cfg.d/95-cotta.cfg", _CLOUD_INIT)
        return
    if not _has(tree, "usr/bin/curl") and not _has(tree, "bin/curl"):
        progress("It has no curl: its machines get neither keys nor user data")
    install_agent(tree)


def _has(tree: Path, path: str) -> bool:
    """Say whether something is at a path in a tree, without following links to folders."""
    place = tree
    *folders, name = path.split("/")
    for folder in folders:
        place /= folder
        if place.is_symlink() or not place.is_dir():
            return False
    return os.path.lexists(place / name)


def _latest_time(tree: Path) -> int:
    """Return the latest time of a file: folders have that of the unpacking."""
    latest = 0
    pending = [os.fspath(tree)]
    while pending:
        for entry in os.scandir(pending.pop()):
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
            else:
                latest = max(latest, int(entry.stat(follow_symlinks=False).st_mtime))
    return latest
