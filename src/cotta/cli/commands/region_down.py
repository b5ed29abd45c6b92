"""`cotta region down`: stop the region, and take away what it made on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.regions import require_region, require_root

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] region down

  Stops every machine of the region and its daemon, and takes away the network,
  mounts and control groups that it made, and nothing else.  Its data stay, so
  `cotta region up` has everything again: instances that ran are started anew.
  It works as well where the daemon has been killed.
"""


def declare(flags: Flags) -> None:
    """Take nothing."""
    flags.words("words", most=0)


def run(given: Namespace, terminal: Terminal) -> int:
    """Stop the daemon, then everything else."""
    del given
    home, settings = require_region(terminal)
    require_root("Machines and networks can be taken away by root only.")
    from cotta.cli.daemons import take_down

    take_down(home, settings, terminal)
    terminal.write("The region is down.\n")
    return 0
