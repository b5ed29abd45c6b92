"""How a diagnostic looks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.diagnostics import (
    Diagnostic,
    FunctionCall,
    FunctionParameter,
    Severity,
    SourceFile,
    SourceRange,
)
from cotta.diagnostics.records import encode_diagnostic
from cotta.diagnostics.render import render_diagnostic, wrap
from tests.support.golden import assert_golden

WEB = SourceFile(
    "web.tf",
    'resource "aws_autoscaling_group" "web" {\n'
    "\tdesired_capacity = var.size\n"
    "  tags = merge({\n"
    '    Näme = "日本"\n'
    "\n"
    "  }, 5)\n"
    "}\n",
)


def at(wrong: str) -> SourceRange:
    start = WEB.text.index(wrong)
    return SourceRange(WEB, start, start + len(wrong))


def draw(diagnostic: Diagnostic, *, width: int = 78, colour: bool = False) -> str:
    record = encode_diagnostic(
        diagnostic, context_of=lambda _: 'resource "aws_autoscaling_group" "web"'
    )
    return render_diagnostic(record, width=width, colour=colour)


SIZE = Diagnostic(
    summary="Incorrect value type",
    detail=(
        'The argument "desired_capacity" needs a number, and "three" can\'t be read as one.\n'
        "\n"
        "For example:\n"
        "    desired_capacity = 3    # a line that begins with a space is never wrapped, this one\n"
    ).rstrip(),
    subject=at("var.size"),
    values=(("var.size", 'is "three"'),),
)
MERGE = Diagnostic(
    summary="Invalid function argument",
    detail='Invalid value for "maps" parameter: argument must be an object, not a number.',
    subject=at("5"),
    context=at("tags").to(at("5)")),
    address="aws_autoscaling_group.web",
    call=FunctionCall(
        name="merge",
        parameters=(FunctionParameter("first", "dynamic"),),
        variadic=FunctionParameter("maps", "dynamic"),
        result="dynamic",
    ),
)
WIDE = Diagnostic(severity=Severity.WARNING, summary="Wide text", subject=at("日本"))
BLOCK = Diagnostic(summary="Several lines", subject=at("{\n    Näme").to(at("}, 5")))
BARE = Diagnostic(severity=Severity.WARNING, summary="No place", detail="Only words.")
END = Diagnostic(
    summary="End of file", subject=SourceRange(WEB, len(WEB.text) - 1, len(WEB.text) - 1)
)


def test_boxes() -> None:
    boxes = [draw(d) for d in (SIZE, MERGE, WIDE, BLOCK, BARE, END)]

    assert_golden("diagnostics/boxes.txt", "".join(boxes))


def test_colour_underlines_instead_of_carets() -> None:
    boxes = [draw(d, colour=True).replace("\x1b", "␛") for d in (SIZE, MERGE, BLOCK)]

    assert_golden("diagnostics/colour.txt", "".join(boxes))


def test_narrow_box_wraps_the_detail_only() -> None:
    assert_golden("diagnostics/narrow.txt", draw(SIZE, width=40))


def test_record_without_source_says_so() -> None:
    box = render_diagnostic(
        {
            "severity": "error",
            "summary": "S",
            "detail": "",
            "range": {
                "filename": "gone.tf",
                "start": {"line": 3, "column": 1, "byte": 9},
                "end": {"line": 3, "column": 2, "byte": 10},
            },
        },
        width=78,
        colour=False,
    )

    assert box == ("╷\n│ Error: S\n│\n│   on gone.tf line 3:\n│   (source code not available)\n╵\n")


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 5, [""]),
        ("one two", 7, ["one two"]),
        ("one two", 6, ["one", "two"]),
        ("one  two three", 8, ["one  two", "three"]),
        ("longer than the width", 3, ["longer", "than", "the", "width"]),
        ("no width  at all", 0, ["no width  at all"]),
        ("stay\xa0together now", 6, ["stay\xa0together", "now"]),
    ],
)
def test_wrap(text: str, width: int, expected: list[str]) -> None:
    assert wrap(text, width) == expected


@given(st.text(alphabet="ab  "), st.integers(1, 12))
def test_wrapping_keeps_every_word(text: str, width: int) -> None:
    lines = wrap(text, width)

    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= width or " " not in line.strip() for line in lines)
