"""`cotta modules`: which modules a configuration calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.views.diagnostics import show_aside
from cotta.cli.views.trees import encode_modules, render_modules
from cotta.cli.worlds import read_configuration
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] modules [options]

  Prints every module that the configuration calls, with its source, and
  those that it calls in turn.
"""


def declare(flags: Flags) -> None:
    """Take `-json`."""
    flags.switch("json", "Print JSON.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the modules."""
    diags = Diagnostics()
    configuration = read_configuration(terminal, diags)
    diags.raise_if_errors()
    show_aside(diags, terminal)
    assert configuration is not None
    if given.json:
        terminal.write(write_json(encode_modules(configuration)) + "\n")
    else:
        terminal.write(render_modules(configuration))
    return 0
