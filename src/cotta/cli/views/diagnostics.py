"""Mistakes and warnings, as boxes for people and as records for machines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Severity
from cotta.diagnostics.records import encode_diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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


def show_diagnostics(
    found: Iterable[Diagnostic], terminal: Terminal, *, is_brief: bool = False
) -> None:
    """Write warnings to stdout, as Terraform does, then mistakes to stderr, in order of place.

    Each is a box as wide as the terminal; of warnings alike one is shown, and how many
    more there are.  Warnings are a list of their titles if `is_brief` and there is nothing worse.
    """
    listed = sorted(found, key=_place)
    found_warnings = [one for one in listed if one.severity is Severity.WARNING]
    warnings = _alike(found_warnings) if found_warnings else []
    mistakes = [one for one in listed if one.severity is not Severity.WARNING]
    if is_brief and not mistakes:
        terminal.write(_brief(warnings))
        return
    shown = [_with_count(first, more) for first, more in warnings]
    width, colour = terminal.stdout_width, terminal.stdout_has_colour
    terminal.write(_boxes(shown, width, colour=colour))
    width, colour = terminal.stderr_width, terminal.stderr_has_colour
    terminal.warn(_boxes(mistakes, width, colour=colour))


def show_each(found: Sequence[Diagnostic], terminal: Terminal) -> None:
    """Write results that are mistakes and warnings, each of them, in their order, to stdout."""
    terminal.write(_boxes(found, terminal.stdout_width, colour=terminal.stdout_has_colour))


def show_aside(found: Iterable[Diagnostic], terminal: Terminal) -> None:
    """Write everything to stderr, beside results that a program may be reading."""
    terminal.warn(
        _boxes(list(found), terminal.stderr_width, colour=terminal.stderr_has_colour),
    )


def _place(one: Diagnostic) -> tuple[str, int]:
    """Return where a diagnostic is; what is nowhere comes first."""
    return ("", 0) if one.subject is None else (one.subject.file.name, one.subject.start)


def _alike(warnings: Iterable[Diagnostic]) -> list[tuple[Diagnostic, int]]:
    """Return the first of the warnings with each title, and how many more there are.

    Every check that failed stands for itself, as for Terraform.
    """
    # Imported here because most commands warn of nothing.
    from cotta.engine.complaints import CHECK_FAILED

    counts: dict[object, tuple[Diagnostic, int]] = {}
    for number, one in enumerate(warnings):
        key = number if one.summary == CHECK_FAILED else one.summary
        first, count = counts.get(key, (one, -1))
        counts[key] = (first, count + 1)
    return list(counts.values())


def _with_count(warning: Diagnostic, more: int) -> Diagnostic:
    if not more:
        return warning
    number = "one more similar warning" if more == 1 else f"{more} more similar warnings"
    return replace(warning, detail=f"{warning.detail}\n\n(and {number} elsewhere)")


def _boxes(listed: Sequence[Diagnostic], width: int, *, colour: bool) -> str:
    records = encode_diagnostics(listed)
    if not records:
        return ""
    from cotta.diagnostics.render import render_diagnostic

    boxes = (render_diagnostic(record, width=width, colour=colour) for record in records)
    return "\n" + "\n".join(boxes)


def _brief(warnings: Sequence[tuple[Diagnostic, int]]) -> str:
    if not warnings:
        return ""
    lines = []
    for one, more in warnings:
        lines.append(f"- {one.summary}")
        if one.subject is not None:
            others = f" (and {more} more)" if more else ""
            lines.append(f"  on {one.subject.file.name} line {one.subject.first.line}{others}")
    return (
        "\nWarnings:\n\n" + "\n".join(lines) + "\n\n"
        "To see the full warning notes, run Cotta without -compact-warnings.\n"
    )
