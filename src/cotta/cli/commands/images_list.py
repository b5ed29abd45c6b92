"""`cotta images list`: the account's images, and who uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.images import asked, catalogue_session, declare_catalogue
from cotta.cli.views.images import encode_image, render_list, write_json
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] images list [options] [NAME...]

  Lists the images that the account has in a region, newest first: name, age,
  the digest of the content, the key of the build, the commit it came from,
  and how many instances, template versions and groups use it.
"""


def declare(flags: Flags) -> None:
    """Take which images, of which cloud."""
    declare_catalogue(flags)
    flags.words("names")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print them."""
    from cotta.images.catalogue import list_images

    session = catalogue_session(given, terminal)
    images = asked(lambda: list_images(session, given.names))
    if given.json:
        terminal.write(write_json({"images": [encode_image(one) for one in images]}))
    elif images:
        terminal.write(render_list(images, SystemClock().now()))
    else:
        terminal.write("There are no images here yet. `cotta build` bakes one.\n")
    return 0
