"""Functions of numbers."""

from __future__ import annotations

import pytest

from cotta.values.value import same
from tests.support.evaluation import evaluated, value_of

ARGUMENT = "Invalid function argument"
CALL = "Error in function call"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("abs(-3)", "3"),
        ('abs("-0.5")', "0.5"),
        ("ceil(1.2)", "2"),
        ("ceil(-1.2)", "-1"),
        ("floor(1.8)", "1"),
        ("floor(-1.2)", "-2"),
        ("log(16, 2)", "4"),
        ("log(7.25, 3)", 'tonumber("1.803185244967748")'),
        ("log(1000, 10)", 'tonumber("2.9999999999999996")'),
        ("max(1, 3.5, 2)", "3.5"),
        ("max(5)", "5"),
        ('min(1, -3, "2")', "-3"),
        ('parseint("ff", 16)', "255"),
        ('parseint("-101", 2)', "-5"),
        ('parseint("zZ", 62)', "2231"),
        ('parseint("+7", 10)', "7"),
        ("pow(2, 10)", "1024"),
        ("pow(2, 0.5)", 'tonumber("1.4142135623730951")'),
        ("pow(13, 17)", "8650415919381339136"),
        ("pow(2, -2)", "0.25"),
        ("pow(-2, 3)", "-8"),
        ("signum(-7)", "-1"),
        ("signum(0)", "0"),
        ('sum([1, "2", 3.5])', "6.5"),
        ("sum(toset([1, 1, 2]))", "3"),
        ("abs(number)", "number"),
        ("sensitive(1)", "sensitive(abs(-1))"),
    ],
)
def test_call_has_the_value_of(call: str, expected: str) -> None:
    assert same(value_of(call), value_of(expected))


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        ("signum(0.5)", CALL),
        ("log(-1, 2)", CALL),
        ("pow(-1, 0.5)", CALL),
        ("max()", CALL),
        ('max("a")', ARGUMENT),
        ('parseint("0x1f", 16)', ARGUMENT),
        ('parseint("1_0", 10)', ARGUMENT),
        ('parseint("1", 63)', ARGUMENT),
        ("parseint(1, 10)", ARGUMENT),
        ("sum([])", ARGUMENT),
        ("sum({})", ARGUMENT),
        ("sum([1, null])", ARGUMENT),
        ("sum(1)", ARGUMENT),
        ("abs(null)", ARGUMENT),
    ],
)
def test_call_is_a_mistake(call: str, summary: str) -> None:
    assert evaluated(call)[1] == [summary]
