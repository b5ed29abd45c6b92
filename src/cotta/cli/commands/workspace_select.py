"""`cotta workspace select`: work in another workspace from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.workspaces import check_name, create, refuse_missing, refuse_override
from cotta.diagnostics.render import GREEN, Pen
from cotta.states.workspaces import Workspaces

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] workspace select [options] name

  Has the commands after this one work in another workspace.
"""


def declare(flags: Flags) -> None:
    """Take a name."""
    flags.switch("or-create", "Make the workspace if there is none of this name.")
    flags.words("names", least=1, most=1, advice="Name one workspace.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Select it."""
    workspaces = Workspaces(terminal.environment)
    refuse_override(workspaces)
    name = given.names[0]
    check_name(name)
    if name == workspaces.selected:
        return 0
    if name not in workspaces.names():
        if not given.or_create:
            refuse_missing(name)
        create(workspaces, name, terminal)
        return 0
    workspaces.select(name)
    pen = Pen(colour=terminal.stdout_has_colour)
    terminal.write(pen.paint(f'Switched to workspace "{name}".', GREEN) + "\n")
    return 0
