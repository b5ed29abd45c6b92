"""One line of a console to its answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.cli.answers import (
    TYPE_FUNCTION,
    Answer,
    Refusal,
    TypeAnswer,
    ValueAnswer,
    answer,
    is_unfinished,
)
from cotta.cli.bare_scope import bare_names
from cotta.values.types import NUMBER
from tests.support.values import a_tuple

NAMES = bare_names({"type": TYPE_FUNCTION}, started_in="/somewhere")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"  1 + 2  ", ValueAnswer(3)),
        (b"[path.cwd, path.root, path.module]", ValueAnswer(a_tuple("/somewhere", ".", "."))),
        (b"terraform.workspace", ValueAnswer("default")),
        ("1 # é\r\n".encode(), ValueAnswer(1)),
        (b"<<EOT\na\nEOT", ValueAnswer("a\n")),
        (b"type(1)", TypeAnswer(NUMBER)),
        (b"((type(1)))", TypeAnswer(NUMBER)),
    ],
)
def test_answer(text: bytes, expected: Answer) -> None:
    assert answer(text, NAMES) == expected


@pytest.mark.parametrize(
    ("text", "summary", "place"),
    [
        (b"1 +", "Missing expression", "<console-input>:7,4-4"),
        (b"  {}.a", "Unsupported attribute", "<console-input>:7,3-5"),
        (b"\xff", "Invalid character encoding", "<console-input>:7,1-2"),
        (b"[type(1)]", "Invalid use of type function", "<console-input>:7,2-9"),
        (b"path", "Invalid reference", "<console-input>:7,1-5"),
    ],
)
def test_refusal_says_where_in_the_input(text: bytes, summary: str, place: str) -> None:
    found = answer(text, NAMES, line=7)

    assert isinstance(found, Refusal)
    first = found.diagnostics[0]
    assert first.subject is not None
    assert (first.summary, first.subject.describe()) == (summary, place)


@given(text=st.one_of(st.binary(max_size=30), st.text('[]{}()"$%~a1.,:=?<E-\n ').map(str.encode)))
def test_every_input_has_an_answer(text: bytes) -> None:
    found = answer(text, NAMES, line=2)

    assert isinstance(found, ValueAnswer | TypeAnswer) or found.diagnostics
    is_unfinished(text.decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 +", False),
        ("[1,", True),
        ("[1,\n2]", False),
        ('{ a = "}', False),
        ('"${1 +', True),
        ('"${1 +\n2}"', False),
        ('"%{ if', True),
        ("f(", True),
        ("<<EOT", True),
        ("<<EOT\na", True),
        ("<<EOT\na\nEOT", False),
        ("<<EOT\n${[", True),
        ("# [", False),
        ("/* (", True),
        ("/* ( */ 1", False),
        ("]", False),
        ("", False),
        ('"[', False),
    ],
)
def test_open_brackets_want_more_lines(text: str, expected: bool) -> None:
    assert is_unfinished(text) is expected
