"""Functions of sets: union, intersection, difference, product."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.arguments import kind_of
from cotta.values.convert import ConversionError, convert
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.sets import has_known_length, identity, make_set
from cotta.values.types import DYNAMIC, ListType, SetType, TupleType
from cotta.values.unify import unify
from cotta.values.value import (
    NO_MARKS,
    NOT_NULL,
    ListValue,
    MapValue,
    Refinement,
    SetValue,
    TupleValue,
    Unknown,
    is_wholly_known,
    type_of,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.values.types import Type
    from cotta.values.value import Marks, Unmarked, Value


def _common_set_type(arguments: Sequence[Value]) -> Type:
    elements: list[Type] = []
    for argument in arguments:
        kind = type_of(argument)
        assert isinstance(kind, SetType)
        # An empty set of any type becomes one of whatever type the others have.
        if kind.element == DYNAMIC and type(argument) is SetValue and not argument.elements:
            continue
        elements.append(kind.element)
    if not elements:
        return SetType(DYNAMIC)
    common = unify(elements)
    if common is None:
        raise FunctionError("the elements of all sets must have the same type")
    return SetType(common)


def _converted(sets: tuple[Value, ...], kind: Type) -> list[SetValue]:
    found = []
    for at, given in enumerate(sets):
        try:
            value = convert(given, kind)
        except ConversionError as error:
            raise ArgumentError(at, error.describe()) from None
        assert type(value) is SetValue
        found.append(value)
    return found


def _setunion(*sets: Value, result_type: Type) -> Value:
    assert isinstance(result_type, SetType)
    elements = [e for given in _converted(sets, result_type) for e in given.elements]
    return make_set(elements, result_type.element)


def _setintersection(*sets: Value, result_type: Type) -> Value:
    first, *others = _converted(sets, result_type)
    if not all(map(is_wholly_known, (first, *others))):
        return Unknown(result_type, NOT_NULL)
    kept = list(first.elements)
    for other in others:
        present = {identity(element) for element in other.elements}
        kept = [element for element in kept if identity(element) in present]
    return SetValue(first.element_type, tuple(kept))


def _setsubtract(left: Value, right: Value, *, result_type: Type) -> Value:
    first, other = _converted((left, right), result_type)
    if not (is_wholly_known(first) and is_wholly_known(other)):
        return Unknown(result_type, NOT_NULL)
    present = {identity(element) for element in other.elements}
    kept = tuple(e for e in first.elements if identity(e) not in present)
    return SetValue(first.element_type, kept)


# --- product ------------------------------------------------------------------

# More tuples than this don't fit into the memory of the machine at hand.
_LARGEST_PRODUCT: Final = 1 << 22


def _setproduct_type(arguments: Sequence[Value]) -> Type:
    if len(arguments) < 2:
        raise FunctionError("at least two sets are required")
    elements: list[Type] = []
    ordered = True
    for at, argument in enumerate(arguments):
        match kind_of(argument):
            case SetType(element):
                elements.append(element)
                ordered = False
            case ListType(element):
                elements.append(element)
            case TupleType(()):
                elements.append(DYNAMIC)
            case TupleType(own):
                common = unify(own)
                if common is None:
                    raise ArgumentError(at, "all elements must have the same type")
                elements.append(common)
            case _:
                raise ArgumentError(at, "a set or a list is required")
    row = TupleType(tuple(elements))
    return ListType(row) if ordered else SetType(row)


def _setproduct(*sets: Value, result_type: Type) -> Value:
    assert isinstance(result_type, ListType | SetType)
    row = result_type.element
    assert isinstance(row, TupleType)
    marks: Marks = NO_MARKS
    factors: list[Unmarked] = []
    for given in sets:
        bare, found = unmark(given)
        marks |= found
        factors.append(bare)
    columns = [_elements(factor) for factor in factors]
    if None in columns:
        return with_marks(_unknown_product(factors, result_type), marks)
    known = [column for column in columns if column is not None]
    size = 1
    for column in known:
        size *= len(column)
    if size > _LARGEST_PRODUCT:
        raise FunctionError(f"the product would have {size} elements")
    kinds = row.elements
    converted = [
        [convert(e, kind) for e in column] for column, kind in zip(known, kinds, strict=True)
    ]
    rows = [TupleValue(chosen) for chosen in product(*converted)]
    if len({one.type for one in rows}) > 1:
        raise FunctionError("the elements of one of the sets have different types")
    if isinstance(result_type, ListType):
        return with_marks(ListValue(row, tuple(rows)), marks)
    return with_marks(make_set(rows, row), marks)


def _elements(factor: Unmarked) -> tuple[Value, ...] | None:
    """Return the elements; None if it isn't certain how many there are."""
    if type(factor) is SetValue and not has_known_length(factor):
        return None
    if type(factor) is ListValue or type(factor) is SetValue or type(factor) is TupleValue:
        return factor.elements
    return None


# Bounds on lengths beyond these are not worth keeping, as Terraform finds too.
_LONGEST_FACTOR: Final = 1024
_LONGEST_BOUND: Final = 2048


def _unknown_product(factors: list[Unmarked], result_type: ListType | SetType) -> Value:
    longest = 1
    for factor in factors:
        length = _longest(factor)
        if length is None or length > _LONGEST_FACTOR:
            return Unknown(result_type, NOT_NULL)
        longest *= length
        if longest > _LONGEST_BOUND:
            return Unknown(result_type, NOT_NULL)
    if longest <= 1 and isinstance(result_type, ListType):
        # Its length is certain, so it isn't unknown but for its elements.
        return ListValue(result_type.element, (Unknown(result_type.element),) * longest)
    shortest = min(longest, 1)
    return Unknown(result_type, Refinement(not_null=True, shortest=shortest, longest=longest))


def _longest(factor: Unmarked) -> int | None:
    if type(factor) is Unknown:
        if isinstance(factor.type, TupleType):
            return len(factor.type.elements)
        return factor.refinement.longest
    assert not isinstance(factor, MapValue)
    elements: tuple[Value, ...] = getattr(factor, "elements", ())
    return len(elements)


_ANY_SET: Final = SetType(DYNAMIC)

FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="setintersection",
        description="Returns the set of elements that all the given sets have.",
        parameters=(Parameter("first_set", _ANY_SET, dynamic=True),),
        variadic=Parameter("other_sets", _ANY_SET, dynamic=True),
        result=_common_set_type,
        implementation=_setintersection,
        wants_type=True,
    ),
    Function(
        name="setproduct",
        description="Returns every way to choose one element of each of the given sets or "
        "lists, as tuples.",
        variadic=Parameter("sets", DYNAMIC, unknown=True, marked=True),
        result=_setproduct_type,
        implementation=_setproduct,
        wants_type=True,
    ),
    Function(
        name="setsubtract",
        description="Returns the set of elements that the first set has and the second has not.",
        parameters=(
            Parameter("a", _ANY_SET, dynamic=True),
            Parameter("b", _ANY_SET, dynamic=True),
        ),
        result=_common_set_type,
        implementation=_setsubtract,
        wants_type=True,
    ),
    Function(
        name="setunion",
        description="Returns the set of elements that any of the given sets has.",
        parameters=(Parameter("first_set", _ANY_SET, dynamic=True),),
        variadic=Parameter("other_sets", _ANY_SET, dynamic=True),
        result=_common_set_type,
        implementation=_setunion,
        wants_type=True,
    ),
)
