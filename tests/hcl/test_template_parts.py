"""A template of one part is a text, whatever the part is."""

from __future__ import annotations

import pytest

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.evaluate import evaluate
from cotta.hcl.parser import parse_expression
from cotta.hcl.scope import Scope
from tests.support.evaluation import value_of


@pytest.mark.parametrize(
    "text",
    ['"%{ if true }${1}%{ endif }"', '"%{ for x in [1] }${1}%{ endfor }"'],
)
def test_branch_of_one_number_is_its_text(text: str) -> None:
    assert value_of(text) == "1"


def test_null_in_a_branch_is_told_where_it_stands() -> None:
    diags = Diagnostics()
    source = SourceFile("main.tf", '"%{ if true }${null}%{ endif }"')

    evaluate(parse_expression(source, diags), Scope(), diags)

    assert [(d.summary, d.subject and d.subject.text) for d in diags] == [
        ("Invalid template interpolation value", "null")
    ]
