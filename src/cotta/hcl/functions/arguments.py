"""Arguments as implementations want them: small whole numbers, types under marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.values.functions import FunctionError
from cotta.values.types import DYNAMIC
from cotta.values.value import ListValue, Unknown, type_of, unmark

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def list_of(elements: Sequence[Value], element_type: Type) -> ListValue:
    """Return the list; where its type is not certain yet, its elements tell what it is.

    Raises `FunctionError` if they don't agree.
    """
    if element_type == DYNAMIC:
        kinds = dict.fromkeys(map(type_of, elements))
        kinds.pop(DYNAMIC, None)
        if len(kinds) > 1:
            raise FunctionError("the elements of the resulting list have different types")
        element_type = next(iter(kinds), DYNAMIC)
    return ListValue(element_type, tuple(elements))
