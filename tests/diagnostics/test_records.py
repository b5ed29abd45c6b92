"""The JSON record of a diagnostic."""

from __future__ import annotations

from cotta.diagnostics import (
    Diagnostic,
    FunctionCall,
    FunctionParameter,
    Severity,
    SourceFile,
    SourceRange,
)
from cotta.diagnostics.records import DiagnosticRecord, encode_diagnostic


def in_locals(place: SourceRange) -> str | None:
    return "locals"


def encode(text: str, start: int, end: int, context: tuple[int, int] | None = None) -> object:
    file = SourceFile("main.tf", text)
    record = encode_diagnostic(
        Diagnostic(
            summary="S",
            subject=SourceRange(file, start, end),
            context=SourceRange(file, *context) if context else None,
        ),
        context_of=in_locals,
    )
    snippet = record["snippet"]
    return (
        snippet["code"],
        snippet["start_line"],
        snippet["highlight_start_offset"],
        snippet["highlight_end_offset"],
    )


def test_record_has_the_shape_of_terraform_validate() -> None:
    file = SourceFile("web.tf", "locals {\n  é = upper(var.é)\n}\n")
    start = file.text.index("var")
    diagnostic = Diagnostic(
        severity=Severity.WARNING,
        summary="Invalid function argument",
        detail="Because.",
        subject=SourceRange(file, start, start + 5),
        address="aws_instance.web",
        values=(("var.é", "is null"), ("each.key", 'is "a"'), ("each.key", 'is "a"')),
        call=FunctionCall(
            name="upper", parameters=(FunctionParameter("str", "string"),), result="string"
        ),
    )

    record = encode_diagnostic(diagnostic, context_of=in_locals)

    expected: DiagnosticRecord = {
        "severity": "warning",
        "summary": "Invalid function argument",
        "detail": "Because.",
        "address": "aws_instance.web",
        "range": {
            "filename": "web.tf",
            "start": {"line": 2, "column": 13, "byte": 22},
            "end": {"line": 2, "column": 18, "byte": 28},
        },
        "snippet": {
            "context": "locals",
            "code": "  é = upper(var.é)",
            "start_line": 2,
            "highlight_start_offset": 13,
            "highlight_end_offset": 19,
            "values": [
                {"traversal": "each.key", "statement": 'is "a"'},
                {"traversal": "var.é", "statement": "is null"},
            ],
            "function_call": {
                "called_as": "upper",
                "signature": {
                    "name": "upper",
                    "params": [{"name": "str", "type": "string"}],
                    "return_type": "string",
                },
            },
        },
    }
    assert record == expected
    assert list(record) == list(expected)


def test_diagnostic_without_a_place_has_no_range() -> None:
    record = encode_diagnostic(Diagnostic(summary="S", detail="D"), context_of=in_locals)

    assert record == {"severity": "error", "summary": "S", "detail": "D"}


def test_context_is_shown_around_the_subject() -> None:
    assert encode("a\nb = [\n1\n]\nc\n", 8, 9, (2, 11)) == ("b = [\n1\n]", 2, 6, 7)


def test_blank_lines_inside_the_context_stay() -> None:
    assert encode("b = [\n\n\n1\n]\n", 8, 9, (0, 11)) == ("b = [\n\n\n1\n]", 1, 8, 9)


def test_carriage_returns_are_neither_shown_nor_counted() -> None:
    assert encode("b = [\r\n1\r\n]\r\n", 7, 8, (0, 11)) == ("b = [\n1\n]", 1, 6, 7)


def test_subject_that_is_a_newline_shows_the_next_line_too() -> None:
    assert encode('a = "b\nc\n', 6, 7) == ('a = "b\nc', 1, 6, 7)


def test_blank_lines_at_the_end_are_not_shown() -> None:
    assert encode("a = \n\nb\n", 4, 5) == ("a = ", 1, 4, 4)


def test_end_of_file_is_a_place() -> None:
    assert encode("a {\n\n", 5, 5) == ("", 3, 0, 0)
    assert encode("a {", 3, 3) == ("a {", 1, 3, 3)
