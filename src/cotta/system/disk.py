"""What is written to the disk to stay there, as an argument, so that tests can make it fail."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Protocol

from cotta.system.files import sync_directory, write_atomically

if TYPE_CHECKING:
    from pathlib import Path


class Log(Protocol):
    """A file that is open, and only added to.  Each call raises `OSError` when it fails."""

    def append(self, content: bytes) -> None:
        """Add `content` to the end, so that a kill of the process takes nothing back.

        When it fails, nothing is added; when it is cut short, a beginning may be.
        """
        ...

    def sync(self) -> None:
        """Return when a power cut takes nothing back of what was added."""
        ...

    def close(self) -> None:
        """Give it up."""
        ...


class Disk(Protocol):
    """Files that last: when a call has returned, a power cut takes nothing back.

    Each call raises `OSError` when it fails.
    """

    def read(self, path: Path) -> bytes | None:
        """Return a file's content; None if there is no such file."""
        ...

    def replace(self, path: Path, content: bytes) -> None:
        """Put a file with `content` in the place of the one there, or leave that one whole."""
        ...

    def overwrite(self, path: Path, content: bytes) -> None:
        """Write `content` into the file itself, which keeps its locks.

        When that is cut short, the file holds the beginning of `content`.
        """
        ...

    def open_log(self, path: Path) -> Log:
        """Return a file that can be added to; it is made if need be, with the first addition."""
        ...

    def remove(self, path: Path) -> None:
        """Remove a file, if there is one."""
        ...


class SystemDisk:
    """The machine's own disks."""

    def read(self, path: Path) -> bytes | None:
        """Return a file's content; None if there is no such file."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def replace(self, path: Path, content: bytes) -> None:
        """Put a file with `content` in the place of the one there, or leave that one whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)

    def overwrite(self, path: Path, content: bytes) -> None:
        """Write `content` into the file itself, which keeps its locks."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            _write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def open_log(self, path: Path) -> Log:
        """Return a file that can be added to; it is made if need be, with the first addition."""
        return SystemLog(path)

    def remove(self, path: Path) -> None:
        """Remove a file, if there is one."""
        path.unlink(missing_ok=True)


class SystemLog:
    """A file of the machine that is only added to.  Nobody else adds to it meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._size = 0
        self._is_new = False

    def append(self, content: bytes) -> None:
        """Add `content` to the end; when that fails, nothing is added."""
        descriptor = self._open()
        try:
            _write_all(descriptor, content)
        except BaseException:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, self._size)
            raise
        self._size += len(content)

    def _open(self) -> int:
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o600)
            self._size = os.fstat(self._descriptor).st_size
            self._is_new = self._size == 0
        return self._descriptor

    def sync(self) -> None:
        """Return when a power cut takes nothing back of what was added."""
        if self._descriptor is None:
            return
        os.fdatasync(self._descriptor)
        if self._is_new:
            sync_directory(self._path.parent)
            self._is_new = False

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
