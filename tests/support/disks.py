"""A disk that fails, or a machine that stops, at a write of one's choice."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from cotta.system.disk import SystemDisk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cotta.system.disk import Log


class Stopped(BaseException):
    """The process was killed in the middle of a write."""


class _FaultyLog:
    """A file whose additions and syncs are counted with the other writes of a faulty disk."""

    def __init__(self, log: Log, may_go_on: Callable[[], bool], share: float) -> None:
        self._log = log
        self._may_go_on = may_go_on
        self._share = share

    def append(self, content: bytes) -> None:
        if not self._may_go_on():
            self._log.append(content[: int(len(content) * self._share)])
            raise Stopped
        self._log.append(content)

    def sync(self) -> None:
        if not self._may_go_on():
            raise Stopped
        self._log.sync()

    def close(self) -> None:
        self._log.close()


class FaultyDisk:
    """Passes `writes` calls that change something on to the real disk, and then no more.

    With `full`, that and every later call fails for lack of room.  Without,
    the process is killed after `share` of the call's bytes.
    """

    def __init__(self, writes: int, *, full: bool = False, share: float = 0.0) -> None:
        self._disk = SystemDisk()
        self._left = writes
        self._full = full
        self._share = share

    @property
    def has_failed(self) -> bool:
        return self._left < 0

    def _may_go_on(self) -> bool:
        self._left -= 1
        if self._left >= 0:
            return True
        if self._full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return False

    def read(self, path: Path) -> bytes | None:
        return self._disk.read(path)

    def replace(self, path: Path, content: bytes) -> None:
        if not self._may_go_on():
            if self._share > 0.5:
                self._disk.replace(path, content)
            raise Stopped
        self._disk.replace(path, content)

    def overwrite(self, path: Path, content: bytes) -> None:
        if not self._may_go_on():
            self._disk.overwrite(path, content[: int(len(content) * self._share)])
            raise Stopped
        self._disk.overwrite(path, content)

    def open_log(self, path: Path) -> Log:
        return _FaultyLog(self._disk.open_log(path), self._may_go_on, self._share)

    def remove(self, path: Path) -> None:
        # Removing needs no room.
        if self._full:
            self._disk.remove(path)
            return
        if not self._may_go_on():
            raise Stopped
        self._disk.remove(path)
