"""Short ways to write values in tests, and random ones for properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from cotta.values.numbers import from_float, make_ratio
from cotta.values.sets import make_set
from cotta.values.types import BOOL, DYNAMIC, NUMBER, STRING
from cotta.values.value import (
    ListValue,
    MapValue,
    Mark,
    Null,
    ObjectValue,
    TupleValue,
    Unknown,
    make_string,
    mark,
    type_of,
)

if TYPE_CHECKING:
    from cotta.values.types import Type
    from cotta.values.value import Value


def a_list(*elements: Value, of: Type | None = None) -> ListValue:
    return ListValue(of or (type_of(elements[0]) if elements else DYNAMIC), elements)


def a_set(*elements: Value, of: Type | None = None) -> Value:
    return make_set(elements, of or (type_of(elements[0]) if elements else DYNAMIC))


def a_map(of: Type | None = None, /, **elements: Value) -> MapValue:
    first = next(iter(elements.values()), None)
    return MapValue(of or (type_of(first) if first is not None else DYNAMIC), elements)


def a_tuple(*elements: Value) -> TupleValue:
    return TupleValue(elements)


def an_object(**attributes: Value) -> ObjectValue:
    return ObjectValue(attributes)


def secret(value: Value) -> Value:
    return mark(value, Mark.SENSITIVE)


UNKNOWN_STRING = Unknown(STRING)
UNKNOWN_NUMBER = Unknown(NUMBER)
UNKNOWN_BOOL = Unknown(BOOL)

STRINGS = st.text(max_size=8).map(make_string)
NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30),
    st.fractions(max_denominator=1000).map(lambda f: make_ratio(f.numerator, f.denominator)),
    st.floats(allow_nan=False, allow_infinity=False).map(from_float),
)
PRIMITIVES: st.SearchStrategy[Value] = st.one_of(STRINGS, NUMBERS, st.booleans())
NULLS = st.sampled_from([Null(STRING), Null(NUMBER), Null(DYNAMIC)])
UNKNOWNS = st.sampled_from([Unknown(STRING), Unknown(NUMBER), Unknown(BOOL), Unknown(DYNAMIC)])


def _containers(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    names = st.text("abcxyz_", min_size=1, max_size=4)
    strings = st.lists(STRINGS, max_size=4)
    return st.one_of(
        st.lists(inner, max_size=4).map(lambda v: TupleValue(tuple(v))),
        st.dictionaries(names, inner, max_size=4).map(ObjectValue),
        strings.map(lambda v: ListValue(STRING, tuple(v))),
        strings.map(lambda v: make_set(v, STRING)),
        st.dictionaries(names, NUMBERS, max_size=4).map(lambda v: MapValue(NUMBER, v)),
    )


KNOWN_VALUES: st.SearchStrategy[Value] = st.recursive(
    st.one_of(PRIMITIVES, NULLS), _containers, max_leaves=8
)
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.one_of(PRIMITIVES, NULLS, UNKNOWNS, STRINGS.map(secret)), _containers, max_leaves=8
)
