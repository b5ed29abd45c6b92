"""A state from opening to closing: serials, journals, and runs that are killed."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.diagnostics import Diagnostics, Severity
from cotta.states.compare import copy_state, same_state
from cotta.states.encode import encode_state
from cotta.states.errored import keep_errored
from cotta.states.journal import (
    ChecksSet,
    JournalDamagedError,
    ObjectRemoved,
    ObjectSet,
    OutputSet,
    apply_step,
    encode_header,
    encode_steps,
    parse_journal,
)
from cotta.states.locks import LockInfo
from cotta.states.memory import MemoryStorage
from cotta.states.model import CheckResult, CheckStatus, State, StoredOutput
from cotta.states.session import StateSession, StateWriteError
from cotta.states.statefile import parse_state
from cotta.states.storage import LocalStorage, StatePaths
from cotta.system.disk import SystemDisk
from cotta.system.ids import CountedIds
from tests.support.disks import FaultyDisk, Stopped
from tests.support.states import PROVIDER, a_snapshot, a_state, an_address, an_object

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cotta.states.journal import Step
    from cotta.states.model import Snapshot
    from cotta.states.storage import StateStorage
    from cotta.system.disk import Disk

LOCK = LockInfo(id="1")
A = ObjectSet(an_address("a"), PROVIDER, an_object("1"))
B = ObjectSet(an_address("b", "k"), PROVIDER, an_object("2", tainted=True))
GONE = ObjectRemoved(an_address("a"))
OUTPUT = OutputSet("o", StoredOutput("x", is_sensitive=True))
CHECKS = ChecksSet((CheckResult("check", "check.c", CheckStatus.PASSED),))
STEPS: tuple[Step, ...] = (A, B, OUTPUT, replace(A, deposed="0123abcd"), GONE, CHECKS)


def opened(storage: StateStorage, *, locked: bool = True) -> tuple[StateSession, Diagnostics]:
    session, diags = StateSession(storage, CountedIds()), Diagnostics()
    session.open(diags, lock=LOCK if locked else None)
    return session, diags


def after(steps: Sequence[Step], state: State | None = None) -> State:
    changed = copy_state(state or State())
    for step in steps:
        apply_step(changed, step)
    return changed


def stored(storage: MemoryStorage) -> Snapshot:
    found = parse_state(storage.contents["state"], "s", Diagnostics())
    assert found is not None
    return found


def test_serial_grows_with_changes_alone() -> None:
    storage = MemoryStorage()
    session, _ = opened(storage)
    state = after([A, B])

    serials = [session.save(copy_state(one)).serial for one in (state, state, after([B, A]))]
    serials.append(session.save(after([B])).serial)

    assert serials == [1, 1, 1, 2]
    assert stored(storage).lineage == session.snapshot.lineage != ""


def test_true_and_one_are_different() -> None:
    one, true = (a_state(a=an_object("1", x=value)) for value in (1, True))

    assert not same_state(one, true)


def test_changing_the_saved_state_does_not_change_the_snapshot() -> None:
    session, _ = opened(MemoryStorage())
    state = after([A])
    session.save(state)
    apply_step(state, GONE)

    assert session.save(state).serial == 2


def test_steps_of_an_interrupted_run_are_folded_once() -> None:
    storage = MemoryStorage()
    session, _ = opened(storage)
    session.save(after([A]))
    session.record([B])
    session.record([OUTPUT, GONE])
    session.close()

    again, diags = opened(storage)

    assert again.snapshot.state == after([A, B, OUTPUT, GONE])
    assert again.snapshot.serial == 2
    assert [(d.severity, d.summary) for d in diags] == [
        (Severity.WARNING, "An interrupted run was recovered")
    ]
    again.close()
    third, quiet = opened(storage)
    assert (third.snapshot, list(quiet)) == (again.snapshot, [])


def test_without_the_lock_steps_are_only_shown() -> None:
    storage = MemoryStorage()
    session, _ = opened(storage)
    session.record([A])
    before = dict(storage.contents)

    looking, diags = opened(storage, locked=False)

    assert (looking.snapshot.state, list(diags)) == (after([A]), [])
    assert storage.contents == before


def test_locked_state_is_not_opened() -> None:
    storage = MemoryStorage()
    opened(storage)

    other, diags = opened(MemoryStorage(storage.contents))

    assert [d.summary for d in diags] == ["Error acquiring the state lock"]
    with pytest.raises(AssertionError):
        _ = other.snapshot


def test_journal_of_another_lineage_is_refused() -> None:
    contents = {
        "state": encode_state(a_snapshot(State(), lineage="mine")),
        "journal": encode_header("other", 1) + encode_steps([A]),
    }
    before = dict(contents)

    _, diags = opened(MemoryStorage(contents))

    assert [d.summary for d in diags] == ["Journal of another state"]
    assert contents == before


def test_journal_whose_state_is_gone_is_refused() -> None:
    _, diags = opened(MemoryStorage({"journal": encode_header("line", 3)}))

    assert [d.summary for d in diags] == ["State file is missing"]


def test_damaged_journal_is_refused() -> None:
    lines = encode_header("line", 0) + b"x" + encode_steps([A, B])
    contents = {"journal": lines}

    _, diags = opened(MemoryStorage(contents))

    assert [d.summary for d in diags] == ["Damaged journal"]
    assert contents == {"journal": lines}


def fold_into(state: State, *steps: Step) -> State:
    """Return the state after a journal that goes on from an older serial of it."""
    storage = MemoryStorage(
        {
            "state": encode_state(a_snapshot(state, serial=5)),
            "journal": encode_header("line", 4) + encode_steps(steps),
        }
    )
    session, diags = opened(storage)
    assert not diags.has_errors
    assert "journal" not in storage.contents
    return session.snapshot.state


def test_what_was_made_is_added_to_a_state_written_since() -> None:
    assert fold_into(State(), A) == after([A])


def test_what_a_state_written_since_has_too_stays_as_it_is_there() -> None:
    theirs = a_state(a=an_object("1", input="newer"))

    assert fold_into(theirs, A) == theirs


def test_object_whose_place_was_taken_since_is_deposed() -> None:
    theirs = a_state(a=an_object("other"))

    found = fold_into(theirs, A)

    [instance] = found.resources[an_address("a").of].instances.values()
    assert instance.current == an_object("other")
    assert list(instance.deposed.values()) == [an_object("1")]


def test_object_that_was_removed_again_is_not_added() -> None:
    assert fold_into(State(), A, GONE) == State()


@given(st.lists(st.sampled_from(STEPS)))
def test_steps_are_read_as_they_were_written(steps: list[Step]) -> None:
    journal = parse_journal(encode_header("line", 7) + encode_steps(steps))

    assert journal is not None
    assert (journal.lineage, journal.serial, journal.steps) == ("line", 7, tuple(steps))


@given(st.data())
def test_journal_cut_anywhere_has_the_whole_lines(data: st.DataObject) -> None:
    lines = encode_header("line", 7) + encode_steps(STEPS)
    length = data.draw(st.integers(0, len(lines)))

    journal = parse_journal(lines[:length])

    whole = lines[:length].count(b"\n")
    assert (journal.steps if journal else ()) == STEPS[: max(whole - 1, 0)]


@given(st.data())
def test_changed_byte_is_noticed(data: st.DataObject) -> None:
    lines = bytearray(encode_header("line", 7) + encode_steps(STEPS))
    at = data.draw(st.integers(0, len(lines) - 1))
    # Without the line end before it, the last line is one with that of the step before.
    lost = 2 if lines[at] == ord("\n") and at != len(lines) - 1 else 1
    lines[at] ^= data.draw(st.sampled_from([1, 2, 128]))

    try:
        journal = parse_journal(bytes(lines))
    except JournalDamagedError:
        return

    steps = journal.steps if journal else ()
    assert steps == STEPS[: len(steps)]
    assert len(steps) == len(STEPS) - lost


# --- kills and full disks --------------------------------------------------------------


def local(folder: Path, disk: Disk | None = None) -> LocalStorage:
    path = folder / "terraform.tfstate"
    return LocalStorage(StatePaths(path, path, folder / "backup"), disk or SystemDisk())


def run(storage: LocalStorage, done: list[Step]) -> None:
    """Make something of every kind, a step at a time, and write the state."""
    session, _ = opened(storage)
    try:
        state = copy_state(session.snapshot.state)
        for step in STEPS:
            session.record([step])
            done.append(step)
            session.settle()
            apply_step(state, step)
        session.save(state)
    finally:
        # The lock ends with the process; what else `unlock` does, a dead disk refuses.
        with contextlib.suppress(Stopped):
            storage.unlock()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("writes", range(20))
def test_nothing_is_lost_by_a_kill_at_any_write(tmp_path: Path, writes: int, share: float) -> None:
    run(local(tmp_path), [])
    done: list[Step] = []
    disk = FaultyDisk(writes, share=share)
    try:
        run(local(tmp_path, disk), done)
    except Stopped:
        assert disk.has_failed

    session, diags = opened(local(tmp_path))

    assert not diags.has_errors
    base = after(STEPS)
    allowed = [after(done, base), after(STEPS[: len(done) + 1], base)]
    assert any(same_state(session.snapshot.state, one) for one in allowed)
    session.close()
    again, quiet = opened(local(tmp_path))
    assert (again.snapshot, list(quiet)) == (session.snapshot, [])
    again.close()


@pytest.mark.parametrize("writes", range(16))
def test_full_disk_keeps_what_was_recorded(tmp_path: Path, writes: int) -> None:
    done: list[Step] = []
    disk = FaultyDisk(writes, full=True)
    failure = None
    try:
        run(local(tmp_path, disk), done)
    except StateWriteError as error:
        failure = error

    session, diags = opened(local(tmp_path))

    assert (failure is not None) == disk.has_failed
    assert failure is None or "No space left on device" in failure.diagnostic.detail
    assert not diags.has_errors
    assert same_state(session.snapshot.state, after(done))
    session.close()


def test_state_that_can_not_be_written_is_kept_in_the_folder(tmp_path: Path) -> None:
    session, _ = opened(local(tmp_path, FaultyDisk(0, full=True)))
    with pytest.raises(StateWriteError) as caught:
        session.save(after([A]))
    session.close()

    told = keep_errored(caught.value.content, tmp_path, SystemDisk())

    assert told.summary == "Failed to persist state to backend"
    kept = parse_state((tmp_path / "errored.tfstate").read_bytes(), "e", Diagnostics())
    assert kept is not None
    assert (kept.state, kept.serial) == (after([A]), 1)


def test_state_swapped_under_a_run_is_not_overwritten(tmp_path: Path) -> None:
    session, _ = opened(local(tmp_path))
    session.record([A])
    theirs = encode_state(a_snapshot(a_state(z=an_object("9")), serial=9))
    (tmp_path / "new").write_bytes(theirs)
    (tmp_path / "new").rename(tmp_path / "terraform.tfstate")

    with pytest.raises(StateWriteError, match="Failed to save state"):
        session.save(after([A]))

    session.close()
    assert (tmp_path / "terraform.tfstate").read_bytes() == theirs
    assert (tmp_path / ".terraform.tfstate.journal").exists()
