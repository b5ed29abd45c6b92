"""`cotta metadata functions`: the signature of every function, for editors and other tools."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from cotta.cli.flags import UsageError
from cotta.hcl.functions.signatures import encode_signatures
from cotta.hcl.functions.surroundings import Surroundings
from cotta.hcl.functions.tables import terraform_functions
from cotta.system.clock import SystemClock
from cotta.system.reading import DiskReader

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] metadata functions -json

  Prints the signature and description of every function as JSON, in the
  form of terraform's command.
"""


def declare(flags: Flags) -> None:
    """Take `-json`."""
    flags.switch("json", "Print JSON; there is no other form, so this is needed.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the signatures on one line."""
    if not given.json:
        raise UsageError(
            "Missing -json flag",
            "Signatures are printed as JSON only. Run: cotta metadata functions -json",
        )
    table = terraform_functions(
        Surroundings(
            files=DiskReader(),
            now=SystemClock().now,
            random=os.urandom,
            environment=terminal.environment,
        )
    )
    record = encode_signatures(table)
    terminal.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    return 0
