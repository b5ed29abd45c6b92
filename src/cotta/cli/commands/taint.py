"""`cotta taint`: mark a resource instance for replacement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.parse import parse_instance
from cotta.addrs.resources import Mode
from cotta.cli.states import declare_files, declare_lock, fail, open_state
from cotta.cli.tainting import declare_allow_missing, find_object, set_status
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.states.model import ObjectStatus

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] taint [options] address

  Marks a resource instance as not in order, so that the next plan replaces
  it.  Nothing is changed but the state, and "cotta untaint" takes the mark
  away again.
"""


def declare(flags: Flags) -> None:
    """Take the address of an instance."""
    declare_allow_missing(flags)
    declare_lock(flags)
    declare_files(flags)
    flags.words("addresses", least=1, most=1, advice="Name one resource instance.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Mark the instance."""
    diags = Diagnostics()
    address = parse_instance(given.addresses[0], diags)
    diags.raise_if_errors()
    assert address is not None
    if address.resource.mode is not Mode.MANAGED:
        raise fail(
            f"Resource instance {address} cannot be tainted",
            "It is only read, and every plan reads it anew.",
        )
    with open_state(given, terminal, "taint") as session:
        stored = find_object(session, address, given, terminal)
        if stored is not None:
            session.save(set_status(session, address, stored, ObjectStatus.TAINTED))
            terminal.write(f"Resource instance {address} has been marked as tainted.\n")
    return 0
