"""Functions that ask something of a collection, or choose one value among many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.arguments import kind_of
from cotta.values.convert import ConversionError, convert
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.graphemes import count_clusters
from cotta.values.operations import UNKNOWN_BOOL, UNKNOWN_NUMBER, equal
from cotta.values.sets import has_known_length
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
    friendly_name,
)
from cotta.values.unify import unify
from cotta.values.value import (
    NOT_NULL,
    Bound,
    ListValue,
    MapValue,
    Null,
    Refinement,
    SetValue,
    TupleValue,
    Unknown,
    is_known,
    is_wholly_known,
    type_of,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.values.types import Type
    from cotta.values.value import Unmarked, Value

# --- how many -----------------------------------------------------------------


def _length_type(arguments: Sequence[Value]) -> Type:
    kind = kind_of(arguments[0])
    if kind in (NUMBER, BOOL):
        raise FunctionError(
            f"a string, collection or structure is required, not {friendly_name(kind)}"
        )
    return NUMBER


def _length(given: Value) -> Value:
    bare, marks = unmark(given)
    return with_marks(_count(bare), marks)


def _count(bare: Unmarked) -> Value:
    if type(bare) is str:
        return count_clusters(bare)
    if type(bare) is ListValue or type(bare) is MapValue or type(bare) is TupleValue:
        return len(bare.elements)
    if type(bare) is SetValue:
        count = len(bare.elements)
        return count if has_known_length(bare) else _between(1, count)
    match type_of(bare):
        case ObjectType(attributes=attributes):
            return len(attributes)
        case TupleType(elements):
            return len(elements)
        case ListType() | SetType() | MapType():
            assert type(bare) is Unknown
            return _between(bare.refinement.shortest, bare.refinement.longest)
        case kind:
            if kind == STRING:
                assert type(bare) is Unknown
                return _between(count_clusters(bare.refinement.prefix), None)
            return UNKNOWN_NUMBER


def _between(lowest: int, highest: int | None) -> Value:
    if lowest == highest:
        return lowest
    upper = None if highest is None else Bound(highest, inclusive=True)
    return Unknown(
        NUMBER, Refinement(not_null=True, lower=Bound(lowest, inclusive=True), upper=upper)
    )


# --- whether ------------------------------------------------------------------


def _alltrue(given: Value) -> Value:
    assert type(given) is ListValue
    for element in given.elements:
        if type(element) is Unknown:
            return UNKNOWN_BOOL
        if element is not True:
            return False
    return True


def _anytrue(given: Value) -> Value:
    assert type(given) is ListValue
    if any(element is True for element in given.elements):
        return True
    return False if is_wholly_known(given) else UNKNOWN_BOOL


def _contains(given: Value, wanted: Value) -> Value:
    if not (type(given) is ListValue or type(given) is TupleValue or type(given) is SetValue):
        raise FunctionError("a list, tuple or set is required")
    answer: Value = False
    for element in given.elements:
        same = equal(wanted, element)
        if same is True:
            return True
        if same is not False:
            answer = UNKNOWN_BOOL
    return answer


def _index(given: Value, wanted: Value) -> Value:
    if not (type(given) is ListValue or type(given) is TupleValue):
        raise FunctionError("a list or tuple is required")
    if not given.elements:
        raise FunctionError("there is nothing in an empty list")
    for at, element in enumerate(given.elements):
        same = equal(element, wanted)
        if not is_known(same):
            return UNKNOWN_NUMBER
        if same is True:
            return at
    raise FunctionError("the list has no such element")


# --- which --------------------------------------------------------------------


def _coalesce_type(arguments: Sequence[Value]) -> Type:
    common = unify(map(type_of, arguments))
    if common is None:
        raise FunctionError("all arguments must have the same type")
    return common


def _coalesce(*given: Value, result_type: Type) -> Value:
    for value in given:
        try:
            converted = convert(value, result_type)
        except ConversionError:
            continue  # as Terraform does: what can't be converted counts as null
        if type(converted) is Unknown:
            return Unknown(result_type, NOT_NULL)
        if type(converted) is not Null and converted != "":
            return converted
    raise FunctionError("every argument is null or an empty string")


def _coalescelist_type(arguments: Sequence[Value]) -> Type:
    if not arguments:
        raise FunctionError("at least one list is required")
    kinds = []
    for argument in arguments:
        if type(argument) is Unknown:
            return DYNAMIC
        kind = type_of(argument)
        if not isinstance(kind, ListType | TupleType):
            raise FunctionError(f"lists or tuples are required, not {friendly_name(kind)}")
        kinds.append(kind)
    return kinds[0] if all(kind == kinds[0] for kind in kinds) else DYNAMIC


def _coalescelist(*given: Value, result_type: Type) -> Value:
    for value in given:
        if type(value) is Unknown:
            return Unknown(result_type)
        if (type(value) is ListValue or type(value) is TupleValue) and value.elements:
            return value
    raise FunctionError("every list is empty")


_ONE_AT_MOST: Final = "a list, set or tuple of no or one element is required"


def _one_type(arguments: Sequence[Value]) -> Type:
    match type_of(arguments[0]):
        case ListType(element) | SetType(element):
            return element
        case TupleType(()):
            return DYNAMIC
        case TupleType((element,)):
            return element
        case _:
            raise ArgumentError(0, _ONE_AT_MOST)


def _one(given: Value, *, result_type: Type) -> Value:
    assert type(given) is ListValue or type(given) is SetValue or type(given) is TupleValue
    if not given.elements:
        return Null(result_type)
    if len(given.elements) == 1:
        return given.elements[0]
    if type(given) is SetValue and not has_known_length(given):
        return Unknown(result_type)
    raise ArgumentError(0, _ONE_AT_MOST)


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="alltrue",
        description="Says whether every element of a list is true; of an empty list it is.",
        parameters=(Parameter("list", ListType(BOOL)),),
        result=BOOL,
        implementation=_alltrue,
    ),
    Function(
        name="anytrue",
        description="Says whether at least one element of a list is true.",
        parameters=(Parameter("list", ListType(BOOL)),),
        result=BOOL,
        implementation=_anytrue,
    ),
    Function(
        name="coalesce",
        description="Returns the first argument that is neither null nor an empty string.",
        variadic=Parameter("vals", DYNAMIC, null=True, unknown=True, dynamic=True),
        result=_coalesce_type,
        implementation=_coalesce,
        wants_type=True,
    ),
    Function(
        name="coalescelist",
        description="Returns the first list that is not empty.",
        variadic=Parameter("vals", DYNAMIC, null=True, unknown=True, dynamic=True),
        result=_coalescelist_type,
        implementation=_coalescelist,
        wants_type=True,
    ),
    Function(
        name="contains",
        description="Says whether a list, tuple or set has an element equal to a value.",
        parameters=(Parameter("list", DYNAMIC), Parameter("value", DYNAMIC)),
        result=BOOL,
        implementation=_contains,
    ),
    Function(
        name="index",
        description="Returns the index of the first element of a list that equals a value.",
        parameters=(Parameter("list", DYNAMIC), Parameter("value", DYNAMIC)),
        result=NUMBER,
        implementation=_index,
    ),
    Function(
        name="length",
        description="Returns the number of elements of a collection, or of characters in a string.",
        parameters=(Parameter("value", DYNAMIC, unknown=True, dynamic=True, marked=True),),
        result=_length_type,
        implementation=_length,
    ),
    Function(
        name="one",
        description="Returns the only element of a list, or null if the list is empty.",
        parameters=(Parameter("list", DYNAMIC),),
        result=_one_type,
        implementation=_one,
        wants_type=True,
        nullable=True,
    ),
)
