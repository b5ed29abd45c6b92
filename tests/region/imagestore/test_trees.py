"""Reading a folder into entries."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cotta.region.imagestore.listings import Entry, encode_listing
from cotta.region.imagestore.trees import read_tree
from tests.support.image_trees import LATEST, a_tree

if TYPE_CHECKING:
    from pathlib import Path


def test_every_kind_of_entry_is_read(tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "tree", {"a": "one", "b": None, "c": "-> /somewhere else"})
    (tree / "a").chmod(0o4755)
    os.mkfifo(tree / "b" / "pipe", 0o600)
    for place in (tree / "b" / "pipe", tree / "b", tree):
        os.utime(place, (5, 5))

    entries = {entry.path: entry for entry in read_tree(tree, latest=LATEST)}

    mine = Entry(path="", kind="", mode=0, uid=os.geteuid(), gid=os.getegid())
    modified = LATEST - 1
    digest = hashlib.sha256(b"one").hexdigest()
    assert entries == {
        entry.path: entry
        for entry in (
            replace(mine, path="/", kind="d", mode=0o755, modified=5),
            replace(
                mine, path="/a", kind="f", mode=0o4755, modified=modified, size=3, content=digest
            ),
            replace(mine, path="/b", kind="d", mode=0o755, modified=5),
            replace(mine, path="/b/pipe", kind="p", mode=0o600, modified=5),
            replace(
                mine,
                path="/c",
                kind="l",
                mode=0o777,
                modified=modified,
                content="/somewhere else",
            ),
        )
    }


def test_later_times_are_set_back(tmp_path: Path) -> None:
    early = a_tree(tmp_path / "early", {"a": "one"}, modified=LATEST + 1)
    late = a_tree(tmp_path / "late", {"a": "one"}, modified=LATEST + 1_000_000)
    os.utime(late / "a", (-5, -5))
    os.utime(early / "a", (0, 0))

    listings = [encode_listing(read_tree(tree, latest=LATEST)) for tree in (early, late)]

    assert listings[0] == listings[1]


def test_what_is_known_is_not_read(tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "tree", {"a": "one"})
    known = Entry(path="/a", kind="f", mode=0, content="known")

    entries = list(read_tree(tree, latest=LATEST, known={"/a": known}.get))

    assert known in entries


def test_extended_attributes_are_read(tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "tree", {"a": "one"})
    try:
        os.setxattr(tree / "a", "user.note", b"\x00\xff")
    except OSError:
        pytest.skip("MISSING: extended attributes in the folder for temporary files")

    (entry,) = [one for one in read_tree(tree, latest=LATEST) if one.path == "/a"]

    assert entry.attributes == {"user.note": b"\x00\xff"}
