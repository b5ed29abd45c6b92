"""What every place that keeps a state does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.states.locks import LockInfo, StateLockedError
from cotta.states.memory import MemoryStorage
from cotta.states.storage import LocalStorage, StatePaths, StateSwappedError
from cotta.system.disk import SystemDisk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cotta.states.storage import StateStorage

    Open = Callable[[], StateStorage]


@pytest.fixture(params=["local", "memory"])
def open_storage(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Return a function that opens the same state once more."""
    if request.param == "memory":
        contents: dict[str, bytes] = {}
        return lambda: MemoryStorage(contents)
    path = tmp_path / "sub" / "terraform.tfstate"
    paths = StatePaths(path, path, path.with_name("terraform.tfstate.backup"))
    return lambda: LocalStorage(paths, SystemDisk())


def test_nothing_is_there_at_first(open_storage: Open) -> None:
    storage = open_storage()

    assert storage.read() is None
    assert storage.read_journal() == b""


def test_what_is_written_is_read_by_the_next(open_storage: Open) -> None:
    storage = open_storage()
    storage.write(b"one")
    storage.write(b"two")

    assert storage.read() == b"two"
    assert open_storage().read() == b"two"


def test_journal_grows_and_ends_with_a_write(open_storage: Open) -> None:
    storage = open_storage()
    storage.append_journal(b"1\n")
    storage.append_journal(b"2\n")
    storage.settle_journal()
    storage.settle_journal()

    assert open_storage().read_journal() == b"1\n2\n"
    storage.write(b"state")
    assert open_storage().read_journal() == b""


def test_journal_can_be_cleared_alone(open_storage: Open) -> None:
    storage = open_storage()
    storage.append_journal(b"1\n")
    storage.clear_journal()
    storage.clear_journal()

    assert storage.read_journal() == b""


def test_lock_excludes_and_tells_who_has_it(open_storage: Open) -> None:
    info = LockInfo(id="7", operation="OperationTypeApply", who="me@here", path="s")
    first, second = open_storage(), open_storage()
    first.lock(info)

    with pytest.raises(StateLockedError) as caught:
        second.lock(LockInfo(id="8"))

    assert caught.value.info == info
    first.unlock()
    second.lock(LockInfo(id="8"))
    second.unlock()
    assert open_storage().read() is None


def test_lock_stays_through_writes(open_storage: Open) -> None:
    first = open_storage()
    first.lock(LockInfo(id="7"))
    first.read()
    first.write(b"one")
    first.write(b"two")

    with pytest.raises(StateLockedError):
        open_storage().lock(LockInfo(id="8"))

    first.unlock()
    first.unlock()


def test_state_changed_by_somebody_else_is_not_overwritten(open_storage: Open) -> None:
    first, second = open_storage(), open_storage()
    first.write(b"one")
    first.read()
    second.write(b"other")

    with pytest.raises(StateSwappedError):
        first.write(b"two")

    assert open_storage().read() == b"other"
