"""Did you mean …?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.diagnostics.suggest import did_you_mean, suggest


@pytest.mark.parametrize(
    ("given_name", "candidates", "expected"),
    [
        ("ami_id", ["image_id", "key_name"], None),
        ("imge_id", ["image_id", "key_name"], "image_id"),
        ("vlau", ["value"], None),
        ("valeu", ["value"], "value"),
        ("fromat", ["format", "formatlist"], "format"),
        ("aa", ["cc", "ab", "ba"], "ab"),
        ("aa", ["bb", "cc"], "bb"),
        ("same", ["sama", "same"], "same"),
        ("", ["ab", "abc"], "ab"),
        ("x", [], None),
    ],
)
def test_suggest(given_name: str, candidates: list[str], expected: str | None) -> None:
    assert suggest(given_name, candidates) == expected


def test_sentence_is_empty_without_a_suggestion() -> None:
    assert did_you_mean("plann", ["plan"]) == ' Did you mean "plan"?'
    assert did_you_mean("nothing", ["plan"]) == ""


@given(st.text(max_size=8), st.sampled_from(["delete", "insert", "replace"]), st.integers(0, 7))
def test_one_slip_is_always_seen_through(name: str, slip: str, at: int) -> None:
    at = min(at, len(name))
    end = name[at:] if slip == "insert" else name[at + 1 :]
    slipped = name[:at] + ("" if slip == "delete" else "!") + end

    assert suggest(slipped, [name]) == name
