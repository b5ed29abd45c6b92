"""Functions that ask something of a collection."""

from __future__ import annotations

import pytest

from cotta.values.value import same
from tests.support.evaluation import evaluated, value_of

ARGUMENT = "Invalid function argument"
CALL = "Error in function call"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("alltrue([])", "true"),
        ('alltrue([true, "true"])', "true"),
        ("alltrue([true, null])", "false"),
        ("anytrue([])", "false"),
        ("anytrue([false, text, true])", "true"),
        ('coalesce(null, "", "a")', '"a"'),
        ('coalesce(null, 1, "a")', '"1"'),
        ("coalescelist([], tolist([1]))", "tolist([1])"),
        ('contains(["a", "b"], "b")', "true"),
        ('contains([1], "1")', "false"),
        ("contains([1, text], 1)", "true"),
        ('index(["a", "b"], "b")', "1"),
        ('length("👩\u200d👩\u200d👧é")', "2"),
        ("length([1, text])", "2"),
        ("length({ a = 1 })", "1"),
        ("length(toset([text]))", "1"),
        ("length(texts) > -1", "true"),
        ('length("abc${text}") > 1', "true"),
        ("one([])", "null"),
        ("one([1])", "1"),
        ('one(toset(["a"]))', '"a"'),
        ("issensitive(length(sensitive([1])))", "true"),
        ("issensitive(length([sensitive(1)]))", "false"),
    ],
)
def test_call_has_the_value_of(call: str, expected: str) -> None:
    assert same(value_of(call), value_of(expected))


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        ('alltrue(["x"])', ARGUMENT),
        ("coalesce()", CALL),
        ('coalesce(null, "")', CALL),
        ("coalesce([], {})", CALL),
        ("coalescelist()", CALL),
        ("coalescelist([])", CALL),
        ('coalescelist("a")', CALL),
        ('contains("a", "a")', CALL),
        ("index([1], 2)", CALL),
        ("index([], 2)", CALL),
        ('index("a", 2)', CALL),
        ("length(1)", CALL),
        ("one([1, 2])", ARGUMENT),
        ('one("a")', ARGUMENT),
    ],
)
def test_call_is_a_mistake(call: str, summary: str) -> None:
    assert evaluated(call)[1] == [summary]
