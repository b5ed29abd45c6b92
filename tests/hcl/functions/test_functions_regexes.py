"""Functions of regular expressions."""

from __future__ import annotations

import pytest

from cotta.values.value import same
from tests.support.evaluation import evaluated, value_of

ARGUMENT = "Invalid function argument"
CALL = "Error in function call"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('regex("[a-z]+", "53 ab cd")', '"ab"'),
        ('regex("(\\\\d)(x)?", "53")', '["5", tostring(null)]'),
        ('regex("(?P<a>.)(?P<b>.)", "xy")', '{ a = "x", b = "y" }'),
        ('regex("(?<a>.)", "xy")', '{ a = "x" }'),
        ('regexall("[a-z]", "a1b")', 'tolist(["a", "b"])'),
        ('regexall("x*", "axb")', 'tolist(["", "x", ""])'),
        ('regexall("(.)(.)", "abcd")', 'tolist([["a", "b"], ["c", "d"]])'),
        ('regexall("q", "abc")', 'slice(split(",", "a"), 0, 0)'),
        ('replace("a.b.c", ".", "-")', '"a-b-c"'),
        ('replace("ab", "", "-")', '"-a-b-"'),
        ('replace("hello", "/l+/", "L")', '"heLo"'),
        ('replace("hello", "/l*/", "<$0>")', '"<>h<>e<ll>o<>"'),
        ('replace("ab", "/(a)(b)/", "$2$1$3")', '"ba"'),
        ('replace("ab", "/(?P<x>a)/", "$${x}y$$$x")', '"ay$ab"'),
        ('replace("ab", "/a/", "$0y|$")', '"|$b"'),
        ('replace("é", "/./", "x")', '"x"'),
        ('replace("a/b", "/", "-")', '"a-b"'),
        ('replace("ab", "//", "-")', '"-a-b-"'),
    ],
)
def test_call_has_the_value_of(call: str, expected: str) -> None:
    assert same(value_of(call), value_of(expected))


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        ('regex("(", "a")', ARGUMENT),
        ('regex("(a)(?P<x>b)", "ab")', ARGUMENT),
        ('regex("\\\\C", "a")', ARGUMENT),
        ('regex("a{1001}", "a")', ARGUMENT),
        ('regex("q", "abc")', CALL),
        ('regexall("(", "a")', ARGUMENT),
        ('replace("a", "/(/", "b")', CALL),
    ],
)
def test_call_is_a_mistake(call: str, summary: str) -> None:
    assert evaluated(call)[1] == [summary]
