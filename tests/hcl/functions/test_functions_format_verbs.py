"""Go's verbs, in `format` and `formatlist`."""

from __future__ import annotations

import pytest

from cotta.values.value import same
from tests.support.evaluation import evaluated, value_of

ARGUMENT = "Invalid function argument"
CALL = "Error in function call"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('format("%s %d%%", "a", 5)', '"a 5%"'),
        ('format("%v|%v|%v", 1.5, true, "x")', '"1.5|true|x"'),
        ('format("%v", 1000000)', '"1e+06"'),
        ('format("%#v|%v", "a<", { b = [1] })', '"\\"a\\\\u003c\\"|{\\"b\\":[1]}"'),
        ('format("%v", tostring(null))', '"null"'),
        ('format("%q", "a\\"b")', '"\\"a\\\\\\"b\\""'),
        ('format("%5s|%-5s|%05s", "é", "é", "é")', '"    é|é    |0000é"'),
        ('format("%.2s|%.0s", "éàü", "éà")', '"éà|éà"'),
        ('format("%5d|%-5d|%05d|%+d|% d", 42, 42, -42, 42, 42)', '"   42|42   |-0042|+42| 42"'),
        ('format("%x|%X|%o|%b", 255, 255, 8, 5)', '"ff|FF|10|101"'),
        ('format("%#x|%#o|%#b", 255, 8, 5)', '"0xff|010|0b101"'),
        ('format("%.3d|%8.3d|%.0d", 5, 5, 0)', '"005|     005|"'),
        ('format("%e|%.2e|%E", 12345.678, 5, 0.5)', '"1.234568e+04|5.00e+00|5.000000E-01"'),
        ('format("%f|%.0f", 1.5, 2.5)', '"1.500000|2"'),
        ('format("%g|%.3g|%G", 0.0000001, 1234.5678, 1e100)', '"1e-07|1.23e+03|1E+100"'),
        ('format("%08.3f|%+.1f", -3.14159, 2)', '"-003.142|+2.0"'),
        ('format("% .1f|%-8.1f|", 2, 2)', '" 2.0|2.0     |"'),
        ('format("%[2]s %[1]s %s", "a", "b")', '"b a b"'),
        ('format("%t|%5t", "true", false)', '"true|false"'),
        ('format("%d", "12")', '"12"'),
        ('startswith(format("ab-%s", text), "ab-")', "true"),
        ('format("%s", text)', 'format("%d", number)'),
        ('formatlist("%s-%s", ["a", "b"], "c")', 'tolist(["a-c", "b-c"])'),
        ('formatlist("x")', 'tolist(["x"])'),
        ('formatlist("%s", [])', 'slice(split(",", "a"), 0, 0)'),
    ],
)
def test_call_has_the_value_of(call: str, expected: str) -> None:
    assert same(value_of(call), value_of(expected))


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        ('format("%d", 1.5)', CALL),
        ('format("%d", "x")', CALL),
        ('format("%z", 1)', CALL),
        ('format("%", 1)', CALL),
        ('format("%-", 1)', CALL),
        ('format("%[0]s", 1)', CALL),
        ('format("%s")', CALL),
        ('format("%s", []...)', CALL),
        ('format("%s", tostring(null))', CALL),
        ('format("%s", [1])', CALL),
        ('format("%s", 1, 2)', ARGUMENT),
        ('format("x", 1)', ARGUMENT),
        ('format("%99999999d", 1)', CALL),
        ('formatlist("%s%s", ["a"], ["b", "c"])', ARGUMENT),
        ('formatlist("%d", ["a"])', CALL),
    ],
)
def test_call_is_a_mistake(call: str, summary: str) -> None:
    assert evaluated(call)[1] == [summary]
