"""`cotta output`: the outputs that the state has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.states import fail, open_state
from cotta.cli.views.outputs import encode_outputs, encode_value, render_outputs, render_raw
from cotta.cli.views.values import render_value

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] output [options] [name]

  Prints the outputs of the root module as the last apply left them, or one
  of them, sensitive or not.
"""


def declare(flags: Flags) -> None:
    """Take a name, and how to print."""
    flags.option("state", "PATH", "The state file to read, instead of the workspace's.")
    flags.switch("json", "Print JSON: one value, or an object of all.")
    flags.switch("raw", "Print one value as it is, without quotes or a newline.")
    flags.words("names", most=1, advice="Name one output, or none to see all.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print all outputs, or one."""
    if given.json and given.raw:
        raise fail("Invalid output format", "-raw and -json exclude each other.")
    if given.raw and not given.names:
        raise fail("Output name required", "-raw prints one value, so name the output.")
    with open_state(given, terminal) as session:
        outputs = session.snapshot.state.outputs
    if not outputs and not (given.json and not given.names):
        _warn(terminal)
        return 0
    if not given.names:
        terminal.write(encode_outputs(outputs) if given.json else render_outputs(outputs))
        return 0
    name = given.names[0]
    output = outputs.get(name)
    if output is None:
        raise fail(
            f'Output "{name}" not found',
            "The state has no output of this name. What was just added to the configuration is "
            'in it after "cotta apply".',
        )
    if given.raw:
        terminal.write(render_raw(name, output))
    elif given.json:
        terminal.write(encode_value(output))
    else:
        terminal.write(render_value(output.value) + "\n")
    return 0


def _warn(terminal: Terminal) -> None:
    from cotta.cli.views.diagnostics import show_diagnostics
    from cotta.diagnostics.diagnostics import Diagnostic, Severity

    detail = (
        "The state has no outputs, or all of them are null. An output block in the "
        'configuration gets its value by "cotta apply".'
    )
    show_diagnostics(
        [Diagnostic(severity=Severity.WARNING, summary="No outputs found", detail=detail)],
        terminal,
    )
