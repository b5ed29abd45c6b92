"""Where a state is kept: the Protocol, and the local file with its lock, backup and journal.

Beside `terraform.tfstate` there may be, all in the same folder:

    terraform.tfstate.backup         the snapshot before the last change
    .terraform.tfstate.lock.info     who holds the lock
    .terraform.tfstate.journal       steps that are finished and not yet in the state
    .terraform.tfstate.next          the content of a write that has begun

The state file is written in place, not replaced, because the lock of Terraform
(and of anyone waiting for it) is on the file itself.  The `.next` file makes
that safe: it is there, whole, before the state file is touched.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from cotta.states.locks import LockInfo, StateLockedError, decode_lock, encode_lock
from cotta.system.files import FileLockedError, lock_file

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.system.disk import Disk, Log

NO_WAIT = timedelta()


class StateSwappedError(Exception):
    """The state was changed by somebody else while it was locked here."""


class StateStorage(Protocol):
    """Where one state is kept: that of one workspace.

    It keeps bytes and knows nothing of what is in them.  Each call that
    writes raises `OSError` when that fails, and then the old content stands.
    """

    @property
    def place(self) -> str:
        """What messages call it."""
        ...

    def lock(self, info: LockInfo, *, wait: timedelta = NO_WAIT) -> None:
        """Take the lock; raise `StateLockedError` if somebody else still has it after `wait`."""
        ...

    def unlock(self) -> None:
        """Give the lock back, if it was taken."""
        ...

    def read(self) -> bytes | None:
        """Return the content; None if there is nothing yet."""
        ...

    def write(self, content: bytes) -> None:
        """Make `content` the state and forget the journal, both or neither.

        Raises `StateSwappedError` if the content is not the one last read.
        """
        ...

    def read_journal(self) -> bytes:
        """Return all that was appended since the last write."""
        ...

    def append_journal(self, content: bytes) -> None:
        """Add to the journal: a kill of this process takes nothing back when this returns."""
        ...

    def settle_journal(self) -> None:
        """Return when nothing at all takes back what was added to the journal."""
        ...

    def clear_journal(self) -> None:
        """Forget the journal alone."""
        ...


@dataclass(frozen=True, slots=True)
class StatePaths:
    """The files of a local state: `backup` None keeps none, `read` is usually `write`."""

    read: Path
    write: Path
    backup: Path | None


class LocalStorage:
    """A state in a local file, as Terraform's local backend keeps it."""

    def __init__(self, paths: StatePaths, disk: Disk) -> None:
        self._paths = paths
        self._disk = disk
        self._read = paths.read
        self._lock = contextlib.ExitStack()
        self._is_locked = False
        self._is_backed_up = False
        # The digest of what was there at the last read, to notice if it has been swapped.
        self._seen: bytes | None = None
        # The journal, open from the first addition until it goes.
        self._log: Log | None = None

    @property
    def place(self) -> str:
        """The state file's path, as it was given."""
        return str(self._paths.write)

    def lock(self, info: LockInfo, *, wait: timedelta = NO_WAIT) -> None:
        """Take the lock that Terraform takes too, and write down who has it."""
        path = self._paths.write
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        try:
            while not self._lock_once(wait):
                self._lock.close()
        except FileLockedError:
            held = self._disk.read(self._beside("lock.info"))
            raise StateLockedError(
                "resource temporarily unavailable", decode_lock(held) if held else None
            ) from None
        self._is_locked = True
        self._lock.callback(self._leave, is_new=is_new)
        descriptor = os.open(
            self._beside("lock.info"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(encode_lock(info))

    def _lock_once(self, wait: timedelta) -> bool:
        """Lock the file; return whether it is still the one of that name."""
        path = self._paths.write
        descriptor = self._lock.enter_context(lock_file(path, wait=wait))
        try:
            return os.path.samestat(os.fstat(descriptor), path.stat())
        except FileNotFoundError:
            return False

    def _leave(self, *, is_new: bool) -> None:
        self._disk.remove(self._beside("lock.info"))
        path = self._paths.write
        # The lock made the file; without a write it has no business there.
        if is_new and path.exists() and path.stat().st_size == 0:
            self._disk.remove(path)
        self._is_locked = False

    def unlock(self) -> None:
        """Give the lock back; an empty file that it made is removed."""
        self._close_log()
        self._lock.close()

    def read(self) -> bytes | None:
        """Return the content, also where a write was cut short: that is finished first."""
        found = self._disk.read(self._read)
        interrupted = self._disk.read(self._beside("next"))
        if interrupted is not None:
            found = self._finish(found, interrupted)
        self._seen = _digest(found)
        return found or None

    def _finish(self, found: bytes | None, interrupted: bytes) -> bytes | None:
        """Return what the state is after the write that was interrupted; do it if locked."""
        replaced, _, content = interrupted.partition(b"\n")
        is_untouched = _digest(found) == replaced
        # A power cut may leave zeros where the rest should have been.
        is_cut_short = content.startswith((found or b"").rstrip(b"\0"))
        if not is_untouched and not is_cut_short:
            # Somebody has written since; the journal has what is not in theirs.
            content = found or b""
        elif self._is_locked:
            self._disk.overwrite(self._paths.write, content)
            self.clear_journal()
        if self._is_locked:
            self._disk.remove(self._beside("next"))
        return content

    def write(self, content: bytes) -> None:
        """Make `content` the state: first beside it, then in it; a backup before the first time."""
        path = self._paths.write
        there = self._disk.read(path)
        digest = _digest(there)
        if self._read == path and self._seen not in (None, digest):
            raise StateSwappedError
        if there and self._paths.backup is not None and not self._is_backed_up:
            self._disk.replace(self._paths.backup, there)
            self._is_backed_up = True
        path.parent.mkdir(parents=True, exist_ok=True)
        self._disk.replace(self._beside("next"), digest + b"\n" + content)
        self._disk.overwrite(path, content)
        self._seen, self._read = _digest(content), path
        self.clear_journal()
        self._disk.remove(self._beside("next"))

    def read_journal(self) -> bytes:
        """Return all that was appended since the last write."""
        return self._disk.read(self._beside("journal")) or b""

    def append_journal(self, content: bytes) -> None:
        """Add to the journal: a kill of this process takes nothing back when this returns."""
        if self._log is None:
            path = self._beside("journal")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._log = self._disk.open_log(path)
        self._log.append(content)

    def settle_journal(self) -> None:
        """Return when what was added to the journal is on the disk."""
        if self._log is not None:
            self._log.sync()

    def clear_journal(self) -> None:
        """Forget the journal alone."""
        self._close_log()
        self._disk.remove(self._beside("journal"))

    def _close_log(self) -> None:
        log, self._log = self._log, None
        if log is not None:
            log.close()

    def _beside(self, ending: str) -> Path:
        path = self._paths.write
        return path.with_name(f".{path.name.removeprefix('.')}.{ending}")


def _digest(content: bytes | None) -> bytes:
    return sha256(content or b"").hexdigest().encode("ascii")
