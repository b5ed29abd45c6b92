"""Functions of sets."""

from __future__ import annotations

import pytest

from cotta.values.value import same
from tests.support.evaluation import evaluated, value_of

ARGUMENT = "Invalid function argument"
CALL = "Error in function call"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('setintersection(["a", "b"], ["b", "c"], ["b"])', 'toset(["b"])'),
        ('setunion(["a"], ["b", "a"])', 'toset(["a", "b"])'),
        ('setunion([1], ["a"])', 'toset(["1", "a"])'),
        ("setunion([])", "toset([])"),
        ('setsubtract(["a", "b"], ["b"])', 'toset(["a"])'),
        ('setproduct([1, 2], ["a"])', 'tolist([[1, "a"], [2, "a"]])'),
        ('setproduct(toset([1]), ["a"])', 'toset([[1, "a"]])'),
        ('setproduct([], ["a"]) == []', "false"),
        ("setproduct(texts, [1])", "setproduct(texts, [2])"),
    ],
)
def test_call_has_the_value_of(call: str, expected: str) -> None:
    assert same(value_of(call), value_of(expected))


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        ("setunion([1], [{}])", CALL),
        ('setunion("a")', ARGUMENT),
        ("setproduct([1])", CALL),
        ('setproduct([1], "a")', ARGUMENT),
        ("setproduct([1, {}], [1])", ARGUMENT),
        ("setproduct(range(1000), range(1000), range(1000))", CALL),
    ],
)
def test_call_is_a_mistake(call: str, summary: str) -> None:
    assert evaluated(call)[1] == [summary]
