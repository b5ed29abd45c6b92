"""`convert` takes a type expression."""

from __future__ import annotations

import pytest

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.evaluate import evaluate
from cotta.hcl.functions.tables import opentofu_functions, packer_functions, terraform_functions
from cotta.hcl.parser import parse_expression
from cotta.hcl.scope import Scope
from cotta.values.types import NUMBER, STRING
from cotta.values.value import Null, Unknown, Value
from tests.support.surroundings import NOWHERE
from tests.support.values import a_list, an_object, secret

SCOPE = Scope({"u": Unknown(STRING), "s": secret("1")}, opentofu_functions(NOWHERE))


def read(text: str) -> tuple[Value, list[str]]:
    diags = Diagnostics()
    value = evaluate(parse_expression(SourceFile("t", text), diags), SCOPE, diags)
    return value, [found.summary for found in diags]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('convert("1", number)', 1),
        ('convert(["1", 2], list(number))', a_list(1, 2)),
        ("convert({ a = 1 }, object({ a = string, b = optional(string, 7) }))", None),
        ("convert(null, string)", Null(STRING)),
        ("convert(u, number)", Unknown(NUMBER)),
        ("convert(s, number)", secret(1)),
    ],
)
def test_value_is_converted(text: str, expected: Value | None) -> None:
    if expected is None:
        expected = an_object(a="1", b="7")

    assert read(text) == (expected, [])


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ('convert("x", number)', "Invalid function argument"),
        ("convert([], string)", "Invalid function argument"),
        ("convert(1, strin)", "Invalid type specification"),
        ("convert(1)", "Not enough function arguments"),
        ("convert(1, string, 2)", "Too many function arguments"),
    ],
)
def test_mistake(text: str, summary: str) -> None:
    assert read(text)[1] == [summary]


def test_terraform_has_no_convert_but_packer_has() -> None:
    assert "convert" not in terraform_functions(NOWHERE)
    assert "convert" in packer_functions(NOWHERE)
