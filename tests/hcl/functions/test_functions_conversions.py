"""Functions that change a value's type or marks."""

from __future__ import annotations

import pytest

from cotta.values.value import same
from tests.support.evaluation import evaluated, value_of

ARGUMENT = "Invalid function argument"
CALL = "Error in function call"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('tobool("true")', "true"),
        ("tobool(null)", "tobool(tostring(null))"),
        ('tolist([1, "a"])', 'tolist(["1", "a"])'),
        ('tomap({ a = 1, b = "x" })', 'tomap({ a = "1", b = "x" })'),
        ('tonumber("1.5")', "1.5"),
        ('toset(["a", "a"])', 'toset(["a"])'),
        ("tostring(1.50)", '"1.5"'),
        ("issensitive(sensitive(1))", "true"),
        ("issensitive(nonsensitive(sensitive(1)))", "false"),
        ("issensitive(text) == null", "false"),
        ("issensitive([sensitive(1)])", "false"),
        ("nonsensitive(1)", "1"),
        ("ephemeralasnull([1, passing])", "[1, tostring(null)]"),
        ("ephemeralasnull({ a = sensitive(passing) })", "{ a = sensitive(tostring(null)) }"),
    ],
)
def test_call_has_the_value_of(call: str, expected: str) -> None:
    assert same(value_of(call), value_of(expected))


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        ('tobool("yes")', ARGUMENT),
        ("tobool(1)", ARGUMENT),
        ('tolist("a")', ARGUMENT),
        ("tolist([[1], null])", ARGUMENT),
        ("tomap([])", ARGUMENT),
        ('tonumber("x")', ARGUMENT),
        ("toset([1, {}])", ARGUMENT),
        ("tostring([])", ARGUMENT),
    ],
)
def test_call_is_a_mistake(call: str, summary: str) -> None:
    assert evaluated(call)[1] == [summary]
