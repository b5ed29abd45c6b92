"""A diagnostic as the JSON record that machines read and that text is drawn from.

The shape is that of `terraform validate -json`.  Two things are deliberately
other than there: blank lines inside a snippet stay, so that the numbers beside
the code are right, and offsets count from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from cotta.diagnostics.source import Pos

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.diagnostics.diagnostics import Diagnostic, FunctionCall, FunctionParameter
    from cotta.diagnostics.source import SourceFile, SourceRange


class PositionRecord(TypedDict):
    """`line` and `column` from 1, `byte` from 0."""

    line: int
    column: int
    byte: int


class RangeRecord(TypedDict):
    """Half-open; never empty: an empty range is shown one column wide."""

    filename: str
    start: PositionRecord
    end: PositionRecord


class ValueRecord(TypedDict):
    """What a name in the expression meant: `var.size`, `is "three"`."""

    traversal: str
    statement: str


class ParameterRecord(TypedDict):
    """A function's parameter; `type` is a type in its JSON form."""

    name: str
    type: object


class SignatureRecord(TypedDict):
    """What a function expects."""

    name: str
    params: list[ParameterRecord]
    variadic_param: NotRequired[ParameterRecord]
    return_type: object


class FunctionCallRecord(TypedDict):
    """The call during which an expression failed."""

    called_as: str
    signature: SignatureRecord


class SnippetRecord(TypedDict):
    """Source text; the highlight offsets count UTF-8 bytes of `code`."""

    context: str | None
    code: str
    start_line: int
    highlight_start_offset: int
    highlight_end_offset: int
    values: list[ValueRecord]
    function_call: NotRequired[FunctionCallRecord]


class DiagnosticRecord(TypedDict):
    """One diagnostic."""

    severity: str
    summary: str
    detail: str
    address: NotRequired[str]
    range: NotRequired[RangeRecord]
    snippet: NotRequired[SnippetRecord]


def encode_diagnostic(
    diagnostic: Diagnostic, *, context_of: Callable[[SourceRange], str | None]
) -> DiagnosticRecord:
    """Return the record of `diagnostic`.

    `context_of` answers with the header of the block that encloses a range,
    such as `resource "aws_instance" "web"`.
    """
    record = DiagnosticRecord(
        severity=diagnostic.severity.value,
        summary=diagnostic.summary,
        detail=diagnostic.detail,
    )
    if diagnostic.address is not None:
        record["address"] = diagnostic.address
    if diagnostic.subject is not None:
        record["range"] = _encode_range(diagnostic.subject)
        record["snippet"] = _snippet(diagnostic, diagnostic.subject, context_of)
    return record


def _encode_range(subject: SourceRange) -> RangeRecord:
    first, last = subject.first, subject.last
    if first == last:
        last = Pos(last.line, last.column + 1, last.byte + 1)
    return RangeRecord(
        filename=subject.file.name, start=_encode_position(first), end=_encode_position(last)
    )


def _encode_position(pos: Pos) -> PositionRecord:
    return PositionRecord(line=pos.line, column=pos.column, byte=pos.byte)


def _snippet(
    diagnostic: Diagnostic, subject: SourceRange, context_of: Callable[[SourceRange], str | None]
) -> SnippetRecord:
    start_line, lines = _shown_lines(subject, diagnostic.context or subject)
    code = "\n".join(lines)
    size = len(_utf8(code))
    start = _offset_in(subject.file, subject.start, start_line, lines)
    end = _offset_in(subject.file, max(subject.end, subject.start + 1), start_line, lines)
    snippet = SnippetRecord(
        context=context_of(subject),
        code=code,
        start_line=start_line,
        highlight_start_offset=min(start, size),
        highlight_end_offset=min(end, size),
        values=[ValueRecord(traversal=t, statement=s) for t, s in sorted(set(diagnostic.values))],
    )
    if diagnostic.call is not None:
        snippet["function_call"] = _encode_call(diagnostic.call)
    return snippet


def _shown_lines(subject: SourceRange, context: SourceRange) -> tuple[int, list[str]]:
    """Return the number of the first line to show, and the lines.

    A range that ends with a line's newline touches the next line, which is
    shown too; empty lines at the end are not.
    """
    file = subject.file
    first = file.line_of(min(subject.start, context.start))
    last = file.line_of(max(subject.end, context.end))
    lines = [file.line(number) for number in range(first, last + 1)]
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    return first, lines


def _offset_in(file: SourceFile, offset: int, start_line: int, lines: list[str]) -> int:
    """Return the byte of `lines`, joined by newlines, that stands for `offset` of the file."""
    line = file.line_of(offset)
    before = lines[: line - start_line]
    within = file.text[file.line_start(line) : offset]
    return sum(len(_utf8(text)) + 1 for text in before) + len(_utf8(within))


def _encode_call(call: FunctionCall) -> FunctionCallRecord:
    signature = SignatureRecord(
        name=call.name,
        params=[_encode_parameter(parameter) for parameter in call.parameters],
        return_type=call.result,
    )
    if call.variadic is not None:
        signature["variadic_param"] = _encode_parameter(call.variadic)
    return FunctionCallRecord(called_as=call.name, signature=signature)


def _encode_parameter(parameter: FunctionParameter) -> ParameterRecord:
    return ParameterRecord(name=parameter.name, type=parameter.type)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
