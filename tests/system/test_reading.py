"""The files of the machine as functions read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.system.reading import DiskReader

if TYPE_CHECKING:
    from pathlib import Path


def test_relative_paths_start_at_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\n")
    monkeypatch.chdir(tmp_path)

    assert DiskReader().read("a.txt") == b"\xff\n"
    assert DiskReader().absolute("./x/../a.txt") == str(tmp_path / "a.txt")


def test_a_file_is_told_from_nothing_and_from_something_else(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    reader = DiskReader()

    assert reader.is_file(str(tmp_path / "file"))
    assert reader.is_file(str(tmp_path / "link"))
    assert not reader.is_file(str(tmp_path / "nothing"))
    assert not reader.is_file(str(tmp_path / "file" / "below"))
    with pytest.raises(OSError, match="not a regular file"):
        reader.is_file(str(tmp_path))


def test_walk_lists_files_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    for name in ("z", "b/y", "b/c/x", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to("z")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to(".")

    assert DiskReader().walk(str(tmp_path)) == [".hidden", "b/c/x", "b/y", "link", "z"]


def test_walk_needs_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        DiskReader().walk(str(tmp_path / "nowhere"))


def test_home_is_the_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")

    assert DiskReader().home() == "/home/somebody"
