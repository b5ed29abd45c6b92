"""The files of the machine as functions read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.system.reading import DiskReader
from tests.support.fake_files import FakeFiles

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.hcl.functions.surroundings import FileReader


@pytest.fixture(params=["disk", "fake"])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> FileReader:
    """Return a folder with `a.txt`, `b/c.txt` and a link `gone` to nothing."""
    if request.param == "fake":
        return FakeFiles({"a.txt": b"\xff\n", "b/c.txt": "c", "gone": None}, str(tmp_path))
    (tmp_path / "b").mkdir()
    (tmp_path / "a.txt").write_bytes(b"\xff\n")
    (tmp_path / "b" / "c.txt").write_text("c")
    (tmp_path / "gone").symlink_to("nowhere")
    return DiskReader(tmp_path)


def test_relative_paths_start_at_the_folder(reader: FileReader, tmp_path: Path) -> None:
    assert reader.read("a.txt") == b"\xff\n"
    assert reader.read(str(tmp_path / "b" / "c.txt")) == b"c"
    assert reader.absolute("./x/../a.txt") == str(tmp_path / "a.txt")


def test_a_file_is_told_from_nothing_and_from_something_else(reader: FileReader) -> None:
    assert reader.is_file("a.txt")
    assert not reader.is_file("nothing")
    assert not reader.is_file("gone")
    with pytest.raises(IsADirectoryError):
        reader.is_file("b")
    with pytest.raises(NotADirectoryError):
        reader.is_file("a.txt/below")


def test_what_is_no_file_cannot_be_read(reader: FileReader) -> None:
    with pytest.raises(FileNotFoundError):
        reader.read("nothing")
    with pytest.raises(IsADirectoryError):
        reader.read("b")


def test_entries_say_what_each_name_leads_to(reader: FileReader) -> None:
    assert sorted(reader.entries(".")) == [
        ("a.txt", "file"),
        ("b", "directory"),
        ("gone", "nothing"),
    ]
    with pytest.raises(FileNotFoundError):
        reader.entries("nowhere")


def test_entries_follow_links(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "to-folder").symlink_to("folder")
    (tmp_path / "to-file").symlink_to("file")

    found = dict(DiskReader(tmp_path).entries("."))

    assert found["to-folder"] == "directory"
    assert found["to-file"] == "file"
    assert dict(DiskReader().entries("/dev"))["null"] == "other"


def test_paths_start_at_the_working_folder_where_no_other_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("a")
    monkeypatch.chdir(tmp_path)

    assert DiskReader().read("a.txt") == b"a"


def test_home_is_the_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")

    assert DiskReader().home() == "/home/somebody"
