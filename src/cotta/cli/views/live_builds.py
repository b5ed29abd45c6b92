"""Builds at a terminal: the lines as ever, and below them a line per build that moves.

Only imported where a person looks at it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cotta.cli.views.builds import TextBuilds, Tone, share_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from cotta.cli.outcomes import Outcome
    from cotta.cli.terminal import Terminal

_REFRESHES_PER_SECOND: Final = 8
# More builds than this are not each given a line: the screen is for what they say.
_MOST_LINES: Final = 12


@dataclass(slots=True)
class _Row:
    began: datetime
    doing: str = ""
    moving: str = ""
    spinner: Spinner = field(default_factory=lambda: Spinner("dots"))


class LiveBuilds:
    """A `TextBuilds` whose lines scroll by above one line per running build."""

    def __init__(
        self,
        terminal: Terminal,
        lock: AbstractContextManager[object],
        turn: AbstractContextManager[object],
        now: Callable[[], datetime],
        *,
        stamp: Callable[[], datetime] | None,
        ask: Callable[[], str],
    ) -> None:
        """Write under `lock`, and ask one question at a time, under `turn`."""
        self._console = Console(
            file=terminal.stdout,
            force_terminal=True,
            no_color=not terminal.stdout_has_colour,
            highlight=False,
            soft_wrap=True,
        )
        self._now = now
        self._turn = turn
        self._rows: dict[str, _Row] = {}
        self._live = Live(
            console=self._console,
            get_renderable=self._picture,
            refresh_per_second=_REFRESHES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._lines = TextBuilds(
            self._print, lock, colour=terminal.stdout_has_colour, stamp=stamp, ask=ask
        )

    def begins(self, builds: Sequence[str]) -> None:
        """Say which builds there are, and begin to draw."""
        self._lines.begins(builds)
        self._rows = {build: _Row(self._now()) for build in builds}
        self._live.start()

    def line(self, build: str, tone: Tone, text: str) -> None:
        """Write what a build says, and keep it in its line if it is what the build does."""
        row = self._rows.get(build)
        if row is not None and tone is Tone.SAY:
            row.doing, row.moving = text.split("\n", maxsplit=1)[0], ""
        self._lines.line(build, tone, text)

    def asks(self, build: str, question: str) -> str:
        """Stop drawing while the person answers."""
        with self._turn:
            self._live.stop()
            try:
                return self._lines.asks(build, question)
            finally:
                self._live.start()

    def moves(self, build: str, what: str, done: int, total: int) -> None:
        """Show in the build's line how far something is."""
        row = self._rows.get(build)
        if row is not None:
            row.moving = f"{what}: {share_of(done, total)}"

    def ended(self, outcome: Outcome) -> None:
        """Take the build's line away."""
        self._rows.pop(outcome.build, None)
        self._lines.ended(outcome)

    def summary(
        self, outcomes: Sequence[Outcome], took: timedelta, *, was_interrupted: bool
    ) -> None:
        """End drawing, and write what there is."""
        self._rows.clear()
        self._live.stop()
        self._lines.summary(outcomes, took, was_interrupted=was_interrupted)

    def _print(self, text: str) -> None:
        self._console.print(Text.from_ansi(text.rstrip("\n")) if text.strip() else "")

    def _picture(self) -> Group:
        table = Table.grid(padding=(0, 1))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, justify="right")
        table.add_column(no_wrap=True, overflow="ellipsis")
        rows = list(self._rows.items())
        now = self._now()
        for build, row in rows[:_MOST_LINES]:
            took = f"{int((now - row.began).total_seconds())} s"
            table.add_row(row.spinner, Text(build, style="bold"), took, row.moving or row.doing)
        more = len(rows) - _MOST_LINES
        return Group(table, Text(f"  and {more} more")) if more > 0 else Group(table)
