"""Apply the rules of `rules` to a tree on the disk.

The tree is a machine's: links in it may lead anywhere, so none is ever followed.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
import shutil
import stat
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from cotta.region.imagestore.rules import Edit, Knowledge, Rule

# No list of keys or packages is so large; a file of this size is not what a rule means.
_LARGEST_EDITED: Final = 64 * 1024 * 1024


def clean(root: Path, rules: Iterable[Rule], knowledge: Knowledge) -> None:
    """Apply rules to the tree at `root`, in their order.  Nothing may change it meanwhile."""
    for rule in rules:
        for pattern in rule.removes:
            for found in list(matches(root, pattern)):
                _remove(found)
        for pattern in rule.empties:
            for found in list(matches(root, pattern)):
                _empty(found)
        if rule.edit is not None:
            for pattern in rule.edits:
                for found in list(matches(root, pattern)):
                    _edit(found, rule.edit, knowledge)


def matches(root: Path, pattern: str) -> Iterator[str]:
    """Yield the places below `root` that match a pattern, a folder before what is in it."""
    yield from _matches(os.fspath(root), pattern.strip("/").split("/"))


def _matches(folder: str, parts: list[str]) -> Iterator[str]:
    part, *rest = parts
    if part == "**":
        yield from _matches(folder, rest)
        for entry in _entries(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from _matches(entry.path, parts)
        return
    for place in _named(folder, part):
        if not rest:
            yield place
        elif stat.S_ISDIR(os.lstat(place).st_mode):
            yield from _matches(place, rest)


def _named(folder: str, part: str) -> Iterator[str]:
    if not any(mark in part for mark in "*?["):
        place = f"{folder}/{part}"
        if os.path.lexists(place):
            yield place
        return
    fits = _compiled(part)
    for entry in _entries(folder):
        if fits(entry.name):
            yield entry.path


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        return sorted(found, key=lambda entry: entry.name)


@cache
def _compiled(part: str) -> Callable[[str], object]:
    return re.compile(fnmatch.translate(part)).match


def _remove(place: str) -> None:
    # A folder that an earlier match held is gone with it.
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(os.lstat(place).st_mode):
            shutil.rmtree(place)
        else:
            os.unlink(place)  # noqa: PTH108 - a text already


def _empty(place: str) -> None:
    status = os.lstat(place)
    if stat.S_ISDIR(status.st_mode):
        for entry in _entries(place):
            _remove(entry.path)
    elif stat.S_ISREG(status.st_mode) and status.st_size:
        os.truncate(place, 0)


def _edit(place: str, edit: Edit, knowledge: Knowledge) -> None:
    status = os.lstat(place)
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_EDITED:
        return
    # A database that was not closed: part of it is in the file beside it.
    log = f"{place}-wal"
    if os.path.lexists(log) and os.lstat(log).st_size:
        return
    # In place: mode, owner and extended attributes stay.
    with open(place, "r+b") as file:  # noqa: PTH123 - a text already
        before = file.read()
        after = edit(before, knowledge)
        if after is not None and after != before:
            file.seek(0)
            file.write(after)
            file.truncate()
    if after is None:
        _remove(place)
