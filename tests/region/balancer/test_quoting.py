"""Text survives HAProxy's configuration."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.region.balancer.quoting import quote, quote_argument, regex_of


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_quoted_text_is_one_word_with_nothing_special(text: str) -> None:
    quoted = quote(text)

    assert re.fullmatch(r"(?:[A-Za-z0-9_./:@,=-]|\\x[0-9a-f]{2})+", quoted)
    read = re.sub(r"\\x(..)", lambda found: chr(int(found[1], 16)), quoted)
    assert read.encode("latin-1").decode() == text


def test_what_is_read_twice_is_protected_twice() -> None:
    assert quote_argument("a'b,c)-d") == r"a\x5c\x27b\x5c,c\x5c\x29-d"


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("/api/*", "/api/x/y", "/api"),
        ("/?.txt", "/a.txt", "/ab.txt"),
        (r"/a\*b", "/a*b", "/axb"),
        ("/a.b", "/a.b", "/axb"),
        ("a\\", "a\\", "a"),
    ],
)
def test_pattern_matches_as_it_does_for_aws(pattern: str, matching: str, other: str) -> None:
    expression = re.compile(regex_of(pattern))

    assert expression.fullmatch(matching)
    assert not expression.fullmatch(other)
