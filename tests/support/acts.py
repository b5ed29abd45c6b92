"""Something goes wrong at the nth thing that this thread does to the machine.

Python tells an audit hook before it starts a program, makes a system call by ctypes, or writes
a file, so nothing need be replaced.  A hook stays for good; it sleeps but in a block.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ACTS: Final = frozenset(
    {"subprocess.Popen", "ctypes.dlopen", "os.mkdir", "os.rename", "os.remove", "os.rmdir"}
)
_WRITING: Final = os.O_WRONLY | os.O_RDWR


class Trap:
    """Counts acts, and springs at one of them: with an `OSError`, or by killing the process."""

    def __init__(self) -> None:
        self._thread: int | None = None
        self._nth = 0
        self._kills = False
        self.acts = 0
        sys.addaudithook(self._hook)

    @contextlib.contextmanager
    def set(self, nth: int, *, kills: bool = False) -> Iterator[None]:
        """Spring at the nth act in a block; 0 only counts."""
        self.acts, self._nth, self._kills = 0, nth, kills
        self._thread = threading.get_ident()
        try:
            yield
        finally:
            self._thread = None

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._thread is None or self._thread != threading.get_ident():
            return
        if event not in _ACTS and not (event == "open" and _is_writing(arguments)):
            return
        self.acts += 1
        if self.acts != self._nth:
            return
        if self._kills:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(f"act {self._nth} fails: {event}")


def _is_writing(arguments: tuple[Any, ...]) -> bool:
    return isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)
