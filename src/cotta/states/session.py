"""A state that is open: read, kept safe step by step, written at the end.

    session = StateSession(storage, ids)
    snapshot = session.open(diags, lock=info)     # folds what an interrupted run has left
    session.record(steps)                         # after each finished step
    session.settle()                              # before anything is built upon them
    session.save(state)                           # once, at the end
    session.close()

What is recorded survives a kill of the process at any moment: the next `open`
has it.  What is settled survives a power cut too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostic, Severity
from cotta.states.compare import copy_state, same_state
from cotta.states.encode import encode_state
from cotta.states.folding import fold
from cotta.states.journal import (
    JournalDamagedError,
    encode_header,
    encode_steps,
    parse_journal,
)
from cotta.states.locks import StateLockedError
from cotta.states.model import Snapshot, State
from cotta.states.statefile import parse_state
from cotta.states.storage import NO_WAIT, StateSwappedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.states.journal import Journal, Step
    from cotta.states.locks import LockInfo
    from cotta.states.storage import StateStorage
    from cotta.system.ids import IdSource

# What state files say who has written them: the Terraform whose format it is.
TERRAFORM_VERSION: Final = "1.11.4"


class StateWriteError(Exception):
    """A state or its journal could not be written; `content` is what the state should be."""

    def __init__(self, diagnostic: Diagnostic, content: bytes = b"") -> None:
        super().__init__(diagnostic.summary, diagnostic.detail)
        self.diagnostic = diagnostic
        self.content = content


class StateSession:
    """One state, from `open` to `close`."""

    def __init__(self, storage: StateStorage, ids: IdSource) -> None:
        self.storage = storage
        self._ids = ids
        self._snapshot: Snapshot | None = None
        self._is_new = True
        self._is_locked = False
        self._has_journal = False
        self._has_failed = False
        self._is_settled = True

    @property
    def snapshot(self) -> Snapshot:
        """What was read or last written.  Copy its state before changing it."""
        assert self._snapshot is not None, "the session is not open"
        return self._snapshot

    @property
    def is_new(self) -> bool:
        """Whether nothing has been written yet."""
        return self._is_new

    def open(
        self, diags: Diagnostics, *, lock: LockInfo | None = None, wait: timedelta = NO_WAIT
    ) -> Snapshot | None:
        """Return what the storage has, an empty snapshot if nothing; None, with errors, otherwise.

        With `lock` the state is locked first and whatever an interrupted run
        has left is written into it, with a warning; without, it is only in
        the snapshot.  After an error nothing stays locked.
        """
        found = None
        try:
            if lock is not None:
                self.storage.lock(lock, wait=wait)
                self._is_locked = True
            found = self._open(diags)
        except StateLockedError as error:
            diags.add(error.diagnostic())
        except StateWriteError as error:
            diags.add(error.diagnostic)
        except OSError as error:
            diags.error(
                "Failed to load state",
                f"{self.storage.place} can't be used: {error.strerror or error}.",
            )
        self._snapshot = found
        if found is None:
            self.close()
        return found

    def _open(self, diags: Diagnostics) -> Snapshot | None:
        content = self.storage.read()
        before = len(diags)
        found = None
        if content is not None:
            found = parse_state(content, self.storage.place, diags)
            if found is None and len(diags) > before:
                return None
        self._is_new = found is None
        lines = self.storage.read_journal()
        journal = None
        try:
            journal = parse_journal(lines)
        except JournalDamagedError as error:
            diags.error(
                "Damaged journal",
                f"Line {error.line} of the journal beside {self.storage.place} is damaged. It has "
                "what an interrupted run has made, so nothing is done before you look at it. "
                "Repair the line, or remove the journal to go on without what is in it.",
            )
            return None
        if journal is None:
            if lines and self._is_locked:
                self.storage.clear_journal()
            return found or Snapshot(
                state=State(), lineage=self._ids.uuid(), terraform_version=TERRAFORM_VERSION
            )
        return self._fold(found, journal, diags)

    def _fold(
        self, found: Snapshot | None, journal: Journal, diags: Diagnostics
    ) -> Snapshot | None:
        folded = fold(found, journal, self.storage.place, diags)
        if folded is None or not self._is_locked:
            return folded
        self._snapshot = found or replace(folded, state=State())
        self._has_journal = True
        self.save(folded.state)
        if journal.steps:
            count = len(journal.steps)
            diags.add(
                Diagnostic(
                    severity=Severity.WARNING,
                    summary="An interrupted run was recovered",
                    detail=f"A run ended before it could write {self.storage.place}. "
                    f"{'The step' if count == 1 else f'The {count} steps'} that it had finished "
                    f"{'is' if count == 1 else 'are'} in the state now.",
                )
            )
        return self.snapshot

    def record(self, steps: Iterable[Step]) -> None:
        """Append finished steps to the journal: a kill forgets none when this returns.

        Raises `StateWriteError` if that fails; then nothing more can be
        recorded, so start nothing new, and `save` what there is.
        """
        if self._has_failed:
            raise StateWriteError(self._describe_journal("it failed before"))
        lines = encode_steps(steps)
        if not self._has_journal:
            lines = encode_header(self.snapshot.lineage, self.snapshot.serial) + lines
        self._to_journal(lambda: self.storage.append_journal(lines))
        self._has_journal = True
        self._is_settled = False

    def settle(self) -> None:
        """Return when everything that was recorded is on the disk; raises as `record` does."""
        if not self._is_settled:
            self._to_journal(self.storage.settle_journal)
            self._is_settled = True

    def _to_journal(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            self._has_failed = True
            raise StateWriteError(self._describe_journal(error.strerror or str(error))) from error

    def _describe_journal(self, why: str) -> Diagnostic:
        return Diagnostic(
            summary="Failed to save state",
            detail=f"The journal beside {self.storage.place} can't be written: {why}. "
            "Nothing more is begun. Make room or repair the disk, then run the command again.",
        )

    def save(self, state: State) -> Snapshot:
        """Write the state if it differs from what was there, and return the snapshot.

        The serial goes up by one with each change.  Raises `StateWriteError`
        if it can't be written: the old content and the journal then stand.
        """
        old = self.snapshot
        if not self._is_new and same_state(old.state, state):
            if self._has_journal:
                self.storage.clear_journal()
                self._has_journal = False
                self._is_settled = True
            return old
        return self.write(
            replace(old, state=state, serial=old.serial + 1, terraform_version=TERRAFORM_VERSION)
        )

    def write(self, snapshot: Snapshot) -> Snapshot:
        """Write the snapshot as it is, with its own serial and lineage.

        Raises `StateWriteError` as `save` does.
        """
        content = encode_state(snapshot)
        try:
            self.storage.write(content)
        except StateSwappedError:
            raise StateWriteError(
                Diagnostic(
                    summary="Failed to save state",
                    detail=f"{self.storage.place} was changed by somebody else while it was "
                    "locked here, and theirs is not overwritten.",
                ),
                self._to_keep(snapshot),
            ) from None
        except OSError as error:
            raise StateWriteError(
                Diagnostic(
                    summary="Failed to save state",
                    detail=f"{self.storage.place} can't be written: {error.strerror or error}.",
                ),
                self._to_keep(snapshot),
            ) from error
        self._snapshot = replace(snapshot, state=copy_state(snapshot.state))
        self._is_new = self._has_journal = False
        self._is_settled = True
        return self._snapshot

    def _to_keep(self, snapshot: Snapshot) -> bytes:
        """Return what could not be written, newer than what the journal will be folded into."""
        newer = snapshot.serial + 1 if self._has_journal else snapshot.serial
        return encode_state(replace(snapshot, serial=newer))

    def close(self) -> None:
        """Give the lock back."""
        self.storage.unlock()
        self._is_locked = False
