"""Arguments as implementations want them: small whole numbers, types under marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.values.functions import FunctionError
from cotta.values.value import Unknown, type_of, unmark

if TYPE_CHECKING:
    from cotta.values.types import Type
    from cotta.values.value import Value

_LARGEST: Final = (1 << 63) - 1


def whole_number(value: Value) -> int:
    """Return a known number as an int; `FunctionError` unless it is whole and of 64 bits."""
    if value == 0:
        return 0  # minus zero too
    if type(value) is int and -_LARGEST - 1 <= value <= _LARGEST:
        return value
    raise FunctionError(f"a whole number between {-_LARGEST - 1} and {_LARGEST} is required")


def kind_of(value: Value) -> Type:
    """Return the type of an argument that may have marks on it."""
    return type_of(unmark(value)[0])


def is_unknown(value: Value) -> bool:
    """Say whether the argument itself, under its marks, is unknown."""
    return type(unmark(value)[0]) is Unknown
