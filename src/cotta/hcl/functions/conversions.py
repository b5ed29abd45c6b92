"""Functions that change a value's type or marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.arguments import is_unknown, kind_of
from cotta.values.convert import ConversionError, convert, explain_mismatch
from cotta.values.functions import ArgumentError, Function, Parameter
from cotta.values.operations import UNKNOWN_BOOL
from cotta.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    SetType,
    friendly_name,
)
from cotta.values.unify import can_convert
from cotta.values.value import (
    Mark,
    Null,
    Unknown,
    children,
    has_marks,
    is_container,
    mark,
    marks_of,
    rebuild,
    type_of,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotta.values.functions import ResultType
    from cotta.values.types import Type
    from cotta.values.value import Value

# --- types --------------------------------------------------------------------


def _conversion(name: str, wanted: Type, what: str) -> Function:
    """Return the function that converts its argument to `wanted`."""

    def result(arguments: Sequence[Value]) -> Type:
        given = kind_of(arguments[0])
        if not can_convert(given, wanted):
            why = explain_mismatch(given, wanted)
            raise ArgumentError(0, f"{friendly_name(given)} can't be converted: {why}")
        return wanted

    def implementation(value: Value) -> Value:
        try:
            return convert(value, wanted)
        except ConversionError as error:
            raise ArgumentError(0, f"this value can't be converted: {error.describe()}") from None

    return Function(
        name=name,
        description=f"Returns the value converted to {what}.",
        parameters=(Parameter("v", DYNAMIC, null=True, dynamic=True, marked=True),),
        result=result,
        implementation=implementation,
        nullable=True,
    )


# --- marks --------------------------------------------------------------------


def _own_type(arguments: Sequence[Value]) -> Type:
    return kind_of(arguments[0])


def _sensitive(value: Value) -> Value:
    return mark(value, Mark.SENSITIVE)


def _nonsensitive(value: Value) -> Value:
    bare, marks = unmark(value)
    return with_marks(bare, marks - {Mark.SENSITIVE})


def _issensitive(value: Value) -> Value:
    if Mark.SENSITIVE in marks_of(value):
        return True
    return UNKNOWN_BOOL if is_unknown(value) else False


def _ephemeralasnull(value: Value) -> Value:
    """Return the value with each ephemeral part replaced by a null of its type.

    An unknown part stays unknown: its type may yet become more precise.
    """
    if not has_marks(value):
        return value
    bare, marks = unmark(value)
    if Mark.EPHEMERAL in marks:
        kind = type_of(bare)
        nothing: Value = Unknown(kind) if type(bare) is Unknown else Null(kind)
        return with_marks(nothing, marks - {Mark.EPHEMERAL})
    if not is_container(bare):
        return value
    return with_marks(rebuild(bare, [_ephemeralasnull(c) for c in children(bare)]), marks)


def _marking(
    name: str,
    description: str,
    implementation: Callable[[Value], Value],
    result: Type | ResultType,
) -> Function:
    return Function(
        name=name,
        description=description,
        parameters=(
            Parameter("value", DYNAMIC, null=True, unknown=True, dynamic=True, marked=True),
        ),
        result=result,
        implementation=implementation,
        nullable=True,
    )


FUNCTIONS: Final[tuple[Function, ...]] = (
    _marking(
        "ephemeralasnull",
        "Returns the value with null for every part of it that is ephemeral.",
        _ephemeralasnull,
        _own_type,
    ),
    _marking("issensitive", "Says whether the value is marked as sensitive.", _issensitive, BOOL),
    _marking(
        "nonsensitive",
        "Returns the value without its mark as sensitive, so that it is shown.",
        _nonsensitive,
        _own_type,
    ),
    _marking(
        "sensitive",
        "Returns the value marked as sensitive, so that it isn't shown.",
        _sensitive,
        _own_type,
    ),
    _conversion("tobool", BOOL, "a bool"),
    _conversion("tolist", ListType(DYNAMIC), "a list"),
    _conversion("tomap", MapType(DYNAMIC), "a map"),
    _conversion("tonumber", NUMBER, "a number"),
    _conversion("toset", SetType(DYNAMIC), "a set"),
    _conversion("tostring", STRING, "a string"),
)
