"""`cotta providers mirror`: keep copies of provider programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.initializing import require_native

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] providers mirror [options] <target-dir>

  Providers that are part of Cotta need no copies, so where there are only
  those, nothing is written.  Provider programs can't be run yet.
"""


def declare(flags: Flags) -> None:
    """Take what terraform takes."""
    flags.repeated("platform", "OS_ARCH", "Accepted for Terraform's sake; without effect.")
    flags.switch("lock-file", "Accepted for Terraform's sake; without effect.", default=True)
    flags.words("folders", least=1, most=1, advice="Name one folder for the copies.")


def run(_given: Namespace, terminal: Terminal) -> int:
    """Say that there is nothing to copy, or that it can't be done."""
    require_native(terminal, "Provider not available")
    terminal.write("Every provider that is needed is part of Cotta: there is nothing to copy.\n")
    return 0
