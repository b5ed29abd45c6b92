"""How far a transfer has come, told in steps that a person can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cotta.builder.events import Ui

# Where the whole is not known, every so many bytes are told.
_STEP: Final = 8_000_000
_STEPS: Final = 100


class Meter:
    """Counts the bytes of one transfer, and tells about each hundredth of it."""

    def __init__(self, ui: Ui, what: str, total: int = 0) -> None:
        """Tell `ui` of `what`; `total` is 0 where nobody knows it."""
        self._ui = ui
        self._what = what
        self._total = total
        self._done = 0
        self._told = 0
        self._step = max(total // _STEPS, 1) if total else _STEP

    def add(self, size: int) -> None:
        """Count more bytes."""
        self._done += size
        if self._done - self._told >= self._step:
            self._told = self._done
            # A file that grows meanwhile is no more than whole.
            done = min(self._done, self._total) if self._total else self._done
            self._ui.progress(self._what, done, self._total)
