"""`cotta workspace delete`: remove a workspace and its state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import Mode
from cotta.cli.states import declare_lock, fail, open_state
from cotta.cli.workspaces import refuse_missing
from cotta.diagnostics.render import GREEN, YELLOW, Pen
from cotta.states.editing import instances_of
from cotta.states.workspaces import DEFAULT, Workspaces

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] workspace delete [options] name

  Removes a workspace with its state.  One whose state still has resources is
  refused without -force: they would go on existing, forgotten.
"""


def declare(flags: Flags) -> None:
    """Take a name."""
    flags.switch("force", "Remove it even if its state has resources.")
    declare_lock(flags)
    flags.words("names", least=1, most=1, advice="Name one workspace.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Remove it, unless that would forget something."""
    workspaces = Workspaces(terminal.environment)
    name = given.names[0]
    if name not in workspaces.names():
        refuse_missing(name)
    if name == workspaces.selected:
        raise fail(
            f'Workspace "{name}" is your active workspace.',
            "Select another one first: cotta workspace select NAME.",
        )
    if name == DEFAULT:
        raise fail(f'can\'t delete default state, "{DEFAULT}" is always there')
    with open_state(given, terminal, "workspace-delete", paths=workspaces.paths(name)) as session:
        found = [
            address
            for address in instances_of(session.snapshot.state)
            if address.resource.mode is Mode.MANAGED
        ]
    if found and not given.force:
        raise fail(
            "Workspace is not empty",
            f'The state of the workspace "{name}" has these resource instances:\n'
            + "".join(f"  - {address}\n" for address in found)
            + "\nWithout it nobody would look after them. Destroy them first: select the "
            'workspace and run "cotta destroy". To forget them instead, use -force.',
        )
    workspaces.delete(name)
    pen = Pen(colour=terminal.stdout_has_colour)
    terminal.write(pen.paint(f'Deleted workspace "{name}"!', GREEN) + "\n")
    if found:
        text = (
            f'WARNING: "{name}" was non-empty.\n'
            "The resources managed by the deleted workspace may still exist,\n"
            "but are no longer manageable by Terraform since the state has\n"
            "been deleted.\n"
        )
        terminal.write(pen.paint(text.replace("Terraform", "Cotta"), YELLOW) + "\n")
    return 0
