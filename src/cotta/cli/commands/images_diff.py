"""`cotta images diff`: what two images have otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.images import asked, catalogue_session, declare_catalogue, require_contents
from cotta.cli.views.images import encode_difference, render_difference, write_json

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] images diff [options] IMAGE IMAGE

  Shows what the second image has otherwise than the first: packages with
  their versions, then files with what is different about them.  What belongs
  to a machine and not to its image, such as logs, does not count.  The status
  is 0 if there is no difference, and 2 if there is.
"""

_DIFFERENT: Final = 2


def declare(flags: Flags) -> None:
    """Take which images, of which cloud."""
    declare_catalogue(flags)
    flags.words("names", least=2, most=2, advice="Name two images.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the difference."""
    from cotta.images.catalogue import find_image
    from cotta.images.contents import Difference, compare

    session = catalogue_session(given, terminal)
    first, second = given.names
    one = asked(lambda: find_image(session, first))
    other = asked(lambda: find_image(session, second))
    if one.digest and one.digest == other.digest:
        found = Difference()
    else:
        found = compare(require_contents(one, terminal), require_contents(other, terminal))
    if given.json:
        terminal.write(write_json(encode_difference(one, other, found)))
    else:
        terminal.write(render_difference(one, other, found))
    return 0 if found.is_empty else _DIFFERENT
