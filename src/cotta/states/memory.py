"""A state in memory: the twin of the local file, for tests and for what is never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.states.locks import LockInfo, StateLockedError, decode_lock, encode_lock
from cotta.states.storage import NO_WAIT, StateSwappedError

if TYPE_CHECKING:
    from datetime import timedelta


class MemoryStorage:
    """A state in memory, for tests: those that share `contents` share the state.

    `contents` has the state under "state", the journal under "journal" and
    whoever holds the lock under "lock".
    """

    def __init__(self, contents: dict[str, bytes] | None = None) -> None:
        self.contents = contents if contents is not None else {}
        self._is_locked = False
        self._seen: bytes | None = None
        self._has_read = False

    @property
    def place(self) -> str:
        """What messages call it."""
        return "memory"

    def lock(self, info: LockInfo, *, wait: timedelta = NO_WAIT) -> None:
        """Take the lock; nobody can give it back while this waits, so it doesn't."""
        del wait
        if "lock" in self.contents:
            raise StateLockedError("it is locked", decode_lock(self.contents["lock"]))
        self.contents["lock"] = encode_lock(info)
        self._is_locked = True

    def unlock(self) -> None:
        """Give the lock back, if it was taken."""
        if self._is_locked:
            del self.contents["lock"]
            self._is_locked = False

    def read(self) -> bytes | None:
        """Return the content; None if there is nothing yet."""
        self._seen, self._has_read = self.contents.get("state"), True
        return self._seen or None

    def write(self, content: bytes) -> None:
        """Make `content` the state and forget the journal."""
        if self._has_read and self.contents.get("state") != self._seen:
            raise StateSwappedError
        self.contents["state"] = self._seen = content
        self.clear_journal()

    def read_journal(self) -> bytes:
        """Return all that was appended since the last write."""
        return self.contents.get("journal", b"")

    def append_journal(self, content: bytes) -> None:
        """Add to the journal."""
        self.contents["journal"] = self.read_journal() + content

    def settle_journal(self) -> None:
        """Do nothing: memory lasts as long as it lasts."""

    def clear_journal(self) -> None:
        """Forget the journal alone."""
        self.contents.pop("journal", None)
