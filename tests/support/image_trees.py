"""Small trees for tests of images, and what such tests need of the machine."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# A day in 2025: no time in a test's image is later.
LATEST: Final = 1_746_057_600

needs_squashfs: Final = pytest.mark.skipif(
    shutil.which("mksquashfs") is None,
    reason="MISSING: mksquashfs (apt-get install squashfs-tools); no image is made",
)


def can_mount() -> bool:
    """Say whether images can be made and mounted here."""
    return os.geteuid() == 0 and shutil.which("mksquashfs") is not None


needs_mounts: Final = pytest.mark.skipif(
    not can_mount(), reason="MISSING: root, or mksquashfs; no image is mounted"
)


def a_tree(root: Path, files: Mapping[str, str | None], *, modified: int = LATEST - 1) -> Path:
    """Make a folder with files, `-> target` for links and None for folders; return it.

    Everything has the time `modified`.
    """
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            place.mkdir(exist_ok=True)
        elif content.startswith("-> "):
            place.symlink_to(content.removeprefix("-> "))
        else:
            place.write_text(content)
    for place in (root, *root.rglob("*")):
        os.utime(place, (modified, modified), follow_symlinks=False)
    return root


def contents(root: Path) -> dict[str, str | None]:
    """Return what `a_tree` would be given to make a tree like this one."""
    return {str(place.relative_to(root)): _content(place) for place in sorted(root.rglob("*"))}


def _content(place: Path) -> str | None:
    if place.is_symlink():
        return f"-> {place.readlink()}"
    if place.is_dir():
        return None
    return place.read_text(errors="replace") if place.is_file() else "device, pipe or socket"


def names(folder: Path) -> list[str]:
    """Return the names in a folder, in order."""
    return sorted(one.name for one in folder.iterdir())
