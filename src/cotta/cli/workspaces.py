"""What the commands about workspaces share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from cotta.cli.states import fail
from cotta.diagnostics.render import BOLD, GREEN, Pen
from cotta.states.workspaces import is_workspace_name

if TYPE_CHECKING:
    from cotta.cli.terminal import Terminal
    from cotta.states.workspaces import Workspaces


def refuse_override(workspaces: Workspaces) -> None:
    """Raise `DiagnosticsError` if the environment says which workspace it is."""
    if workspaces.is_overridden:
        raise fail(
            "The selected workspace is currently overridden using the TF_WORKSPACE environment "
            "variable.",
            "Unset the variable first, or give it the name of the other workspace.",
        )


def refuse_missing(name: str) -> NoReturn:
    """Raise `DiagnosticsError`: there is no workspace of this name."""
    raise fail(
        f'Workspace "{name}" doesn\'t exist.',
        f'To make it: "cotta workspace new {name}", or "select -or-create".',
    )


def check_name(name: str) -> None:
    """Raise `DiagnosticsError` if no workspace may be called so."""
    if not is_workspace_name(name):
        raise fail(
            f'The workspace name "{name}" is not allowed. The name must contain only URL safe '
            "characters, and no path separators."
        )


def create(workspaces: Workspaces, name: str, terminal: Terminal) -> None:
    """Make a workspace and select it, and say so."""
    check_name(name)
    if name in workspaces.names():
        raise fail(f'Workspace "{name}" already exists')
    workspaces.create(name)
    workspaces.select(name)
    pen = Pen(colour=terminal.stdout_has_colour)
    terminal.write(
        pen.paint(f'Created and switched to workspace "{name}"!', BOLD, GREEN)
        + "\n\nYou're now on a new, empty workspace. Workspaces isolate their state,\n"
        'so if you run "cotta plan" Cotta will not see any existing state\n'
        "for this configuration.\n"
    )
