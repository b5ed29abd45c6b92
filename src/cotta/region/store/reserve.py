"""Room on the disk that is kept for the day on which there is none.

Removing something takes room first: rows are written before an instance ends. So a file is
kept beside the rows, and let go piece by piece, each time that a write which leads to room finds
none. Until it has its whole size again the disk counts as full for every other write: what was
let go would be gone at once.
"""

from __future__ import annotations

import logging
import os
import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

log: Final = logging.getLogger(__name__)

# SQLite's log grows to 4 MiB before it is begun anew; the end of an instance writes about 0.2 MiB.
RESERVED_BYTES: Final = 16 * 1024 * 1024

_PIECES: Final = 8


class Reserve:
    """A file of zeros.  Only the process that runs the region lets it go and takes it."""

    def __init__(self, path: Path, size: int = RESERVED_BYTES) -> None:
        self._path = path
        self._size = size
        # Where it has never been, the disk was full before the region came.
        self._is_let_go = path.exists() and path.stat().st_size < size

    @property
    def is_let_go(self) -> bool:
        """Whether a part of it was let go, and not taken again since."""
        return self._is_let_go

    def let_go(self) -> bool:
        """Let go one piece more; say whether there was one."""
        try:
            left = self._path.stat().st_size
            if not left:
                return False
            self._is_let_go = True
            os.truncate(self._path, max(left - self._size // _PIECES, 0))
        except OSError:
            return False
        log.warning("the disk is full: room that was kept is let go", extra={"left": left})
        return True

    def take(self) -> None:
        """Take what is missing, if the disk has that and as much as all of it besides."""
        try:
            there = self._path.stat().st_size
        except FileNotFoundError:
            there = 0
        missing = self._size - there
        if missing <= 0 or shutil.disk_usage(self._path.parent).free < missing + self._size:
            return
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, there, missing)
        finally:
            os.close(descriptor)
        self._is_let_go = False


def reserve_of(database: Path) -> Reserve:
    """Return the reserve that is kept beside a region's rows."""
    return Reserve(database.with_suffix(".reserve"))
