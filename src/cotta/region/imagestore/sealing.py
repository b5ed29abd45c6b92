"""A machine's image and its own layer as one tree, cleaned, with only what changed read again."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cotta.region.imagestore import squashfs
from cotta.region.imagestore.cleaning import clean
from cotta.region.imagestore.trees import read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from cotta.region.imagestore.listings import Entry
    from cotta.region.imagestore.rules import Knowledge, Rule

# Where first boot writes the lines that it put into `authorized_keys`.
KEYS_GIVEN: Final = "var/lib/cotta/authorized_keys"


@dataclass(frozen=True, slots=True)
class Layers:
    """An image, what a machine wrote over it, and a folder for what cleaning writes over that."""

    lower: Path
    upper: Path
    scratch: Path


@contextlib.contextmanager
def mounted_layers(layers: Layers, place: Path) -> Iterator[Path]:
    """Give the layers as one tree at `place` to a block.

    The kernel knows what a layer takes away from the one below it: nothing of
    that is known here.
    """
    changes, work = layers.scratch / "changes", layers.scratch / "work"
    for folder in (place, changes, work):
        folder.mkdir(parents=True)
    squashfs.mount_overlay(place, lower=[layers.upper, layers.lower], upper=changes, work=work)
    try:
        yield place
    finally:
        squashfs.unmount(place)


def read_layers(
    root: Path,
    layers: Layers,
    rules: Sequence[Rule],
    knowledge: Knowledge,
    known: Mapping[str, Entry],
    latest: int,
) -> list[Entry]:
    """Clean the tree of mounted layers and return its entries.

    `known` are the lower image's.  What equals them in all but the time is given their time.
    """
    clean(root, rules, _with_keys_given(root, knowledge))
    written = set(_names(layers.upper)) | set(_names(layers.scratch / "changes"))
    entries = list(
        read_tree(
            root,
            latest=latest,
            known=lambda path: None if path in written else known.get(path),
        )
    )
    restored = [_with_known_time(entry, known.get(entry.path)) for entry in entries]
    moved = [new for old, new in zip(entries, restored, strict=True) if old is not new]
    # Folders last: setting the time of what is in one must not be seen in it.
    for entry in sorted(moved, key=lambda entry: entry.kind == "d"):
        os.utime(f"{root}{entry.path}", (entry.modified, entry.modified), follow_symlinks=False)
    return restored


def _with_known_time(entry: Entry, known: Entry | None) -> Entry:
    if known is None or known.modified == entry.modified:
        return entry
    timed = replace(entry, modified=known.modified)
    return timed if timed == known else entry


def _with_keys_given(root: Path, knowledge: Knowledge) -> Knowledge:
    given = root / KEYS_GIVEN
    if any(one.is_symlink() for one in (given, *given.parents)) or not given.is_file():
        return knowledge
    lines = given.read_text(encoding="utf-8", errors="replace").splitlines()
    return replace(knowledge, temporary_keys=knowledge.temporary_keys | frozenset(lines))


def _names(layer: Path) -> Iterator[str]:
    """Yield the paths of everything in a layer, marks of what is taken away included."""
    yield "/"
    pending = [(os.fspath(layer), "")]
    while pending:
        folder, path = pending.pop()
        with os.scandir(folder) as found:
            for entry in found:
                below = f"{path}/{entry.name}"
                yield below
                if entry.is_dir(follow_symlinks=False):
                    pending.append((entry.path, below))
