"""Mistakes and warnings, as boxes for people and as records for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.diagnostics.records import encode_diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.cli.terminal import Terminal
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.diagnostics.records import DiagnosticRecord


def encode_diagnostics(found: Iterable[Diagnostic]) -> list[DiagnosticRecord]:
    """Return the JSON records of `found`, in order."""
    found = list(found)
    if not found:
        return []
    if all(diagnostic.subject is None for diagnostic in found):
        return [encode_diagnostic(one, context_of=lambda _: None) for one in found]
    # Imported here because only a mistake in a file needs the parser.
    from cotta.hcl.headers import Headers

    headers = Headers()
    return [encode_diagnostic(one, context_of=headers.enclosing) for one in found]


def show_diagnostics(found: Iterable[Diagnostic], terminal: Terminal) -> None:
    """Write each of `found` to stderr as a box as wide as the terminal."""
    records = encode_diagnostics(found)
    if not records:
        return
    from cotta.diagnostics.render import render_diagnostic

    width, colour = terminal.stderr_width, terminal.stderr_has_colour
    boxes = [render_diagnostic(record, width=width, colour=colour) for record in records]
    terminal.warn("\n" + "\n".join(boxes))
