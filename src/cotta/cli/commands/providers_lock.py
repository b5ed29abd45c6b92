"""`cotta providers lock`: fix which provider programs are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.initializing import require_native

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] providers lock [options] [providers]

  Providers that are part of Cotta need no lock file, so where there are only
  those, nothing is written.  Provider programs can't be run yet.
"""


def declare(flags: Flags) -> None:
    """Take what terraform takes."""
    flags.option("fs-mirror", "PATH", "Accepted for Terraform's sake; without effect.")
    flags.option("net-mirror", "URL", "Accepted for Terraform's sake; without effect.")
    flags.repeated("platform", "OS_ARCH", "Accepted for Terraform's sake; without effect.")
    flags.switch("enable-plugin-cache", "Accepted for Terraform's sake; without effect.")
    flags.option("test-directory", "PATH", "Where test files are.", default="tests")
    flags.words("providers")


def run(_given: Namespace, terminal: Terminal) -> int:
    """Say that there is nothing to lock, or that it can't be done."""
    require_native(terminal, "Could not retrieve providers for locking")
    terminal.write("Every provider that is needed is part of Cotta: there is nothing to lock.\n")
    return 0
