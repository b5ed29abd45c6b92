"""`cotta validate`: whether the configuration makes sense by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.views.diagnostics import encode_diagnostics, show_diagnostics
from cotta.cli.worlds import Settings, read_configuration
from cotta.configs.static import check_module_arguments, check_references
from cotta.diagnostics.diagnostics import Diagnostics, Severity
from cotta.diagnostics.render import BOLD, GREEN, Pen
from cotta.engine.validating import validate
from cotta.engine.walk import Cancellation
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] validate [options]

  Looks for mistakes in the configuration, without asking any service and
  without the values of variables.
"""


def declare(flags: Flags) -> None:
    """Take `-json`, and what terraform takes besides."""
    flags.switch("json", "Print one JSON object with every mistake.")
    flags.switch("no-tests", "Leave test files out.")
    flags.option("test-directory", "PATH", "Where test files are.", default="tests")


def run(given: Namespace, terminal: Terminal) -> int:
    """Report every mistake; 1 if there is any."""
    diags = Diagnostics()
    configuration = read_configuration(terminal, diags)
    if configuration is not None and not diags.has_errors:
        check_module_arguments(configuration, diags)
        check_references(configuration, diags)
        if not diags.has_errors:
            settings = Settings(
                terminal=terminal, configuration=configuration, cancellation=Cancellation()
            )
            diags.extend(validate(settings.world({})))
    if given.json:
        terminal.write(_encode(diags) + "\n")
        return 1 if diags.has_errors else 0
    show_diagnostics(diags, terminal)
    if diags.has_errors:
        return 1
    pen = Pen(colour=terminal.stdout_has_colour)
    if len(diags):
        line = pen.paint("Success!", BOLD, GREEN) + (
            " The configuration is valid, but there were some validation warnings as shown above."
        )
    else:
        line = pen.paint("Success!", BOLD, GREEN) + " The configuration is valid."
    terminal.write(line + "\n\n")
    return 0


def _encode(diags: Diagnostics) -> str:
    counts = dict.fromkeys(Severity, 0)
    for one in diags:
        counts[one.severity] += 1
    record = {
        "format_version": "1.0",
        "valid": not diags.has_errors,
        "error_count": counts[Severity.ERROR],
        "warning_count": counts[Severity.WARNING],
        "diagnostics": encode_diagnostics(diags),
    }
    return write_json(record, indent=2)  # type: ignore[arg-type]  # records are JSON
