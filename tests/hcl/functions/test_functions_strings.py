"""Functions of strings."""

from __future__ import annotations

import pytest

from cotta.values.value import same
from tests.support.evaluation import evaluated, value_of

ARGUMENT = "Invalid function argument"
CALL = "Error in function call"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('chomp("a\\r\\n\\n")', '"a"'),
        ('endswith("abc", "bc")', "true"),
        ('endswith("abc", "")', "true"),
        ('indent(2, "a\\nb\\n")', '"a\\n  b\\n  "'),
        ('join("-", ["a", "b"], ["c"])', '"a-b-c"'),
        ('join("", [])', '""'),
        ('lower("ΑΣ İ É")', '"ασ i é"'),
        ('upper("Straße ǆ ŉ ᾳ")', '"STRAßE Ǆ ŉ ᾼ"'),
        ('title("it\'s a-b_c ǆ ß")', '"It\'S A-B_c ǅ ß"'),
        ('split(",", "a,,b")', 'tolist(["a", "", "b"])'),
        ('split("", "hé")', 'tolist(["h", "é"])'),
        ('split("", "")', 'slice(split(",", "a"), 0, 0)'),
        ('split(",", "")', 'tolist([""])'),
        ('startswith("abc", "ab")', "true"),
        ('startswith("x-${text}", "x-")', "true"),
        ('startswith("x-${text}", "y")', "false"),
        ('startswith(text, "")', "true"),
        ('strcontains("abc", "b")', "true"),
        ('strcontains("abc", "")', "true"),
        ('strrev("e\\u0301a🇩🇪\\r\\n")', '"\\r\\n🇩🇪ae\\u0301"'),
        ('substr("héllo", 1, 2)', '"él"'),
        ('substr("hello", -3, 2)', '"ll"'),
        ('substr("hello", -3, 0)', '"llo"'),
        ('substr("hello", 2, -1)', '"llo"'),
        ('substr("hello", 9, 2)', '""'),
        ('substr("hello", -9, 2)', '"he"'),
        ('substr("👩\u200d👩\u200d👧x", 0, 1)', '"👩\u200d👩\u200d👧"'),
        ('trim("?!a!?", "!?")', '"a"'),
        ('trimprefix("aab", "a")', '"ab"'),
        ('trimsuffix("baa", "a")', '"ba"'),
        ('trimspace(" \\t\\u00a0x\\u0085\\n")', '"x"'),
        ('[for x in [upper(sensitive("a"))] : issensitive(x)]', "[true]"),
        ("upper(text)", "lower(text)"),
    ],
)
def test_call_has_the_value_of(call: str, expected: str) -> None:
    assert same(value_of(call), value_of(expected))


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        ('indent(-1, "a")', CALL),
        ('indent(0.5, "a")', CALL),
        ('substr("a", 0.5, 1)', CALL),
        ('join(",")', CALL),
        ('join(",", [null])', ARGUMENT),
        ('join(",", "a")', ARGUMENT),
        ('upper(["a"])', ARGUMENT),
        ("upper(null)", ARGUMENT),
    ],
)
def test_call_is_a_mistake(call: str, summary: str) -> None:
    assert evaluated(call)[1] == [summary]
