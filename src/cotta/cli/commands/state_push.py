"""`cotta state push`: put a state file in the place of the state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.cli.states import declare_files, declare_lock, fail, open_state
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.states.compare import same_state
from cotta.states.session import TERRAFORM_VERSION
from cotta.states.statefile import parse_state

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.states.model import Snapshot

HELP: Final = """\
Usage: cotta [global options] state push [options] path

  Writes a state file over the state of the workspace: errored.tfstate after
  a failed write, say.  A path of - reads from stdin.  A state of another
  lineage, or one older than what is there, is refused without -force.
"""


def declare(flags: Flags) -> None:
    """Take a path."""
    flags.switch("force", "Write it whatever is there.")
    declare_lock(flags)
    declare_files(flags)
    flags.words("paths", least=1, most=1, advice="Name one state file, or - for stdin.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Check the file against what is there, and write it."""
    pushed = _read(given.paths[0], terminal)
    with open_state(given, terminal, "state-push") as session:
        there = session.snapshot
        is_same = same_state(there.state, pushed.state)
        if not session.is_new:
            if not given.force:
                _check(pushed, there, is_same=is_same)
            if is_same and (pushed.lineage, pushed.serial) == (there.lineage, there.serial):
                return 0
        # Terraform counts a push that changes something as one more change.
        serial = pushed.serial if is_same else pushed.serial + 1
        session.write(replace(pushed, serial=serial, terraform_version=TERRAFORM_VERSION))
    return 0


def _read(path: str, terminal: Terminal) -> Snapshot:
    try:
        content = terminal.stdin.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise fail(f"open {path}: {(error.strerror or str(error)).lower()}") from None
    diags = Diagnostics()
    found = parse_state(content, "stdin" if path == "-" else path, diags)
    diags.raise_if_errors()
    if found is None:
        raise fail("Failed to read state", f"{path} is empty.")
    return found


def _check(pushed: Snapshot, there: Snapshot, *, is_same: bool) -> None:
    if "" in (there.lineage, pushed.lineage):
        # Nobody can tell whether they belong together.
        return
    if pushed.lineage != there.lineage:
        why = (
            f'cannot import state with lineage "{pushed.lineage}" over unrelated state with '
            f'lineage "{there.lineage}"'
        )
    elif pushed.serial < there.serial:
        why = (
            f"cannot import state with serial {pushed.serial} over newer state with "
            f"serial {there.serial}"
        )
    elif pushed.serial == there.serial and not is_same:
        why = (
            f"cannot overwrite existing state with serial {there.serial} with a different "
            "state that has the same serial"
        )
    else:
        return
    raise fail(
        f"Failed to write state: {why}", 'If it is meant, say so: "cotta state push -force".'
    )
