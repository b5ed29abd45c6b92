"""`cotta workspace show`: which workspace is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.states.workspaces import Workspaces

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] workspace show

  Prints the name of the selected workspace.
"""


def declare(flags: Flags) -> None:
    """Take nothing."""
    flags.words("words", most=0)


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the name."""
    del given
    terminal.write(f"{Workspaces(terminal.environment).selected}\n")
    return 0
