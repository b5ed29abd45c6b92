"""Any text whatever gives diagnostics, never an exception."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.evaluate import evaluate
from cotta.hcl.parser import parse_expression
from cotta.hcl.scope import Scope
from cotta.values.value import Value, type_of
from tests import fuzz
from tests.support.generator import ExpressionMaker
from tests.support.values import VALUES

# Letters that begin, end or bend something, many in a row.
_SYNTAX = st.text(alphabet='{}[]()"$%~<>-=!&|.,:?*/\\#\n abEOTforinif19é\u0301\ud800', max_size=40)
_NAMES = ("n", "f", "s", "t", "b", "nul", "l", "nums", "mixed", "m", "o", "e", "eo", "set")


@given(st.one_of(st.binary(max_size=60), _SYNTAX.map(lambda t: t.encode("utf-8", "surrogatepass"))))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_without_an_exception(content: bytes) -> None:
    for reader in fuzz.READERS:
        reader(content)


@given(st.integers(0, 1 << 32))
@settings(max_examples=60, deadline=None)
def test_nearly_good_texts_are_read_without_an_exception(seed: int) -> None:
    content = fuzz.some_content(random.Random(seed))

    for reader in fuzz.READERS:
        reader(content)


@given(st.integers(0, 1 << 32), st.fixed_dictionaries(dict.fromkeys(_NAMES, VALUES)))
@settings(max_examples=150, deadline=None)
def test_expressions_have_a_value_in_any_scope(seed: int, names: dict[str, Value]) -> None:
    text = ExpressionMaker(random.Random(seed)).expression(3).replace("local.", "")
    diags = Diagnostics()

    value = evaluate(parse_expression(SourceFile("e", text), diags), Scope(names), diags)

    type_of(value)


def test_fuzzing_counts_what_it_read() -> None:
    assert fuzz.fuzz(0.2, seed=7) > 0


def test_fuzzing_names_the_text_that_breaks_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(content: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(fuzz, "READERS", (broken,))

    with pytest.raises(ZeroDivisionError) as caught:
        fuzz.fuzz(1, seed=7)

    assert caught.value.__notes__[0].startswith("broken(b")
