"""`cotta region status`: how the region is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.regions import open_store, require_region

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] region status [options]

  Shows the region: whether its daemon runs, where it answers, its instances,
  and what it takes of this machine.  The status is 0 if the daemon runs, and
  3 if it does not.
"""

_DOWN: Final = 3


def declare(flags: Flags) -> None:
    """Take how to print."""
    flags.switch("json", "Print a JSON object.")
    flags.words("words", most=0)


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the status."""
    home, settings = require_region(terminal)
    from cotta.cli.views.region_status import encode_status, render_status
    from cotta.region.status import status_of

    store = open_store(home)
    with store.read() as rows:
        status = status_of(home, settings, rows)
    store.close()
    if given.json:
        terminal.write(encode_status(status))
    else:
        terminal.write(
            render_status(
                status,
                width=terminal.stdout_width,
                is_terminal=terminal.stdout.isatty(),
                has_colour=terminal.stdout_has_colour,
            )
        )
    return 0 if status.daemon is not None else _DOWN
