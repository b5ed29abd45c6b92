"""`cotta force-unlock`: take away a lock that somebody has left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.states import fail

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] force-unlock [options] id

  Takes away a lock that outlived who took it.  A local state has none: its
  lock ends with the process that holds it, however that ends.
"""


def declare(flags: Flags) -> None:
    """Take the id of a lock."""
    flags.switch("force", "Don't ask.")
    flags.words("ids", least=1, most=1, advice="Name the lock by its id.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Say why a local lock can't be taken away."""
    del terminal
    detail = (
        "The lock of a local state ends with the process that holds it. End that process; what "
        "it had finished is in its journal, and the next command goes on from there."
    )
    if given.force:
        raise fail("Failed to unlock state: LocalState not locked", detail)
    raise fail("Local state cannot be unlocked by another process", detail)
