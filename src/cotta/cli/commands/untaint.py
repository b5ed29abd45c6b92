"""`cotta untaint`: take the mark for replacement from a resource instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.states import fail, open_state
from cotta.cli.tainting import declare_instance, find_object, named_instance, set_status
from cotta.states.model import ObjectStatus

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] untaint [options] address

  Takes the mark from a resource instance that would be replaced by the next
  plan: because "cotta taint" marked it, or because making it failed halfway.
"""

declare = declare_instance


def run(given: Namespace, terminal: Terminal) -> int:
    """Take the mark away."""
    address = named_instance(given)
    with open_state(given, terminal, "untaint") as session:
        stored = find_object(session, address, given, terminal)
        if stored is None:
            return 0
        if stored.status is not ObjectStatus.TAINTED:
            raise fail(
                "Resource instance is not tainted", f"{address} has no mark to be taken away."
            )
        session.save(set_status(session, address, stored, ObjectStatus.READY))
        terminal.write(f"Resource instance {address} has been successfully untainted.\n")
    return 0
