"""What is wrong, where, and what to do about it: as data.

A phase is handed a `Diagnostics` collector and goes on after each mistake, so
that one run reports them all.  A diagnostic holds strings rather than
expressions, so it compares with `==` and survives JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cotta.diagnostics.source import SourceRange


class Severity(Enum):
    """How bad it is; the value is the word of the JSON record."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class FunctionParameter:
    """A parameter's name, and its type in the JSON form: "string", ["list", "any"]."""

    name: str
    type: object


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall:
    """The call during which an expression failed: what was called, and what it expects.

    `variadic` takes all further arguments; `result` is a type in the JSON form.
    """

    name: str
    parameters: tuple[FunctionParameter, ...]
    variadic: FunctionParameter | None = None
    result: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One mistake or warning.

    `summary` never varies with the input; `detail` is whole sentences.
    `subject` is exactly the wrong part, `context` what to show around it.
    `values` are (expression, "is …" phrase) pairs, e.g. ("var.size",
    'is "three"'), with sensitive ones already hidden.
    """

    severity: Severity = Severity.ERROR
    summary: str
    detail: str = ""
    subject: SourceRange | None = None
    context: SourceRange | None = None
    address: str | None = None
    values: tuple[tuple[str, str], ...] = ()
    call: FunctionCall | None = None


class Diagnostics:
    """Collects diagnostics in the order in which they are found."""

    __slots__ = ("_found", "_has_errors")

    def __init__(self, found: Iterable[Diagnostic] = ()) -> None:
        self._found: list[Diagnostic] = []
        self._has_errors = False
        self.extend(found)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return f"Diagnostics({self._found!r})"

    @property
    def has_errors(self) -> bool:
        """Whether anything found so far is an error."""
        return self._has_errors

    def add(self, diagnostic: Diagnostic) -> None:
        """Add one, as it is."""
        self._found.append(diagnostic)
        if diagnostic.severity is Severity.ERROR:
            self._has_errors = True

    def extend(self, found: Iterable[Diagnostic]) -> None:
        """Add several, in their order."""
        for diagnostic in found:
            self.add(diagnostic)

    def error(
        self,
        summary: str,
        detail: str = "",
        subject: SourceRange | None = None,
        *,
        context: SourceRange | None = None,
        values: tuple[tuple[str, str], ...] = (),
        call: FunctionCall | None = None,
    ) -> None:
        """Add an error."""
        self.add(
            Diagnostic(
                summary=summary,
                detail=detail,
                subject=subject,
                context=context,
                values=values,
                call=call,
            )
        )

    def warning(self, summary: str, detail: str = "", subject: SourceRange | None = None) -> None:
        """Add a warning."""
        self.add(
            Diagnostic(severity=Severity.WARNING, summary=summary, detail=detail, subject=subject)
        )

    def raise_if_errors(self) -> None:
        """Raise `DiagnosticsError` with everything found, if any of it is an error."""
        if self._has_errors:
            raise DiagnosticsError(tuple(self._found))


class DiagnosticsError(Exception):
    """A phase ended with errors; `diagnostics` has them and the warnings with them."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(f"{len(diagnostics)} diagnostics")
        self.diagnostics = diagnostics
