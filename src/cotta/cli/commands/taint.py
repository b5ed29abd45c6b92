"""`cotta taint`: mark a resource instance for replacement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import Mode
from cotta.cli.states import fail, open_state
from cotta.cli.tainting import declare_instance, find_object, named_instance, set_status
from cotta.states.model import ObjectStatus

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] taint [options] address

  Marks a resource instance as not in order, so that the next plan replaces
  it.  Nothing is changed but the state, and "cotta untaint" takes the mark
  away again.
"""

declare = declare_instance


def run(given: Namespace, terminal: Terminal) -> int:
    """Mark the instance."""
    address = named_instance(given)
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
