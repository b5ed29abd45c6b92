"""`cotta workspace new`: make a workspace and select it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.cli.states import declare_lock, fail, open_state
from cotta.cli.workspaces import create, refuse_override
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.states.statefile import parse_state
from cotta.states.workspaces import Workspaces

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.states.model import Snapshot

HELP: Final = """\
Usage: cotta [global options] workspace new [options] name

  Makes a workspace with a state of its own, and selects it.
"""


def declare(flags: Flags) -> None:
    """Take a name."""
    flags.option("state", "PATH", "A state file to begin with.")
    declare_lock(flags)
    flags.words("names", least=1, most=1, advice="Name one workspace.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Make it, with the state given if any."""
    workspaces = Workspaces(terminal.environment)
    refuse_override(workspaces)
    name = given.names[0]
    begin = _read(given.state) if given.state else None
    create(workspaces, name, terminal)
    if begin is not None:
        paths = workspaces.paths(name)
        with open_state(given, terminal, "workspace-new", paths=paths) as session:
            session.write(begin)
    return 0


def _read(path: str) -> Snapshot | None:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise fail(f"open {path}: {(error.strerror or str(error)).lower()}") from None
    diags = Diagnostics()
    found = parse_state(content, path, diags)
    diags.raise_if_errors()
    return found
