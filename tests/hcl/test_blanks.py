"""Blanks mean nothing, also where the file ends."""

from __future__ import annotations

import pytest

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.parser import parse_source


@pytest.mark.parametrize("text", ["   ", "a = 1  ", "a = 1\n \t", "b {}\n  "])
def test_blanks_at_the_end_of_a_file_are_no_mistake(text: str) -> None:
    diags = Diagnostics()

    parse_source(SourceFile("main.tf", text), diags)

    assert list(diags) == []


@pytest.mark.parametrize(("text", "column"), [("b {\n}", 3), ('b "x" {\n a = 1\n}', 7)])
def test_something_missing_is_told_at_the_opening_brace(text: str, column: int) -> None:
    body = parse_source(SourceFile("main.tf", text), Diagnostics()).body

    [block] = body.blocks  # type: ignore[union-attr]  # native
    assert block.body.end_range.describe() == f"main.tf:1,{column}-{column + 1}"
