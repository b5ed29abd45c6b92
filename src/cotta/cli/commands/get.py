"""`cotta get`: fetch the modules that a configuration calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.cli.initializing import install, is_empty_folder
from cotta.cli.views.diagnostics import show_diagnostics
from cotta.cli.views.initializing import TextInitView
from cotta.diagnostics.diagnostics import Diagnostics

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] get [options]

  Puts the modules that the configuration calls in place, and those that they
  call.  What is there already is left as it is.
"""


def declare(flags: Flags) -> None:
    """Take whether to fetch again."""
    flags.switch("update", "Fetch again what is there already.")
    flags.option("test-directory", "PATH", "Where test files are.", default="tests")


def run(given: Namespace, terminal: Terminal) -> int:
    """Put the modules in place."""
    if is_empty_folder(Path()):
        return 0
    diags = Diagnostics()
    install(terminal, TextInitView(terminal), diags, is_upgrade=given.update)
    diags.raise_if_errors()
    show_diagnostics(diags, terminal)
    return 0
