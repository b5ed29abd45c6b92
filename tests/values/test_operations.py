"""Operators and access on values, with unknowns, nulls and marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from cotta.values import operations
from cotta.values.operations import UNKNOWN_BOOL, AccessError, OperationError
from cotta.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, ObjectType
from cotta.values.value import (
    ANY_NULL,
    ANY_UNKNOWN,
    Bound,
    Null,
    Refinement,
    Unknown,
    is_wholly_known,
    same,
    type_of,
    unmark_deep,
)
from tests.support.values import (
    KNOWN_VALUES,
    UNKNOWN_STRING,
    VALUES,
    a_list,
    a_map,
    a_set,
    a_tuple,
    an_object,
    secret,
)

if TYPE_CHECKING:
    from cotta.values.value import Value

SOME_BOOL = Unknown(BOOL, Refinement(not_null=True))
SOME_NUMBER = Unknown(NUMBER, Refinement(not_null=True))
POSITIVE = Unknown(NUMBER, Refinement(lower=Bound(0, inclusive=False)))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 1, True),
        (1, "1", False),
        (True, 1, False),
        ("a", "a", True),
        (Null(STRING), Null(NUMBER), True),
        (Null(STRING), "a", False),
        (Null(STRING), Unknown(STRING), SOME_BOOL),
        (Null(STRING), Unknown(STRING, Refinement(not_null=True)), False),
        (Unknown(STRING, Refinement(prefix="ami-")), "i-1", False),
        (Unknown(STRING, Refinement(prefix="ami-")), "ami-1", SOME_BOOL),
        (POSITIVE, -1, False),
        (Unknown(STRING), 2, False),
        (POSITIVE, 1, SOME_BOOL),
        (an_object(a=1), an_object(a=1), True),
        (an_object(a=1), an_object(b=1), False),
        (an_object(a=1, b=UNKNOWN_STRING), an_object(a=2, b="x"), False),
        (an_object(a=1, b=UNKNOWN_STRING), an_object(a=1, b="x"), SOME_BOOL),
        (a_tuple(1), a_list(1), False),
        (a_set("a", "b"), a_set("b", "a"), True),
        (a_map(a=1), a_map(b=1), False),
        (secret(1), 1, secret(True)),
        (an_object(a=secret(1)), an_object(a=1), secret(True)),
    ],
)
def test_equal(left: Value, right: Value, expected: Value) -> None:
    assert same(operations.equal(left, right), expected)
    assert same(operations.equal(right, left), expected)


@pytest.mark.parametrize(
    ("symbol", "left", "right", "expected"),
    [
        ("+", 1, 2, 3),
        ("+", 1, Unknown(NUMBER), SOME_NUMBER),
        ("+", 1, secret(7), secret(8)),
        ("*", secret(2), Unknown(NUMBER), secret(SOME_NUMBER)),
        ("%", -7, 3, -1),
    ],
)
def test_calculate(symbol: str, left: Value, right: Value, expected: Value) -> None:
    assert same(operations.calculate(symbol, left, right), expected)


@pytest.mark.parametrize(
    ("symbol", "left", "right", "expected"),
    [
        ("<", 1, 2, True),
        (">=", 2, 2, True),
        ("<", Unknown(NUMBER), 2, SOME_BOOL),
        (">", POSITIVE, 0, True),
        (">", POSITIVE, 1, SOME_BOOL),
        ("<=", POSITIVE, 0, False),
        (">", 0, POSITIVE, False),
        ("<", secret(1), 2, secret(True)),
    ],
)
def test_order(symbol: str, left: Value, right: Value, expected: Value) -> None:
    assert same(operations.order(symbol, left, right), expected)


def test_an_unknown_operand_leaves_logic_unknown() -> None:
    assert operations.logic("&&", False, Unknown(BOOL)) == SOME_BOOL
    assert operations.logic("||", secret(False), True) == secret(True)


@pytest.mark.parametrize(("left", "right"), [(1, Null(NUMBER)), (Null(NUMBER), Unknown(NUMBER))])
def test_a_null_operand_is_refused(left: Value, right: Value) -> None:
    with pytest.raises(OperationError, match="argument must not be null"):
        operations.calculate("+", left, right)


@pytest.mark.parametrize(
    ("collection", "key", "expected"),
    [
        (a_tuple("a", "b"), 1, "b"),
        (a_tuple("a", "b"), "1", "b"),
        (a_list("a", "b"), secret(1), secret("b")),
        (secret(a_list("a", "b")), 1, secret("b")),
        (a_map(k="v"), "k", "v"),
        (an_object(k="v"), "k", "v"),
        (Unknown(ListType(STRING)), 7, Unknown(STRING)),
        (Unknown(ObjectType({"a": NUMBER})), "a", Unknown(NUMBER)),
        (a_tuple("a", 1), Unknown(NUMBER), Unknown(DYNAMIC)),
        (a_list("a"), Unknown(NUMBER), Unknown(STRING)),
        (Unknown(DYNAMIC), 0, Unknown(DYNAMIC)),
    ],
)
def test_index(collection: Value, key: Value, expected: Value) -> None:
    assert same(operations.index(collection, key), expected)


@pytest.mark.parametrize(
    ("collection", "key", "summary"),
    [
        (a_tuple("a"), 1, "Invalid index"),
        (a_tuple("a"), -1, "Invalid index"),
        (a_tuple("a"), "x", "Invalid index"),
        (a_tuple(), 0, "Invalid index"),
        (a_map(k="v"), "x", "Invalid index"),
        (an_object(k="v"), 0, "Invalid index"),
        (a_set("a"), 0, "Invalid index"),
        ("text", 0, "Invalid index"),
        (a_tuple("a"), Null(NUMBER), "Invalid index"),
        (Null(DYNAMIC), 0, "Attempt to index null value"),
    ],
)
def test_nothing_at_an_index_says_why(collection: Value, key: Value, summary: str) -> None:
    with pytest.raises(AccessError) as caught:
        operations.index(collection, key)

    assert caught.value.summary == summary


@pytest.mark.parametrize(
    ("value", "summary"),
    [
        (an_object(b=1), "Unsupported attribute"),
        (a_map(b=1), "Missing map element"),
        (a_list(an_object(a=1)), "Unsupported attribute"),
        ("text", "Unsupported attribute"),
        (Null(DYNAMIC), "Attempt to get attribute from null value"),
    ],
)
def test_no_such_attribute_says_why(value: Value, summary: str) -> None:
    with pytest.raises(AccessError) as caught:
        operations.attribute(value, "a")

    assert caught.value.summary == summary


@given(KNOWN_VALUES)
def test_a_known_value_equals_itself(value: Value) -> None:
    assert operations.equal(value, value) is True


@given(VALUES, VALUES)
def test_equality_is_symmetric_and_carries_every_mark(one: Value, other: Value) -> None:
    answer = operations.equal(one, other)

    assert same(answer, operations.equal(other, one))
    assert unmark_deep(answer)[1] == unmark_deep(one)[1] | unmark_deep(other)[1]
    if is_wholly_known(one) and is_wholly_known(other):
        assert is_wholly_known(answer)


def test_null_of_no_type_inside_is_not_equal_to_one_of_a_type() -> None:
    assert operations.equal(a_tuple(Null(STRING), ""), a_tuple(ANY_NULL, "")) is False
    assert operations.equal(a_tuple(Null(STRING), ""), a_tuple(ANY_UNKNOWN, "")) == UNKNOWN_BOOL


@given(VALUES, VALUES)
def test_values_of_one_type_only_can_be_equal(one: Value, other: Value) -> None:
    if operations.equal(one, other) is True and type_of(one) != type_of(other):
        assert isinstance(unmark_deep(one)[0], Null)
