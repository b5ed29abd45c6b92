"""`cotta show`: everything that a state or a saved plan has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.cli.schemas import NativeSchemas, native_schemas
from cotta.cli.states import fail, open_state
from cotta.cli.views.states import render_state
from cotta.diagnostics.diagnostics import DiagnosticsError
from cotta.diagnostics.render import Pen
from cotta.plans.json_checks import render_checks
from cotta.states import json_state
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.states.model import Snapshot
    from cotta.values.json_text import Json

HELP: Final = """\
Usage: cotta [global options] show [options] [path]

  Prints the state of the workspace, or the state file or saved plan at a
  path, as text or as JSON: of format 1.0 for states, 1.2 for plans.
"""

_ZIP: Final = b"PK"
_UNREADABLE: Final = "Failed to read the given file as a state or plan file"


def declare(flags: Flags) -> None:
    """Take a path, and how to print."""
    flags.switch("json", "Print JSON.")
    flags.words("paths", most=1, advice="Name one file, or none to see the workspace's state.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the state or the plan."""
    path = given.paths[0] if given.paths else None
    if path is None:
        return _show_state(None, given, terminal)
    try:
        if not _is_plan(path):
            return _show_state(path, given, terminal)
        # Imported here because a state is looked at more often.
        from cotta.cli.showing import show_plan

        show_plan(path, terminal, as_json=given.json)
    except DiagnosticsError as error:
        reasons = (f"{one.summary}. {one.detail}" for one in error.diagnostics)
        raise fail(_UNREADABLE, "\n\n".join(reasons)) from error
    return 0


def _show_state(path: str | None, given: Namespace, terminal: Terminal) -> int:
    given.state = path
    with open_state(given, terminal) as session:
        # What an interrupted run has left counts even before the first write.
        has_any = not session.is_new or not session.snapshot.state.is_empty
        snapshot = session.snapshot if has_any else None
    schemas = native_schemas(terminal)
    if given.json:
        terminal.write(write_json(_encode(snapshot, schemas)) + "\n")
    elif snapshot is None:
        terminal.write("No state.\n")
    else:
        pen = Pen(colour=terminal.stdout_has_colour)
        terminal.write(render_state(snapshot.state, schemas, pen))
    return 0


def _is_plan(path: str) -> bool:
    """Say whether a file is a plan by how it begins; raise `DiagnosticsError` if there is none."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(_ZIP)) == _ZIP
    except OSError as error:
        raise fail(
            "There is no such file",
            f'"{path}" can\'t be read: {error.strerror or error}. Name a state file, or a plan '
            "that `cotta plan -out=FILE` has kept.",
        ) from error


def _encode(snapshot: Snapshot | None, schemas: NativeSchemas) -> dict[str, Json]:
    if snapshot is None:
        return {"format_version": json_state.FORMAT_VERSION}
    return json_state.render_state(
        snapshot.state,
        schemas.by_name,
        version=snapshot.terraform_version,
        checks=render_checks(snapshot.state.checks),
    )
