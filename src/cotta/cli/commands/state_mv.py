"""`cotta state mv`: give objects another address."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.addrs.parse import parse_target
from cotta.cli.states import (
    declare_files,
    declare_lock,
    fail,
    open_state,
    require_state,
    state_paths,
)
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.states.compare import copy_state
from cotta.states.editing import EditError, move, move_between, render
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] state mv [options] source destination

  Gives a module, a resource or a resource instance another address in the
  state, so that the next plan finds it there.  With -state-out it goes into
  another state file.
"""


def declare(flags: Flags) -> None:
    """Take two addresses."""
    flags.switch("dry-run", "Say what would be moved, and leave it.")
    declare_lock(flags)
    declare_files(flags)
    flags.words("addresses", least=2, most=2, advice="Name a source and a destination.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Move what the first address names to the second."""
    diags = Diagnostics()
    source, target = [parse_target(text, diags) for text in given.addresses]
    diags.raise_if_errors()
    assert source is not None
    assert target is not None
    other = given.state_out
    given.state_out = None
    with contextlib.ExitStack() as stack:
        session = stack.enter_context(
            open_state(
                given, terminal, "state-mv", paths=state_paths(given, terminal, has_stamp=True)
            )
        )
        require_state(session)
        into = session
        if other and Path(other) != state_paths(given, terminal).read:
            given.state, given.backup = other, None
            paths = state_paths(given, terminal, has_stamp=True)
            into = stack.enter_context(open_state(given, terminal, "state-mv", paths=paths))
        state, into_state = (copy_state(one.snapshot.state) for one in (session, into))
        try:
            if into is session:
                move(state, source, target)
            else:
                move_between(state, into_state, source, target)
        except EditError as error:
            raise fail(error.summary, error.detail) from None
        word = "Would move" if given.dry_run else "Move"
        terminal.write(f"{word} {_quoted(source)} to {_quoted(target)}\n")
        if not given.dry_run:
            # Into the other one first: better there twice than nowhere.
            if into is not session:
                into.save(into_state)
            session.save(state)
            terminal.write("Successfully moved 1 object(s).\n")
    return 0


def _quoted(target: object) -> str:
    return write_json(render(target))
