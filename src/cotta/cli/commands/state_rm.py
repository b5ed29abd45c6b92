"""`cotta state rm`: forget objects without destroying them."""

from __future__ import annotations

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
from cotta.states.editing import remove, select

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] state rm [options] address...

  Takes resource instances out of the state.  What they stand for goes on
  existing, and nobody looks after it any more.  A module or a resource is
  taken out with all its instances.
"""


def declare(flags: Flags) -> None:
    """Take addresses."""
    flags.switch("dry-run", "Say what would be taken out, and leave it there.")
    declare_lock(flags)
    declare_files(flags)
    flags.words("addresses", least=1, advice="Name at least one address.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Take out everything that the addresses cover."""
    paths = state_paths(given, terminal, has_stamp=True)
    with open_state(given, terminal, "state-rm", paths=paths) as session:
        require_state(session)
        state = copy_state(session.snapshot.state)
        diags = Diagnostics()
        targets = [parse_target(text, diags) for text in given.addresses]
        diags.raise_if_errors()
        found = [one for target in targets if target is not None for one in select(state, target)]
        found = list(dict.fromkeys(found))
        if not found:
            raise fail(
                "Invalid target address",
                "Nothing in the state has such an address. "
                '"cotta state list" shows the addresses that there are.',
            )
        for address in found:
            terminal.write(f"{'Would remove' if given.dry_run else 'Removed'} {address}\n")
            remove(state, address)
        if not given.dry_run:
            session.save(state)
            terminal.write(f"Successfully removed {len(found)} resource instance(s).\n")
    return 0
