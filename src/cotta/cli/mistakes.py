"""A mistake that ends a command."""

from __future__ import annotations

from cotta.diagnostics.diagnostics import Diagnostic, DiagnosticsError


def fail(summary: str, detail: str = "") -> DiagnosticsError:
    """Return the exception that ends a command with one mistake."""
    return DiagnosticsError((Diagnostic(summary=summary, detail=detail),))
