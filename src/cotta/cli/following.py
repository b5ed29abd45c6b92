"""The end of a log, and what comes after it."""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_INTERVAL_SECONDS: Final = 0.2
_PIECE: Final = 65536
_RECOGNISED: Final = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is in a file: which file it was, and how far."""

    inode: int
    offset: int


def last_lines(path: Path, count: int) -> tuple[str, Place]:
    """Return the last lines of a file, and the place behind them; nothing if there is no file."""
    try:
        with path.open("rb") as file:
            lines = deque(file, maxlen=count)
            place = Place(os.fstat(file.fileno()).st_ino, file.tell())
    except FileNotFoundError:
        return "", Place(0, 0)
    return b"".join(lines).decode("utf-8", "replace"), place


def follow_file(path: Path, place: Place) -> Iterator[str]:
    """Yield what is written to a file from a place on, for ever.

    A file that was put in its place, as logs are when they are long, is read from its start.
    """
    while True:
        text, place = _read_on(path, place)
        if text:
            yield text
        else:
            time.sleep(_INTERVAL_SECONDS)


def _read_on(path: Path, place: Place) -> tuple[str, Place]:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            is_other = status.st_ino != place.inode or status.st_size < place.offset
            file.seek(0 if is_other else place.offset)
            piece = file.read(_PIECE)
            return piece.decode("utf-8", "replace"), Place(status.st_ino, file.tell())
    except FileNotFoundError:
        return "", place


def follow_window(read: Callable[[], bytes], shown: bytes) -> Iterator[bytes]:
    """Yield what is new each time in bytes of which only the latest part can be read.

    None of it is yielded twice.  What went through faster than it was read is lost.
    """
    while True:
        window = read()
        new = window[_overlap(shown, window) :]
        if new:
            shown = window
            yield new
        else:
            time.sleep(_INTERVAL_SECONDS)


def _overlap(shown: bytes, window: bytes) -> int:
    """Return how much of the window's beginning is the end of what was shown last."""
    start = window[:_RECOGNISED]
    at = shown.find(start) if start else -1
    while at >= 0:
        if window.startswith(shown[at:]):
            return len(shown) - at
        at = shown.find(start, at + 1)
    # Less than that may be left of it, at the very end.
    return next((size for size in range(len(start) - 1, 0, -1) if shown.endswith(window[:size])), 0)
