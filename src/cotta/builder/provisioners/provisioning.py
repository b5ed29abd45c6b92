"""What a provisioner is given, and what all of them need."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.builder.communicators.interface import STDERR
from cotta.builder.model import RenderError
from cotta.builder.running import BuildError, Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cotta.builder.communicators.interface import Communicator
    from cotta.builder.events import Ui
    from cotta.builder.model import Build, Provisioner
    from cotta.builder.running import Run
    from cotta.diagnostics.source import SourceRange
    from cotta.system.clock import Clock

_TAIL_LINES: Final = 10
_NAP: Final = timedelta(milliseconds=100)


class TimeIsUpError(BuildError):
    """A provisioner took longer than it was allowed to."""


class Deadline:
    """Says when what is under way has to end: at a time, or when the person asks for it."""

    def __init__(self, clock: Clock, cancelled: Callable[[], bool]) -> None:
        self._clock = clock
        self._cancelled = cancelled
        self._at: datetime | None = None

    def begin(self, allowed: timedelta | None) -> None:
        """Begin to count; None lets it take as long as it takes."""
        self._at = self._clock.now() + allowed if allowed is not None else None

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self._at is not None and self._clock.now() >= self._at

    def stopped(self) -> bool:
        """Say whether to give up what is under way."""
        return self._cancelled() or self.is_over

    def check(self) -> None:
        """Raise `Cancelled` or `TimeIsUpError` if it is time."""
        if self._cancelled():
            raise Cancelled
        if self.is_over:
            raise TimeIsUpError("its time was up")

    def sleep(self, duration: timedelta) -> None:
        """Wait; raises as `check` does, soon after it is time."""
        end = self._clock.now() + duration
        while (left := end - self._clock.now()) > timedelta():
            self.check()
            self._clock.sleep(min(left, _NAP))
        self.check()


@dataclass(frozen=True, kw_only=True)
class Provisioning:
    """What the provisioners of one build are given.

    `machine` is None with the communicator "none".  `generated` are the build's variables.
    `salt` is part of the names of files that are made for a while on the machine: the same for the
    same build, so that two builds of it leave the same, and different where that is to be proven.
    """

    build: Build
    run: Run
    ui: Ui
    machine: Communicator | None
    generated: Mapping[str, str | int | bool]
    deadline: Deadline
    salt: str = ""
    # What is called after each provisioner: whoever wants to know what it has changed.
    finished: Callable[[Provisioner], None] = field(default=lambda _: None)

    def need_machine(self) -> Communicator:
        """Return the machine; raise `BuildError` if there is none."""
        if self.machine is None:
            raise BuildError(
                'There is no machine to provision: the communicator is "none". Only shell-local, '
                "sleep and breakpoint work without one."
            )
        return self.machine

    def render(self, text: str, fields: Mapping[str, object]) -> str:
        """Return a held option with its `{{ }}` filled in."""
        try:
            return self.build.layer.render(text, fields, self.generated)
        except RenderError as error:
            raise BuildError(f'"{text}" can\'t be filled in: {error}') from error


class Lines:
    """Hands on what a command writes, line by line, and remembers the last ones."""

    def __init__(self, ui: Ui) -> None:
        self._ui = ui
        self._open: dict[str, bytes] = {}
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)

    def __call__(self, stream: str, piece: bytes) -> None:
        """Take a piece of what was written to a stream."""
        *whole, rest = (self._open.get(stream, b"") + piece).split(b"\n")
        self._open[stream] = rest
        for line in whole:
            self._say(stream, line)

    def end(self) -> None:
        """Hand on lines that have no end."""
        for stream, rest in self._open.items():
            if rest:
                self._say(stream, rest)
        self._open.clear()

    @property
    def tail(self) -> str:
        """The last lines, indented; "" if nothing was written."""
        return "\n".join(f"    {line}" for line in self._tail)

    def _say(self, stream: str, line: bytes) -> None:
        # What a progress bar has written over itself is seen as it ends.
        text = line.decode(errors="replace").rstrip("\r").rpartition("\r")[2]
        self._tail.append(text)
        if stream == STDERR:
            self._ui.error(text)
        else:
            self._ui.message(text)


def place_of(range: SourceRange) -> str:
    """Return where something stands: `web.pkr.hcl line 22`."""
    return f"{range.file.name} line {range.first.line}"
