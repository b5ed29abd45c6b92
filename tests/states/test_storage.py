"""The local file: what is beside it, and what a kill or a full disk leaves."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest

from cotta.states.locks import LockInfo
from cotta.states.storage import LocalStorage, StatePaths
from cotta.system.disk import SystemDisk
from tests.support.disks import FaultyDisk, Stopped

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.system.disk import Disk

INFO = LockInfo(id="1")


def a_storage(folder: Path, disk: Disk | None = None, *, backup: bool = True) -> LocalStorage:
    path = folder / "terraform.tfstate"
    kept = folder / "terraform.tfstate.backup" if backup else None
    return LocalStorage(StatePaths(path, path, kept), disk or SystemDisk())


def names(folder: Path) -> set[str]:
    return set(os.listdir(folder))  # noqa: PTH208 - names alone


def test_lock_without_a_write_leaves_nothing(tmp_path: Path) -> None:
    storage = a_storage(tmp_path)
    storage.lock(INFO)
    assert names(tmp_path) == {"terraform.tfstate", ".terraform.tfstate.lock.info"}

    storage.unlock()

    assert names(tmp_path) == set()


def test_backup_is_the_content_before_the_first_write(tmp_path: Path) -> None:
    a_storage(tmp_path).write(b"one")
    storage = a_storage(tmp_path)
    storage.write(b"two")
    storage.write(b"three")

    assert (tmp_path / "terraform.tfstate.backup").read_bytes() == b"one"
    assert names(tmp_path) == {"terraform.tfstate", "terraform.tfstate.backup"}


def test_backup_can_be_left_out(tmp_path: Path) -> None:
    a_storage(tmp_path).write(b"one")
    a_storage(tmp_path, backup=False).write(b"two")

    assert names(tmp_path) == {"terraform.tfstate"}


def test_file_stays_the_same_file(tmp_path: Path) -> None:
    a_storage(tmp_path).write(b"one")
    before = (tmp_path / "terraform.tfstate").stat().st_ino
    a_storage(tmp_path).write(b"two")

    assert (tmp_path / "terraform.tfstate").stat().st_ino == before


def test_state_may_be_written_elsewhere_than_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"one")
    paths = StatePaths(tmp_path / "in", tmp_path / "out", None)
    storage = LocalStorage(paths, SystemDisk())

    assert storage.read() == b"one"
    storage.write(b"two")

    assert storage.read() == b"two"
    assert (tmp_path / "in").read_bytes() == b"one"


OLD, NEW = b"old" * 50, b"new" * 70


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99, 1.0])
@pytest.mark.parametrize("writes", range(7))
def test_kill_in_a_write_leaves_the_old_or_the_new_state(
    tmp_path: Path, writes: int, share: float
) -> None:
    a_storage(tmp_path).write(OLD)
    a_storage(tmp_path).append_journal(b"steps\n")
    disk = FaultyDisk(writes, share=share)
    with contextlib.suppress(Stopped):
        a_storage(tmp_path, disk).write(NEW)

    seen_unlocked = a_storage(tmp_path).read()
    storage = a_storage(tmp_path)
    storage.lock(INFO)
    found, journal = storage.read(), storage.read_journal()
    storage.unlock()

    assert seen_unlocked == found
    assert (found, journal) in ((OLD, b"steps\n"), (NEW, b""))
    assert (tmp_path / "terraform.tfstate").read_bytes() == found
    assert found == NEW or disk.has_failed
    assert ".terraform.tfstate.next" not in names(tmp_path)


@pytest.mark.parametrize("writes", range(4))
def test_full_disk_leaves_a_whole_state(tmp_path: Path, writes: int) -> None:
    a_storage(tmp_path).write(OLD)
    a_storage(tmp_path).append_journal(b"steps\n")
    disk = FaultyDisk(writes, full=True)
    try:
        a_storage(tmp_path, disk).write(NEW)
    except OSError:
        assert disk.has_failed

    storage = a_storage(tmp_path)
    storage.lock(INFO)
    found, journal = storage.read(), storage.read_journal()
    storage.unlock()

    assert (found, journal) in ((OLD, b"steps\n"), (NEW, b""))


def test_write_cut_short_before_somebody_else_wrote_is_forgotten(tmp_path: Path) -> None:
    a_storage(tmp_path).write(OLD)
    a_storage(tmp_path).append_journal(b"steps\n")
    with pytest.raises(Stopped):
        # The backup and the copy are there, the state is untouched.
        a_storage(tmp_path, FaultyDisk(1, share=1.0)).write(NEW)
    (tmp_path / "terraform.tfstate").write_bytes(b"theirs")

    storage = a_storage(tmp_path)
    storage.lock(INFO)

    assert (storage.read(), storage.read_journal()) == (b"theirs", b"steps\n")
    storage.unlock()
