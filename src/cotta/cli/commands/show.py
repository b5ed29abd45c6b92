"""`cotta show`: everything that a state has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.schemas import native_schemas
from cotta.cli.states import fail, open_state
from cotta.cli.views.state_json import encode_shown_state
from cotta.cli.views.states import render_state
from cotta.diagnostics.render import Pen
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] show [options] [path]

  Prints the state of the workspace, or the state file at a path, as text or
  as JSON of format 1.0.
"""


def declare(flags: Flags) -> None:
    """Take a path, and how to print."""
    flags.switch("json", "Print JSON.")
    flags.words("paths", most=1, advice="Name one file, or none to see the workspace's state.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the state."""
    given.state = given.paths[0] if given.paths else None
    with open_state(given, terminal) as session:
        if session.is_new and given.paths:
            raise fail(
                "Failed to read the given file as a state or plan file",
                f"There is no state in {given.paths[0]}.",
            )
        # What an interrupted run has left counts even before the first write.
        has_any = not session.is_new or not session.snapshot.state.is_empty
        snapshot = session.snapshot if has_any else None
    schema_of = native_schemas()
    if given.json:
        terminal.write(write_json(encode_shown_state(snapshot, schema_of)) + "\n")
    elif snapshot is None:
        terminal.write("No state.\n")
    else:
        pen = Pen(colour=terminal.stdout_has_colour)
        terminal.write(render_state(snapshot.state, schema_of, pen))
    return 0
