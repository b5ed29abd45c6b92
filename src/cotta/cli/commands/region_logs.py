"""`cotta region logs`: what the daemon has said."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Final

from cotta.cli.following import follow_file, last_lines
from cotta.cli.regions import require_region

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] region logs [options]

  Prints the last lines that the region's daemon has said.
"""

_USUAL_LINES: Final = 100


def declare(flags: Flags) -> None:
    """Take how many, and whether to go on."""
    flags.switch("f", "Go on with what it says from now on, until Ctrl-C.")
    flags.option(
        "n",
        "LINES",
        f"How many lines; {_USUAL_LINES} by default.",
        default=None,
        parse=_parse_lines,
    )
    flags.words("words", most=0)


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the end of the log."""
    home, _ = require_region(terminal)
    count = _USUAL_LINES if given.n is None else given.n
    text, end = last_lines(home.log, count)
    terminal.write(text)
    if given.f:
        terminal.stdout.flush()
        for more in follow_file(home.log, end):
            terminal.write(more)
            terminal.stdout.flush()
    return 0


def _parse_lines(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ArgumentTypeError(f'needs a number of lines, not "{text}"')
    return int(text)
