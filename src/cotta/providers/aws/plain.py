"""Values as plain Python, and back: the edge between the engine's values and the types' code."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from cotta.values.numbers import BigFloat, from_float, to_float
from cotta.values.sets import make_set
from cotta.values.types import ListType, MapType, ObjectType, SetType, Type
from cotta.values.value import (
    ListValue,
    MapValue,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    Value,
    make_string,
)


class _Unknown(Enum):
    UNKNOWN = "known after apply"


# What stands for a value that is not known yet.
UNKNOWN: Final = _Unknown.UNKNOWN
UnknownType: TypeAlias = Literal[_Unknown.UNKNOWN]


def decode(value: Value) -> Any:
    """Return a value without marks as plain Python: lists for sets too, `UNKNOWN` for unknown."""
    kind = type(value)
    if kind is str or kind is int or kind is bool:
        return value
    match value:
        case Null():
            return None
        case Unknown():
            return UNKNOWN
        case ObjectValue(attributes=inner):
            return {name: decode(each) for name, each in inner.items()}
        case ListValue(elements=each) | SetValue(elements=each) | TupleValue(elements=each):
            return [decode(one) for one in each]
        case MapValue(elements=under):
            return {key: decode(each) for key, each in under.items()}
        case BigFloat():
            return to_float(value)
    return value


def encode(plain: Any, type_: Type) -> Value:
    """Return plain Python as a value of a type; what an object lacks is null.

    A number may be given as a string, as the services' answers have some.
    """
    if plain is None:
        return Null(type_)
    if plain is UNKNOWN:
        return Unknown(type_)
    match type_:
        case ObjectType(attributes=types):
            return ObjectValue(
                {name: encode(plain.get(name), each) for name, each in sorted(types.items())}
            )
        case ListType(element=inner):
            return ListValue(inner, tuple(encode(each, inner) for each in plain))
        case SetType(element=inner):
            return make_set([encode(each, inner) for each in plain], inner)
        case MapType(element=inner):
            return MapValue(
                inner, {key: encode(each, inner) for key, each in sorted(plain.items())}
            )
    return _primitive(plain)


def _primitive(plain: Any) -> Value:
    if isinstance(plain, str):
        return make_string(plain)
    if isinstance(plain, float):
        return int(plain) if plain.is_integer() else from_float(plain)
    assert isinstance(plain, bool | int), f"not a plain value: {plain!r}"
    return plain


def has_unknown(plain: Any) -> bool:
    """Say whether anything in a plain value is not known yet."""
    if plain is UNKNOWN:
        return True
    if isinstance(plain, dict):
        return any(has_unknown(each) for each in plain.values())
    if isinstance(plain, list):
        return any(has_unknown(each) for each in plain)
    return False


def without_unknown(plain: Any) -> Any:
    """Return a plain value with None for all that is not known yet."""
    if plain is UNKNOWN:
        return None
    if isinstance(plain, dict):
        return {name: without_unknown(each) for name, each in plain.items()}
    if isinstance(plain, list):
        return [without_unknown(each) for each in plain]
    return plain


def is_zero(plain: Any) -> bool:
    """Say whether the official provider can't tell a value from null: "", 0, false, empty."""
    return plain is None or (plain is not UNKNOWN and not plain)


def same_plain(one: Any, other: Any) -> bool:
    """Say whether two values are equal, null and zero values taken for the same, at any depth."""
    if one is UNKNOWN or other is UNKNOWN:
        return False
    if is_zero(one) and is_zero(other):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(same_plain(one.get(name), other.get(name)) for name in one.keys() | other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_plain, one, other))
    # True == 1 in Python, not here.
    return type(one) is type(other) and bool(one == other)
