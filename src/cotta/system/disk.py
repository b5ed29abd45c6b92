"""What is written to the disk to stay there, as an argument, so that tests can make it fail."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Protocol

from cotta.system.files import sync_directory, write_atomically

if TYPE_CHECKING:
    from pathlib import Path


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

    def append(self, path: Path, content: bytes) -> None:
        """Add `content` to the end of a file, which is made if need be.

        When it fails, nothing is added; when it is cut short, a beginning may be.
        """
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

    def append(self, path: Path, content: bytes) -> None:
        """Add `content` to the end of a file; when that fails, nothing is added."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            try:
                _write_all(descriptor, content)
                os.fsync(descriptor)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)
        if size == 0:
            sync_directory(path.parent)

    def remove(self, path: Path) -> None:
        """Remove a file, if there is one."""
        path.unlink(missing_ok=True)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
