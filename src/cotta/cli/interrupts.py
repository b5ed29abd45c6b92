"""What Ctrl-C means while the world is changed."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import FrameType

    from cotta.cli.terminal import Terminal
    from cotta.engine.walk import Cancellation

_FIRST_INTERRUPT: Final = (
    "\nInterrupt received.\nPlease wait for Cotta to exit or data loss may occur.\n"
    "Gracefully shutting down...\n"
)
_SECOND_INTERRUPT: Final = (
    "\nTwo interrupts received. Exiting immediately. What was under way may be half "
    "done;\nthe next command takes up what was finished.\n"
)


class Interrupts:
    """Ctrl-C, or a request to end, while the world is changed: the first stops, the second at once.

    After the first nothing more is begun, and what is under way is waited
    for.  After the second it is not: what has ended is written down.  A third
    breaks off whatever the program itself is at.
    """

    def __init__(
        self,
        terminal: Terminal,
        cancellation: Cancellation,
        told: tuple[str, str] = (_FIRST_INTERRUPT, _SECOND_INTERRUPT),
    ) -> None:
        """Say what is `told` first and second."""
        self._terminal, self._cancellation = terminal, cancellation
        self._told = told
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self._cancellation.is_urgent:
            raise KeyboardInterrupt
        if self._cancellation.is_requested:
            self._cancellation.insist()
            self._say(self._told[1])
            return
        self._cancellation.request()
        self._say(self._told[0])

    def _say(self, text: str) -> None:
        # Nobody may read it: then it goes without.
        with contextlib.suppress(BrokenPipeError):
            try:
                self._terminal.warn(text)
            except RuntimeError:
                # The signal came in the middle of a write, which a buffer can't begin anew.
                os.write(self._terminal.stderr.fileno(), text.encode())
