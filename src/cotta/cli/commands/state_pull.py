"""`cotta state pull`: the state, as it is, on stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.states import open_state
from cotta.states.encode import encode_state

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] state pull

  Prints the state of the workspace, in the newest format.
"""


def declare(flags: Flags) -> None:
    """Take nothing but a file."""
    flags.option("state", "PATH", "The state file to read, instead of the workspace's.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the state; nothing if there is none."""
    with open_state(given, terminal) as session:
        if not session.is_new:
            terminal.write(encode_state(session.snapshot).decode())
    return 0
