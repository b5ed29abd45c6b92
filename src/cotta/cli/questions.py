"""Questions that come up while something is changed, and only a person can answer."""

from __future__ import annotations

import os
import select
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.cli.views.differences import BOLD
from cotta.cli.views.lines import plain_line
from cotta.cli.views.progress_text import name_of
from cotta.diagnostics.render import Pen

if TYPE_CHECKING:
    from cotta.cli.terminal import Terminal
    from cotta.engine.events import Subject
    from cotta.engine.walk import Cancellation
    from cotta.providers.interface import Question

_LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks at a terminal; the default is the answer where that can't be or may not be.

    A second interrupt breaks the question off.
    """

    terminal: Terminal
    cancellation: Cancellation
    can_ask: bool

    def __call__(self, subject: Subject, question: Question) -> str:
        """Return one of a question's choices."""
        terminal = self.terminal
        if not self.can_ask or not terminal.is_interactive:
            return question.default
        terminal.write(_render(subject, question, Pen(colour=terminal.stdout_has_colour)))
        while True:
            terminal.stdout.flush()
            typed = self._read_line()
            if typed is None:
                terminal.write("\n")
                return question.default
            answer = typed.strip() or question.default
            if answer in question.choices:
                terminal.write("\n")
                return answer
            known = " or ".join(f'"{name}"' for name in question.choices)
            terminal.write(f"  The answer is {known}: ")

    def _read_line(self) -> str | None:
        """Return what is typed; None at the end of the input, or when it is broken off."""
        number = self.terminal.stdin.fileno()
        typed = b""
        while not self.cancellation.is_urgent:
            if not select.select([number], [], [], _LOOK_SECONDS)[0]:
                continue
            # Not by way of the buffer: what was typed before the question is no answer to it,
            # and nothing may wait where no interrupt gets through.
            part = os.read(number, 4096)
            typed += part
            if not part:
                return None
            if typed.endswith(b"\n"):
                return typed.decode("utf-8", "replace")
        return None


def _render(subject: Subject, question: Question, pen: Pen) -> str:
    width = max(map(len, question.choices))
    lines = [
        "",
        pen.paint(f"{name_of(subject)}: {plain_line(question.text)}", BOLD),
        *(f"  {name.ljust(width)}  {text}" for name, text in question.choices.items()),
        "",
        f"  {pen.paint('Enter a value:', BOLD)} ({question.default}) ",
    ]
    return "\n".join(lines)
