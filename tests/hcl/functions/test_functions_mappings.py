"""Functions of maps and objects."""

from __future__ import annotations

import pytest

from cotta.values.value import same
from tests.support.evaluation import evaluated, value_of

ARGUMENT = "Invalid function argument"
CALL = "Error in function call"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("keys({ b = 1, a = 2 })", '["a", "b"]'),
        ("keys(tomap({ b = 1, a = 2 }))", 'tolist(["a", "b"])'),
        ("keys({ a = text })", '["a"]'),
        ('values({ b = 1, a = "x" })', '["x", 1]'),
        ("values(tomap({ b = 1, a = 2 }))", "tolist([2, 1])"),
        ('lookup({ a = 1 }, "a")', "1"),
        ('lookup({ a = 1 }, "b", "x")', '"x"'),
        ('lookup(tomap({ a = 1 }), "b", "2")', "2"),
        ('lookup({ a = null }, "a", 1)', "null"),
        ('issensitive(lookup({ a = 1 }, sensitive("a")))', "true"),
        ('issensitive(lookup({ a = 1, b = sensitive(2) }, "a"))', "false"),
        ("merge()", "{}"),
        ('merge({ a = 1 }, null, { b = 2 }, { a = "x" })', '{ a = "x", b = 2 }'),
        ("merge(tomap({ a = 1 }), tomap({ b = 2 }))", "tomap({ a = 1, b = 2 })"),
        ('merge(tomap({ a = 1 }), { b = "x" })', '{ a = 1, b = "x" }'),
        ('transpose({ a = ["x", "y"], b = ["y"] })["y"]', 'tolist(["a", "b"])'),
        ('transpose({ a = ["x"] })', 'tomap({ x = tolist(["a"]) })'),
        ('zipmap(["a", "b"], [1, "x"])', '{ a = 1, b = "x" }'),
        ('zipmap(["a"], tolist([1]))', "tomap({ a = 1 })"),
    ],
)
def test_call_has_the_value_of(call: str, expected: str) -> None:
    assert same(value_of(call), value_of(expected))


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        ('keys("a")', ARGUMENT),
        ('values("a")', CALL),
        ('lookup({}, "a")', ARGUMENT),
        ('lookup(tomap({ a = 1 }), "b")', CALL),
        ('lookup(tomap({ a = 1 }), "b", "x")', ARGUMENT),
        ('lookup({}, "a", 1, 2)', CALL),
        ('merge("a")', CALL),
        ("transpose({ a = [null] })", CALL),
        ('zipmap(["a"], [1, 2])', CALL),
        ("zipmap([null], [1])", CALL),
        ('zipmap(["a"], "x")', CALL),
    ],
)
def test_call_is_a_mistake(call: str, summary: str) -> None:
    assert evaluated(call)[1] == [summary]
