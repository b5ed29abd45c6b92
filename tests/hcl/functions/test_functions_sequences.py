"""Functions that make sequences from sequences."""

from __future__ import annotations

import pytest

from cotta.values.value import same
from tests.support.evaluation import evaluated, value_of

ARGUMENT = "Invalid function argument"
CALL = "Error in function call"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("chunklist([1, 2, 3], 2)", "tolist([tolist([1, 2]), tolist([3])])"),
        ('chunklist(["a"], 0)', 'tolist([tolist(["a"])])'),
        ('compact(["a", "", null, "b"])', 'tolist(["a", "b"])'),
        ('concat([1], ["a"])', '[1, "a"]'),
        ('concat(tolist([1]), tolist(["a"]))', 'tolist(["1", "a"])'),
        ('concat(tolist(["a"]), [1])', '["a", 1]'),
        ('distinct(["a", "b", "a"])', 'tolist(["a", "b"])'),
        ("distinct([[1], [1]])", "tolist([[1]])"),
        ('element(["a", "b"], 3)', '"b"'),
        ("element(tolist([1, 2, 3]), -1)", "3"),
        ("element([1, sensitive(2)], 0)", "1"),
        ('flatten([["a"], [], [["b", ["c"]]], "d"])', '["a", "b", "c", "d"]'),
        ("flatten([])", "[]"),
        ("flatten([[text]])", "[text]"),
        ('matchkeys([1, 2, 3], ["a", "b", "a"], ["a"])', "tolist([1, 3])"),
        ("range(3)", "tolist([0, 1, 2])"),
        ("range(-2)", "tolist([0, -1])"),
        ("range(1, 4)", "tolist([1, 2, 3])"),
        ("range(0, 1, 0.25)", "tolist([0, 0.25, 0.5, 0.75])"),
        ("range(4, 1, -2)", "tolist([4, 2])"),
        ('reverse([1, "a"])', '["a", 1]'),
        ('reverse(toset(["b", "a"]))', 'tolist(["b", "a"])'),
        ('slice([1, "a", true], 1, 3)', '["a", true]'),
        ("slice(tolist([1, 2]), 0, 1)", "tolist([1])"),
        ('sort(["b", "B", "a", "é"])', 'tolist(["B", "a", "b", "é"])'),
    ],
)
def test_call_has_the_value_of(call: str, expected: str) -> None:
    assert same(value_of(call), value_of(expected))


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        ("chunklist([1], -1)", CALL),
        ("concat()", CALL),
        ('concat("a")', ARGUMENT),
        ('distinct("a")', ARGUMENT),
        ("element([], 0)", CALL),
        ("element({}, 0)", CALL),
        ("element([1, 2], -1)", CALL),
        ('flatten("a")', CALL),
        ("matchkeys([1], [1, 2], [1])", CALL),
        ("range()", CALL),
        ("range(1, 2, 0)", CALL),
        ("range(1, 0, 1)", ARGUMENT),
        ("range(2000)", CALL),
        ('reverse("a")', ARGUMENT),
        ("slice([1], 0, 2)", ARGUMENT),
        ("slice([1], 1, 0)", ARGUMENT),
        ("slice(toset([1]), 0, 1)", ARGUMENT),
        ("sort([null])", CALL),
    ],
)
def test_call_is_a_mistake(call: str, summary: str) -> None:
    assert evaluated(call)[1] == [summary]
