"""The default user of an image: who gets the key pair's key, and may become root.

Written by hand into the tree: a program of the image itself is never run on the host.
"""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING, Final

from cotta.region.imagestore.agent import folder_in, write_file

if TYPE_CHECKING:
    from pathlib import Path

_FIRST_ID: Final = 1000
_LAST_ID: Final = 60000


def add_user(tree: Path, user: str) -> None:
    """Add a user with a home, no password, and the right to become root, unless it is there."""
    if user != "root" and user not in _lines(tree, "passwd"):
        number = _free_id(tree)
        home = f"/home/{user}"
        _append(tree, "passwd", f"{user}:x:{number}:{number}::{home}:/bin/bash\n")
        _append(tree, "group", f"{user}:x:{number}:\n")
        # No day is given for the password: there is none.
        _append(tree, "shadow", f"{user}:!::0:99999:7:::\n")
        _append(tree, "gshadow", f"{user}:!::\n")
        _make_home(tree, user, number)
    if user != "root":
        write_file(tree, f"etc/sudoers.d/90-{user}", f"{user} ALL=(ALL) NOPASSWD:ALL\n", mode=0o440)


def _lines(tree: Path, name: str) -> dict[str, list[str]]:
    """Return the lines of one of the files of users, by the names that they begin with."""
    place = folder_in(tree, "etc") / name
    if place.is_symlink() or not place.is_file():
        return {}
    text = place.read_text(encoding="utf-8", errors="surrogateescape")
    return {line.split(":")[0]: line.split(":") for line in text.splitlines()}


def _append(tree: Path, name: str, line: str) -> None:
    place = folder_in(tree, "etc") / name
    # Not every distribution has every one of them.
    if place.is_file() and not place.is_symlink():
        with place.open("a", encoding="utf-8") as file:
            file.write(line)


def _free_id(tree: Path) -> int:
    taken = {
        fields[2]
        for name in ("passwd", "group")
        for fields in _lines(tree, name).values()
        if len(fields) > 2
    }
    return next(number for number in range(_FIRST_ID, _LAST_ID) if str(number) not in taken)


def _make_home(tree: Path, user: str, number: int) -> None:
    home = folder_in(tree, "home") / user
    home.mkdir(mode=0o700, exist_ok=True)
    for entry in os.scandir(folder_in(tree, "etc/skel")):
        if stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
            place = home / entry.name
            shutil.copy2(entry.path, place, follow_symlinks=False)
            os.chown(place, number, number, follow_symlinks=False)
    os.chown(home, number, number)
