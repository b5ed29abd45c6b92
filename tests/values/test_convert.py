"""Conversion and unification; expectations were observed on terraform 1.11.4."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from cotta.values.convert import ConversionError, convert
from cotta.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    has_dynamic,
)
from cotta.values.unify import can_convert, unify
from cotta.values.value import Null, Refinement, Unknown, same, type_of
from tests.support.values import VALUES, a_list, a_map, a_set, a_tuple, an_object, secret

if TYPE_CHECKING:
    from cotta.values.types import Type
    from cotta.values.value import Value


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [
        (5, STRING, "5"),
        (True, STRING, "true"),
        ("5", NUMBER, 5),
        ("true", BOOL, True),
        ("1", BOOL, True),
        ("0", BOOL, False),
        (Null(DYNAMIC), STRING, Null(STRING)),
        (Unknown(DYNAMIC), STRING, Unknown(STRING)),
        (
            Unknown(NUMBER, Refinement(not_null=True)),
            STRING,
            Unknown(STRING, Refinement(not_null=True)),
        ),
        (secret(5), STRING, secret("5")),
        (a_tuple(1, "a", True), ListType(DYNAMIC), a_list("1", "a", "true")),
        (a_tuple(1, 2), SetType(STRING), a_set("1", "2")),
        (a_tuple(), ListType(STRING), a_list(of=STRING)),
        (a_tuple("a", "a"), SetType(DYNAMIC), a_set("a")),
        (a_tuple(Null(DYNAMIC), 1), ListType(DYNAMIC), a_list(Null(NUMBER), 1)),
        (a_list("b", "a"), SetType(STRING), a_set("a", "b")),
        (an_object(a=1, b="x"), MapType(DYNAMIC), a_map(a="1", b="x")),
        (an_object(a=1, b=2), ObjectType({"a": STRING}), an_object(a="1")),
        (
            an_object(a=1),
            ObjectType({"a": NUMBER, "b": STRING}, frozenset({"b"})),
            an_object(a=1, b=Null(STRING)),
        ),
        (a_map(a="1"), ObjectType({"a": NUMBER}), an_object(a=1)),
        (a_tuple(1, 2), TupleType((STRING, NUMBER)), a_tuple("1", 2)),
        (
            a_tuple(a_tuple(1), a_tuple("a", "b")),
            ListType(DYNAMIC),
            a_list(a_list("1"), a_list("a", "b")),
        ),
        (
            a_tuple(an_object(a=1), an_object(b=2)),
            ListType(DYNAMIC),
            a_list(a_map(a=1), a_map(b=2)),
        ),
        (
            a_tuple(an_object(a=1), an_object(a="x")),
            ListType(DYNAMIC),
            a_list(an_object(a="1"), an_object(a="x")),
        ),
        (
            a_set(Unknown(STRING), "a", of=STRING),
            ListType(STRING),
            Unknown(ListType(STRING), Refinement(not_null=True, shortest=1, longest=2)),
        ),
    ],
)
def test_convert(value: Value, target: Type, expected: Value) -> None:
    converted = convert(value, target)

    assert same(converted, expected), f"{converted!r} is not {expected!r}"


@pytest.mark.parametrize(
    ("value", "target", "message"),
    [
        ("a", NUMBER, "a number is required"),
        ("x", BOOL, "a bool is required"),
        ("True", BOOL, 'a bool is required; to convert from string, use lowercase "true"'),
        (a_tuple(), STRING, "string required"),
        (1, BOOL, "bool required"),
        (1, ListType(STRING), "list of string required"),
        (1, ListType(DYNAMIC), "list of any single type required"),
        (a_tuple(1, a_tuple()), ListType(STRING), "element 1: string required"),
        (a_tuple(1, a_tuple()), ListType(DYNAMIC), "all list elements must have the same type"),
        (an_object(), ObjectType({"a": STRING}), 'attribute "a" is required'),
        (
            an_object(),
            ObjectType({"a": STRING, "b": STRING}),
            'attributes "a" and "b" are required',
        ),
        (
            an_object(),
            ObjectType({"a": STRING, "b": STRING, "c": STRING}),
            'attributes "a", "b", and "c" are required',
        ),
        (
            an_object(a=a_tuple()),
            ObjectType({"a": STRING}),
            'attribute "a": string required',
        ),
        (a_tuple("a"), ListType(NUMBER), "[0]: a number is required"),
        (an_object(k="a"), MapType(NUMBER), '["k"]: a number is required'),
        (an_object(k="a"), ObjectType({"k": NUMBER}), ".k: a number is required"),
        (a_map(a="1"), ObjectType({"b": STRING}), 'map element "b" is required'),
        (a_list(a_list("a")), ListType(STRING), "incorrect list element type: string required"),
    ],
)
def test_a_value_that_does_not_convert_says_why(value: Value, target: Type, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        convert(value, target)

    assert caught.value.describe() == message


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([], None),
        ([STRING, STRING], STRING),
        ([NUMBER, STRING], STRING),
        ([NUMBER, BOOL], None),
        ([NUMBER, DYNAMIC], NUMBER),
        ([ListType(NUMBER), DYNAMIC], DYNAMIC),
        ([ListType(NUMBER), SetType(STRING)], ListType(NUMBER)),
        ([SetType(NUMBER), TupleType((STRING,))], SetType(NUMBER)),
        ([TupleType((NUMBER,)), TupleType((STRING, STRING))], ListType(STRING)),
        ([TupleType((NUMBER, NUMBER)), TupleType((STRING, STRING))], TupleType((STRING, STRING))),
        ([ObjectType({"a": NUMBER}), ObjectType({"a": STRING})], ObjectType({"a": STRING})),
        ([ObjectType({"a": NUMBER}), ObjectType({"b": STRING})], MapType(STRING)),
        ([ObjectType({"a": NUMBER}), TupleType((NUMBER,))], None),
        ([NUMBER, TupleType((NUMBER,))], None),
        ([ListType(NUMBER), ListType(STRING)], ListType(STRING)),
        ([ListType(NUMBER), TupleType((STRING,))], ListType(STRING)),
    ],
)
def test_unify(types: list[Type], expected: Type | None) -> None:
    assert unify(types) == expected


@given(VALUES)
def test_a_value_converts_to_its_own_type_unchanged(value: Value) -> None:
    assert convert(value, type_of(value)) is value


@given(VALUES, VALUES)
def test_everything_converts_safely_to_the_unified_type(one: Value, other: Value) -> None:
    common = unify([type_of(one), type_of(other)], unsafe=False)

    # A place-holder in the common type may yet find that the parts don't suit each other.
    if common is not None and not has_dynamic(common):
        assert can_convert(type_of(one), common, unsafe=False)
        assert can_convert(type_of(one), type_of(convert(one, common)))
