"""What the operators do with values: arithmetic, comparison, access.

Operands have been converted to the operator's type already.  Every operation
treats the same three things in the same order: marks on an operand ride on
the result, an unknown operand makes the result unknown (never null), and a
null operand is refused with `OperationError`.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final

from cotta.values import numbers
from cotta.values.convert import ConversionError, convert
from cotta.values.numbers import BigFloat, NumberError
from cotta.values.sets import identity
from cotta.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    PrimitiveType,
    SetType,
    TupleType,
    conforms,
    friendly_name,
    has_dynamic,
)
from cotta.values.value import (
    ANY_UNKNOWN,
    NOT_NULL,
    Container,
    ListValue,
    MapValue,
    Marked,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    children,
    is_container,
    is_wholly_known,
    type_of,
    unmark_deep,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.values.numbers import Number
    from cotta.values.types import Type
    from cotta.values.value import Bound, Unmarked, Value


class OperationError(Exception):
    """An operation has no result; the message is a clause that says why."""


class AccessError(Exception):
    """There is nothing at an index or attribute; `summary` and `detail` say why."""

    def __init__(self, summary: str, detail: str) -> None:
        super().__init__(detail)
        self.summary = summary
        self.detail = detail


UNKNOWN_BOOL: Final = Unknown(BOOL, NOT_NULL)
UNKNOWN_NUMBER: Final = Unknown(NUMBER, NOT_NULL)
UNKNOWN_STRING: Final = Unknown(STRING, NOT_NULL)

# --- arithmetic and logic -----------------------------------------------------

# Python's own operator is tried first where both operands are small integers.
_SMALL: Final = 1 << 256

_INTEGER_ARITHMETIC: Final[dict[str, Callable[[int, int], int]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_ARITHMETIC: Final[dict[str, Callable[[Number, Number], Number]]] = {
    "+": numbers.add,
    "-": numbers.subtract,
    "*": numbers.multiply,
    "/": numbers.divide,
    "%": numbers.modulo,
}
_ORDER: Final[dict[str, Callable[[int, int], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def calculate(symbol: str, left: Value, right: Value) -> Value:
    """Return the result of an arithmetic operator on two numbers."""
    if type(left) is int and type(right) is int:
        quick = _INTEGER_ARITHMETIC.get(symbol)
        if quick is not None and -_SMALL < left < _SMALL and -_SMALL < right < _SMALL:
            result = quick(left, right)
            # Zero may have to be minus zero, which only the slow way knows.
            if result or symbol != "*":
                return result
    left_number, right_number, marks, unknown = _operands(left, right)
    if unknown:
        return with_marks(UNKNOWN_NUMBER, marks)
    try:
        result_number = _ARITHMETIC[symbol](left_number, right_number)  # type: ignore[arg-type]  # numbers
    except NumberError as error:
        raise OperationError(_ZERO_BY_ZERO.get(symbol, str(error))) from None
    return with_marks(result_number, marks)


_ZERO_BY_ZERO: Final = {
    "/": "can't divide zero by zero or infinity by infinity",
    "%": "can't use modulo with infinity",
    "*": "can't multiply zero by infinity",
}


def order(symbol: str, left: Value, right: Value) -> Value:
    """Return the result of `<`, `<=`, `>` or `>=` on two numbers."""
    if type(left) is int and type(right) is int:
        return _ORDER[symbol](left, right)
    left_number, right_number, marks, unknown = _operands(left, right)
    if unknown:
        return with_marks(_order_ranges(symbol, left_number, right_number), marks)
    compared = numbers.compare(left_number, right_number)  # type: ignore[arg-type]  # numbers
    return with_marks(_ORDER[symbol](compared, 0), marks)


def _order_ranges(symbol: str, left: Unmarked, right: Unmarked) -> Value:
    """Compare by what is certain of unknown numbers: their bounds.

    Bounds that touch decide nothing, not even for `<=`, as in Terraform.
    """
    below, above = (left, right) if symbol in ("<", "<=") else (right, left)
    if _surely_below(_upper(below), _lower(above)):
        return True
    if _surely_below(_upper(above), _lower(below)):
        return False
    return UNKNOWN_BOOL


def _lower(value: Unmarked) -> tuple[Number, bool] | None:
    return _bound(value, value.refinement.lower) if type(value) is Unknown else _exact(value)


def _upper(value: Unmarked) -> tuple[Number, bool] | None:
    return _bound(value, value.refinement.upper) if type(value) is Unknown else _exact(value)


def _bound(_value: Unknown, bound: Bound | None) -> tuple[Number, bool] | None:
    return None if bound is None else (bound.number, bound.inclusive)


def _exact(value: Unmarked) -> tuple[Number, bool] | None:
    return (value, True) if type(value) is int or type(value) is BigFloat else None


def _surely_below(upper: tuple[Number, bool] | None, lower: tuple[Number, bool] | None) -> bool:
    if upper is None or lower is None:
        return False
    compared = numbers.compare(upper[0], lower[0])
    return compared < 0 or (compared == 0 and not (upper[1] and lower[1]))


def logic(symbol: str, left: Value, right: Value) -> Value:
    """Return the result of `&&` or `||` on two bools; an unknown one decides nothing."""
    if type(left) is bool and type(right) is bool:
        return (left and right) if symbol == "&&" else (left or right)
    left_bool, right_bool, marks, unknown = _operands(left, right)
    if unknown:
        return with_marks(UNKNOWN_BOOL, marks)
    both = left_bool and right_bool if symbol == "&&" else left_bool or right_bool
    return with_marks(bool(both), marks)


def negate(value: Value) -> Value:
    """Return the number with its sign turned."""
    number, _, marks, unknown = _operands(value, 0)
    return with_marks(UNKNOWN_NUMBER if unknown else numbers.negate(number), marks)  # type: ignore[arg-type]  # a number


def invert(value: Value) -> Value:
    """Return the opposite of a bool."""
    if type(value) is bool:
        return not value
    truth, _, marks, unknown = _operands(value, True)
    return with_marks(UNKNOWN_BOOL if unknown else not truth, marks)


def _operands(left: Value, right: Value) -> tuple[Unmarked, Unmarked, frozenset, bool]:  # type: ignore[type-arg]  # of marks
    left, marks = unmark_deep(left)
    right, more = unmark_deep(right)
    unknown = type(left) is Unknown or type(right) is Unknown
    if type(left) is Null or type(right) is Null:
        raise OperationError("argument must not be null")
    return left, right, marks | more, unknown


# --- equality -----------------------------------------------------------------


def equal(left: Value, right: Value) -> Value:
    """Return whether two values are equal: a bool, or an unknown one.

    Values of different types are unequal; nulls of any types are equal.
    """
    if type(left) is type(right) and (type(left) is str or type(left) is int):
        return left == right
    left, marks = unmark_deep(left)
    right, more = unmark_deep(right)
    return with_marks(_equal(left, right), marks | more)


def _equal(left: Unmarked, right: Unmarked) -> Value:
    if type(left) is Unknown or type(right) is Unknown:
        return _equal_unknown(left, right)
    if type(left) is Null or type(right) is Null:
        return type(left) is type(right)
    left_type, right_type = type_of(left), type_of(right)
    if _has_open_type(left) or _has_open_type(right):
        if conforms(left_type, right_type) or conforms(right_type, left_type):
            return UNKNOWN_BOOL
        return False
    if left_type != right_type:
        return False
    if is_container(left) and is_container(right):
        return _equal_containers(left, right)
    return left == right


def _has_open_type(value: Unmarked) -> bool:
    """Say whether a part of the value is unknown in its type too."""
    if is_wholly_known(value):
        return False
    if is_container(value):
        return any(_has_open_type(child) for child in children(value))  # type: ignore[arg-type]  # marks were taken off
    return has_dynamic(type_of(value))


def _equal_unknown(left: Unmarked, right: Unmarked) -> Value:
    unknown, other = (left, right) if type(left) is Unknown else (right, left)
    assert type(unknown) is Unknown
    certain = unknown.refinement
    if type(other) is Null:
        return False if certain.not_null else UNKNOWN_BOOL
    # Whatever it turns out to be, null included, it will not be that.
    if type(other) is not Unknown and not conforms(type_of(other), unknown.type):
        return False
    if type(other) is str and not other.startswith(certain.prefix):
        return False
    if type(other) is int or type(other) is BigFloat:
        exact = (other, True)
        if _surely_below(_upper(unknown), exact):
            return False
        if _surely_below(exact, _lower(unknown)):
            return False
    if type(other) is ListValue or type(other) is MapValue:
        length = len(other.elements)
        if length < certain.shortest or (certain.longest is not None and length > certain.longest):
            return False
    return UNKNOWN_BOOL


def _equal_containers(left: Container, right: Container) -> Value:
    if type(left) is SetValue and type(right) is SetValue:
        return _equal_sets(left, right)
    if (
        type(left) is MapValue
        and type(right) is MapValue
        and left.elements.keys() != right.elements.keys()
    ):
        return False
    ours, theirs = list(children(left)), list(children(right))
    if len(ours) != len(theirs):
        return False
    answer: Value = True
    for one, other in zip(ours, theirs, strict=True):
        same = _equal(one, other)  # type: ignore[arg-type]  # marks were taken off at every depth
        if same is False:
            return False
        if same is not True:
            answer = UNKNOWN_BOOL
    return answer


def _equal_sets(left: SetValue, right: SetValue) -> Value:
    ours = {identity(element) for element in left.elements}
    theirs = {identity(element) for element in right.elements}
    if None in ours or None in theirs:
        return UNKNOWN_BOOL
    return ours == theirs


# --- access -------------------------------------------------------------------

_NO_ELEMENT = "The given key does not identify an element in this collection value"


def index(collection: Value, key: Value) -> Value:
    """Return `collection[key]`; raise `AccessError` if nothing is there.

    Marks on either are on the result.
    """
    if type(key) is int:
        if (type(collection) is ListValue or type(collection) is TupleValue) and (
            0 <= key < len(collection.elements)
        ):
            return collection.elements[key]
    elif type(key) is str and type(collection) is MapValue and key in collection.elements:
        return collection.elements[key]
    marks = collection.marks if type(collection) is Marked else None
    bare = collection.value if type(collection) is Marked else collection
    if type(bare) is Null:
        raise AccessError(
            "Attempt to index null value", "This value is null, so it has no indices."
        )
    key, key_marks = unmark_deep(key)
    if type(key) is Null:
        raise AccessError("Invalid index", "A null value can't be used as an index.")
    found = _index(bare, key)
    if marks is not None:
        key_marks |= marks
    return with_marks(found, key_marks)


def _index(collection: Unmarked, key: Unmarked) -> Value:
    kind = type_of(collection)
    match kind:
        case ListType() | TupleType():
            wanted: Type = NUMBER
        case MapType() | ObjectType():
            wanted = STRING
        case SetType():
            raise AccessError(
                "Invalid index",
                "The elements of a set have no index or key of their own. "
                "Use a for expression to work with all of them, or convert the set to a list.",
            )
        case PrimitiveType():
            raise AccessError("Invalid index", "This value does not have any indices.")
        case _:
            return ANY_UNKNOWN
    if type_of(key) is DYNAMIC:
        return ANY_UNKNOWN
    was_number = type(key) is not str
    try:
        converted = convert(key, wanted)
    except ConversionError as error:
        raise AccessError("Invalid index", f"{_NO_ELEMENT}: {error.describe()}.") from None
    if type(converted) is Unknown or type(collection) is Unknown:
        return _index_unknown(kind, converted)
    if type(collection) is ListValue or type(collection) is TupleValue:
        return _element(collection.elements, converted)
    return _keyed_element(collection, converted, was_number=was_number)


def _keyed_element(collection: Unmarked, key: Value, *, was_number: bool) -> Value:
    assert type(key) is str
    assert type(collection) is ObjectValue or type(collection) is MapValue
    is_object = type(collection) is ObjectValue
    elements = collection.attributes if type(collection) is ObjectValue else collection.elements
    found: Value | None = elements.get(key)
    if found is not None:
        return found
    hint = " Attributes of an object have names, not numbers." if is_object and was_number else ""
    raise AccessError("Invalid index", f"{_NO_ELEMENT}.{hint}")


def _element(elements: tuple[Value, ...], key: Value) -> Value:
    if type(key) is int and 0 <= key < len(elements):
        return elements[key]
    assert type(key) is int or type(key) is BigFloat
    if not numbers.is_whole(key):
        why = "an index must be a whole number, but this one has a fraction"
    elif numbers.compare(key, 0) < 0:
        why = "a negative number is not an index"
    elif not elements:
        why = "the collection has no elements"
    elif key == 0:
        return elements[0]
    else:
        why = "the index is not below the length of the collection"
    raise AccessError("Invalid index", f"{_NO_ELEMENT}: {why}.")


def _index_unknown(kind: Type, key: Value) -> Value:
    match kind:
        case ListType(element) | MapType(element):
            return Unknown(element)
        case TupleType(elements) if type(key) is not Unknown:
            if type(key) is int and 0 <= key < len(elements):
                return Unknown(elements[key])
            return _element((ANY_UNKNOWN,) * len(elements), key)
        case ObjectType() if type(key) is str:
            if key not in kind.attributes:
                raise AccessError("Invalid index", f"{_NO_ELEMENT}.")
            return Unknown(kind.attributes[key])
        case _:
            return ANY_UNKNOWN


def attribute(value: Value, name: str) -> Value:
    """Return `value.name`; raise `AccessError` if there is no such attribute."""
    if type(value) is ObjectValue:
        found = value.attributes.get(name)
        if found is not None:
            return found
    if type(value) is Marked:
        return with_marks(attribute(value.value, name), value.marks)
    if type(value) is Null:
        raise AccessError(
            "Attempt to get attribute from null value",
            "This value is null, so it does not have any attributes.",
        )
    if type(value) is MapValue:
        element = value.elements.get(name)
        if element is None:
            raise AccessError(
                "Missing map element", f'This map does not have an element with the key "{name}".'
            )
        return element
    return _attribute_of_type(type_of(value), name)


def _attribute_of_type(kind: Type, name: str) -> Value:
    """Return the attribute of an unknown value of `kind`, or say why it can have none."""
    match kind:
        case ObjectType() if name in kind.attributes:
            return Unknown(kind.attributes[name])
        case MapType(element):
            return Unknown(element)
        case ObjectType():
            why = f'This object does not have an attribute named "{name}".'
        case ListType(ObjectType()):
            why = (
                "A list of objects has no attributes of its own. Choose one element with an "
                f"index, as in [0].{name}, or all of them with [*].{name}."
            )
        case SetType(ObjectType()):
            why = (
                "A set of objects has no attributes of its own. Use a for expression or "
                f"[*].{name} to reach those of all elements."
            )
        case PrimitiveType():
            why = f"A {friendly_name(kind)} does not have any attributes."
        case ListType() | SetType() | TupleType():
            why = "This value does not have any attributes."
        case _:
            return ANY_UNKNOWN
    raise AccessError("Unsupported attribute", why)
