"""`cotta region base list`: the base images that the region has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from cotta.cli.regions import open_store, require_region

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] region base list [options]

  Lists the base images of the region: those that instances are launched from
  before anybody has baked an image.
"""


def declare(flags: Flags) -> None:
    """Take how to print."""
    flags.switch("json", "Print a JSON list.")
    flags.words("words", most=0)


def run(given: Namespace, terminal: Terminal) -> int:
    """Print an image a line."""
    home, _ = require_region(terminal)
    from cotta.cli.views.region_status import plain_table
    from cotta.region.base_images import base_images

    store = open_store(home)
    with store.read() as rows:
        found = base_images(rows)
    store.close()
    if given.json:
        listed = [
            {
                "id": image.id,
                "name": image.name,
                "owner": image.owner_id,
                "alias": image.owner_alias,
                "user": image.default_user,
                "digest": image.digest,
                "created": image.created_at.isoformat(),
            }
            for image in found
        ]
        terminal.write(json.dumps(listed, indent=2) + "\n")
    elif found:
        rows_shown = [(image.id, image.name, image.owner_id, image.default_user) for image in found]
        terminal.write(plain_table([("IMAGE", "NAME", "OWNER", "USER"), *rows_shown]))
    else:
        terminal.write("There are none yet. To make one:\n  cotta region base add debian-12\n")
    return 0
