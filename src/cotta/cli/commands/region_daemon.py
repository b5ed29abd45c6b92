"""`cotta region daemon`: what `region up` starts; nobody types it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.regions import require_region

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] region daemon

  Runs the region of COTTA_HOME in the background, without a look at what may
  be in the way.  `cotta region up` does this for you.
"""


def declare(flags: Flags) -> None:
    """Take nothing."""
    flags.words("words", most=0)


def run(given: Namespace, terminal: Terminal) -> int:
    """Split off the daemon; in it, serve until the end."""
    del given
    home, settings = require_region(terminal)
    from cotta.region.daemon import serve
    from cotta.system.detaching import NotReadyError, detach

    try:
        tell = detach(home.output)
    except NotReadyError as error:
        # `region up` shows it.
        terminal.warn(str(error) or f"Its process ended without a word; see {home.output}.")
        return 1
    if tell is not None:
        serve(home, settings, tell)
    return 0
