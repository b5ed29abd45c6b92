"""OpenTofu's assumptions: what an author knows of a value that nobody else knows yet.

Each returns its first argument.  If that is known, the assumption is checked;
if not, it is remembered with the unknown, so that a plan can decide more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.values.convert import ConversionError, convert
from cotta.values.functions import ArgumentError, Function, Parameter
from cotta.values.operations import equal
from cotta.values.types import DYNAMIC, NUMBER, STRING, ListType, MapType, SetType
from cotta.values.value import Null, SetValue, Unknown, type_of, unmark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotta.values.types import Type
    from cotta.values.value import Refinement, Value

# The largest length that a collection can have, which is Go's largest int.
_LARGEST: Final = 2**63 - 1
_BROKEN: Final = "the assumption does not hold"


def _not_null(value: Value) -> Value:
    if type_of(value) == DYNAMIC:
        raise ArgumentError(
            0, "the value must have a known type; convert(value, type) gives it one"
        )
    return _refined(value, lambda known: replace(known, not_null=True))


def _string_prefix(value: Value, prefix: Value) -> Value:
    assert isinstance(prefix, str)
    if isinstance(value, str):
        if not value.startswith(prefix):
            raise ArgumentError(0, _BROKEN)
        return value

    def refine(known: Refinement) -> Refinement:
        longer, shorter = sorted((known.prefix, prefix), key=len, reverse=True)
        if not longer.startswith(shorter):
            raise ArgumentError(0, _BROKEN)
        return replace(known, not_null=True, prefix=longer)

    return _refined(value, refine)


def _between(value: Value, least: Value, most: Value) -> Value:
    return _with_length(value, _length(least, 1), _length(most, 2))


def _at_least(value: Value, least: Value) -> Value:
    return _with_length(value, _length(least, 1), None)


def _at_most(value: Value, most: Value) -> Value:
    return _with_length(value, 0, _length(most, 1))


def _length(number: Value, index: int) -> int:
    if type(number) is not int or not 0 <= number < _LARGEST:
        raise ArgumentError(index, f"it must be a whole number from 0 to {_LARGEST - 1}")
    return number


def _with_length(value: Value, least: int, most: int | None) -> Value:
    if hasattr(value, "elements"):
        count = len(value.elements)
        # Unknown elements of a set may turn out to be equal.
        is_open = type(value) is SetValue and any(type(e) is Unknown for e in value.elements)
        shortest = min(1, count) if is_open else count
        if count < least or (most is not None and shortest > most):
            raise ArgumentError(0, _BROKEN)
        return value

    def refine(known: Refinement) -> Refinement:
        shortest = max(known.shortest, least)
        bounds = [bound for bound in (known.longest, most) if bound is not None]
        longest = min(bounds, default=None)
        if longest is not None and shortest > longest:
            raise ArgumentError(0, _BROKEN)
        return replace(known, not_null=True, shortest=shortest, longest=longest)

    return _refined(value, refine)


def _refined(value: Value, refine: Callable[[Refinement], Refinement]) -> Value:
    """Return an unknown with more known about it; a known value as it is, unless it is null."""
    if isinstance(value, Null):
        raise ArgumentError(0, _BROKEN)
    if isinstance(value, Unknown) and value.type != DYNAMIC:
        return Unknown(value.type, refine(value.refinement))
    return value


def _same_type(arguments: Sequence[Value]) -> Type:
    return type_of(arguments[0])


def _expected_type(arguments: Sequence[Value]) -> Type:
    return type_of(arguments[1])


def _equal(value: Value, expected: Value) -> Value:
    try:
        converted = convert(value, type_of(expected))
    except ConversionError as error:
        raise ArgumentError(0, error.describe()) from None
    if unmark(equal(converted, expected))[0] is False:
        raise ArgumentError(0, _BROKEN)
    return expected


def _assume(
    name: str,
    description: str,
    wanted: Type,
    implementation: Callable[..., Value],
    *more: Parameter,
) -> Function:
    return Function(
        name=name,
        description=description,
        parameters=(
            Parameter("value", wanted, null=True, unknown=True, dynamic=True),
            *more,
        ),
        result=_same_type,
        implementation=implementation,
        nullable=True,
    )


def _lengths(noun: str, wanted: Type) -> tuple[Function, ...]:
    """Return the three assumptions on the length of a kind of collection."""
    least, most = Parameter("min_length", NUMBER), Parameter("max_length", NUMBER)
    says = f"Returns a {noun}, which is taken to have"
    return (
        _assume(
            f"assume{noun}length", f"{says} a length between two.", wanted, _between, least, most
        ),
        _assume(f"assume{noun}lengthmin", f"{says} at least a length.", wanted, _at_least, least),
        _assume(f"assume{noun}lengthmax", f"{says} at most a length.", wanted, _at_most, most),
    )


OPENTOFU_FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="assumeequal",
        description="Returns the second value, which the first one is taken to be equal to.",
        parameters=(
            Parameter("actual_value", DYNAMIC, null=True, unknown=True, dynamic=True),
            Parameter("expected_value", DYNAMIC, null=True, unknown=True, dynamic=True),
        ),
        result=_expected_type,
        implementation=_equal,
        nullable=True,
    ),
    _assume("assumenotnull", "Returns a value, which is taken not to be null.", DYNAMIC, _not_null),
    _assume(
        "assumestringprefix",
        "Returns a string, which is taken to begin with a prefix.",
        STRING,
        _string_prefix,
        Parameter("prefix", STRING),
    ),
    *_lengths("list", ListType(DYNAMIC)),
    *_lengths("set", SetType(DYNAMIC)),
    *_lengths("map", MapType(DYNAMIC)),
)
