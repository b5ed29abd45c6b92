"""`cotta workspace list`: which workspaces there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.states.workspaces import Workspaces

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] workspace list

  Lists the workspaces; a star is before the selected one.
"""


def declare(flags: Flags) -> None:
    """Take nothing."""
    flags.words("words", most=0)


def run(given: Namespace, terminal: Terminal) -> int:
    """Print a name a line."""
    del given
    workspaces = Workspaces(terminal.environment)
    selected = workspaces.selected
    for name in workspaces.names():
        terminal.write(f"{'*' if name == selected else ' '} {name}\n")
    terminal.write("\n")
    if workspaces.is_overridden:
        terminal.write(
            "\n\nThe active workspace is being overridden using the TF_WORKSPACE environment\n"
            "variable.\n\n"
        )
    return 0
