"""Blanks and comments never change what the tokens around them are."""

from __future__ import annotations

import pytest

from cotta.diagnostics import Diagnostics
from cotta.hcl.ast import Body, For
from cotta.hcl.parser import parse_file


@pytest.mark.parametrize("source", ["a = 1  ", "a = 1\n \t", "  ", "a = [  \n  ] \t "])
def test_blanks_at_the_end_of_a_file_are_no_mistake(source: str) -> None:
    diags = Diagnostics()

    parse_file(source.encode(), "main.tf", diags)

    assert not list(diags)


def test_many_blanks_after_a_brace_are_read_once() -> None:
    # Tried in every way of splitting them, these would outlast the universe.
    source = "a = {" + " \n" * 1000 + "b = 1\n}\n"
    diags = Diagnostics()

    file = parse_file(source.encode(), "main.tf", diags)

    assert not list(diags)
    assert isinstance(file.body, Body)
    assert list(file.body.attributes) == ["a"]


@pytest.mark.parametrize("between", ["", "\n", "# c\n", "// c\n", "/* c */", "/***/\n/* * / */ "])
def test_newlines_mean_nothing_in_a_for_after_any_comment(between: str) -> None:
    source = "a = {" + between + "for k, v in x :\n k\n =>\n v\n }\n"
    diags = Diagnostics()

    file = parse_file(source.encode(), "main.tf", diags)

    assert not list(diags)
    assert isinstance(file.body, Body)
    assert isinstance(file.body.attributes["a"].expression, For)
