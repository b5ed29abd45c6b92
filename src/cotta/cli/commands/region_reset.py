"""`cotta region reset`: take the region down, and its data with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.regions import require_region, require_root
from cotta.cli.states import fail
from cotta.diagnostics.render import Pen

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.region.home import Home

HELP: Final = """\
Usage: cotta [global options] region reset [options]

  Takes the region down and removes all its data: instances, images, base
  images, keys.  The next `cotta region up` makes a new one.  There is no undo.
"""


def declare(flags: Flags) -> None:
    """Take whether to ask."""
    flags.switch("force", "Don't ask first.")
    flags.words("words", most=0)


def run(given: Namespace, terminal: Terminal) -> int:
    """Ask, take down, remove."""
    home, settings = require_region(terminal)
    require_root("Machines and networks can be taken away by root only.")
    if not given.force and not _is_wanted(home, terminal):
        terminal.write("Nothing was changed.\n")
        return 1
    from cotta.cli.daemons import take_down
    from cotta.system.files import remove_tree

    take_down(home, settings, terminal, for_good=True)
    for part in home.parts():
        remove_tree(part)
    terminal.write(f"The region is gone; {home.folder} is empty of it.\n")
    return 0


def _is_wanted(home: Home, terminal: Terminal) -> bool:
    pen = Pen(colour=terminal.stdout_has_colour)
    question = "Do you really want to remove the region and all its data?"
    terminal.write(
        f"{pen.paint(question, '1')}\n"
        f"  Everything of the region's in {home.folder} is removed: instances, images, keys.\n"
        "  There is no undo. Only 'yes' will be accepted to confirm.\n\n"
        f"  {pen.paint('Enter a value:', '1')} "
    )
    terminal.stdout.flush()
    answer = terminal.stdin.readline()
    terminal.write("\n")
    if not answer:
        raise fail("Nobody answered", "To remove the region without a question, give -force.")
    return answer.decode("utf-8", "replace").strip() == "yes"
