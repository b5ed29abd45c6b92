"""Packer's machine-readable lines: `seconds,target,type,data…`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.cli.views.diagnostics import encode_diagnostics
from cotta.diagnostics.render import render_diagnostic
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.cli.terminal import Terminal
    from cotta.diagnostics.diagnostics import Diagnostic


def machine_line(seconds: int, target: str, type: str, *texts: str) -> str:
    """Return one line, its newline included.

    `seconds` are since 1970; `target` is the build that it is about, or "".
    """
    return ",".join([str(seconds), target, type, *map(_escaped, texts)]) + "\n"


def _escaped(text: str) -> str:
    return text.replace(",", "%!(PACKER_COMMA)").replace("\r", "\\r").replace("\n", "\\n")


def write_machine_lines(
    found: Iterable[Diagnostic], said: Iterable[str], terminal: Terminal
) -> None:
    """Write mistakes and then what is said, each as one line, to stdout."""
    seconds = int(SystemClock().now().timestamp())
    records = encode_diagnostics(list(found))
    for record in records:
        kind = "error" if record["severity"] == "error" else "say"
        text = render_diagnostic(record, width=0, colour=False)
        terminal.write(machine_line(seconds, "", "ui", kind, text))
    for text in said:
        terminal.write(machine_line(seconds, "", "ui", "say", text))
