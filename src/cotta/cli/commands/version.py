"""`cotta version`: which Cotta this is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from cotta.cli.version import LANGUAGE_VERSION, VERSION

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] version [options]

  Shows the version of Cotta, and of the Terraform whose language it speaks.
"""

# As Go and the provider registries call them.
_MACHINES: Final = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386", "armv7l": "arm"}


def declare(flags: Flags) -> None:
    """Take `-json`."""
    flags.switch("json", "Print the version as a JSON object, as terraform does.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the version."""
    if given.json:
        # Imported here because it costs 5 ms, and most people read the text.
        import json

        record = {
            "cotta_version": VERSION,
            "terraform_version": LANGUAGE_VERSION,
            "platform": platform_name(),
            "provider_selections": {},
            "terraform_outdated": False,
        }
        terminal.write(json.dumps(record, indent=2) + "\n")
    else:
        terminal.write(f"Cotta v{VERSION}\non {platform_name()}\n")
    return 0


def platform_name() -> str:
    """Return the kind of machine this is: `linux_amd64`."""
    system = os.uname()
    return f"{system.sysname.lower()}_{_MACHINES.get(system.machine, system.machine)}"
