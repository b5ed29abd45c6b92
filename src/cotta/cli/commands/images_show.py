"""`cotta images show`: all that is known of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.images import asked, catalogue_session, contents_of, declare_catalogue
from cotta.cli.views.images import encode_contents, encode_image, render_image, write_json

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] images show [options] IMAGE

  Shows an image: where it came from, who uses it, how much is in it.  It is
  named by its id, its name, or the first digits of its digest.
"""


def declare(flags: Flags) -> None:
    """Take which image, of which cloud."""
    declare_catalogue(flags)
    flags.switch("packages", "List the packages too.")
    flags.words("names", least=1, most=1, advice="Name one image.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print it."""
    from cotta.images.catalogue import find_image

    session = catalogue_session(given, terminal)
    image = asked(lambda: find_image(session, given.names[0]))
    contents = contents_of(image, terminal)
    if given.json:
        record = {**encode_image(image), "contents": encode_contents(contents)}
        terminal.write(write_json(record))
        return 0
    terminal.write(render_image(image, contents))
    if given.packages and contents is not None:
        terminal.write("Packages:\n")
        for package in contents.packages:
            terminal.write(f"  {package.name} {package.version} {package.architecture}".rstrip())
            terminal.write("\n")
    return 0
