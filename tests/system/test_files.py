"""Files, locks and digests."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cotta.system.files import FileLockedError, digest_directory, lock_file, write_atomically
from cotta.system.processes import run

if TYPE_CHECKING:
    from pathlib import Path


def test_write_replaces_the_content_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(b"old")
    path.chmod(0o640)

    write_atomically(path, b"new")

    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["state"]  # noqa: PTH208 - names alone


def test_new_file_has_the_permissions_of_the_umask(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        write_atomically(tmp_path / "new", b"")
    finally:
        os.umask(umask)

    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640


def test_write_goes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")

    write_atomically(tmp_path / "link", b"new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_failed_write_leaves_the_old_file_alone(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path / "folder", b"new")

    assert os.listdir(tmp_path) == ["folder"]  # noqa: PTH208 - names alone


def test_lock_excludes_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    with lock_file(path), pytest.raises(FileLockedError), lock_file(path):
        pass
    with lock_file(path, wait=timedelta(seconds=1)):
        pass


def test_lock_is_seen_by_other_processes_as_a_posix_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    other = (
        "import fcntl, sys\n"
        "try: fcntl.lockf(open(sys.argv[1], 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "except OSError: print('locked')\n"
    )

    with lock_file(path):
        # Reading the file must not lose the lock, as it would lose a POSIX one.
        path.read_bytes()
        assert run(["python3", "-c", other, str(path)]).stdout == "locked\n"
    assert run(["python3", "-c", other, str(path)]).stdout == ""


def a_tree(root: Path) -> Path:
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "a").write_bytes(b"1")
    (root / "sub" / "b").write_bytes(b"2")
    (root / "link").symlink_to("a")
    return root


def test_digest_does_not_depend_on_place_or_time(tmp_path: Path) -> None:
    one, other = a_tree(tmp_path / "one"), a_tree(tmp_path / "other")
    os.utime(other / "a", (0, 0))

    assert digest_directory(one) == digest_directory(other)


def test_digest_changes_with_everything_that_counts(tmp_path: Path) -> None:
    def content(root: Path) -> None:
        (root / "a").write_bytes(b"3")

    def name(root: Path) -> None:
        (root / "a").rename(root / "c")

    def mode(root: Path) -> None:
        (root / "a").chmod(0o755)

    def link(root: Path) -> None:
        (root / "link").unlink()
        (root / "link").symlink_to("sub")

    def folder(root: Path) -> None:
        (root / "empty").mkdir()

    def move(root: Path) -> None:
        (root / "sub" / "b").rename(root / "b")

    digests = {digest_directory(a_tree(tmp_path / "same"))}
    for change in (content, name, mode, link, folder, move):
        root = a_tree(tmp_path / change.__name__)
        change(root)
        digests.add(digest_directory(root))

    assert len(digests) == 7


def test_digest_refuses_what_it_can_not_read_again(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OSError, match="neither a file"):
        digest_directory(tmp_path)
