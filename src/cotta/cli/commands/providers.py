"""`cotta providers`: which providers a configuration needs, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.initializing import sources_of_state
from cotta.cli.views.diagnostics import show_aside
from cotta.cli.views.trees import render_providers
from cotta.cli.worlds import read_configuration
from cotta.diagnostics.diagnostics import Diagnostics

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] providers [options]

  Prints the providers that each module of the configuration needs, with the
  versions that are asked for, and those that objects of the state need.

  cotta providers schema -json prints what the providers declare.
"""


def declare(flags: Flags) -> None:
    """Take what terraform takes."""
    flags.option("test-directory", "PATH", "Where test files are.", default="tests")


def run(_given: Namespace, terminal: Terminal) -> int:
    """Print the tree."""
    diags = Diagnostics()
    configuration = read_configuration(terminal, diags)
    diags.raise_if_errors()
    show_aside(diags, terminal)
    assert configuration is not None
    terminal.write(render_providers(configuration, sources_of_state(terminal)))
    return 0
