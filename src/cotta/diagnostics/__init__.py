"""Mistakes as data: places in files, the collector, and how they are shown.

`SourceFile` and `SourceRange` say where, `Diagnostic` says what, `Diagnostics`
collects while a phase goes on.  Imports only the standard library (and, for
text that is not ASCII, the grapheme clusters of `regex`).  Read `source.py`,
then `diagnostics.py`; `records.py` gives JSON, `render.py` draws it.
"""

from cotta.diagnostics.diagnostics import (
    Diagnostic,
    Diagnostics,
    DiagnosticsError,
    FunctionCall,
    FunctionParameter,
    Severity,
)
from cotta.diagnostics.source import Pos, SourceFile, SourceRange

__all__ = [
    "Diagnostic",
    "Diagnostics",
    "DiagnosticsError",
    "FunctionCall",
    "FunctionParameter",
    "Pos",
    "Severity",
    "SourceFile",
    "SourceRange",
]
