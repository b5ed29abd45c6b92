"""Functions of numbers: rounding, powers, the largest and the smallest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.arguments import whole_number
from cotta.hcl.functions.go_floats import natural_log, power
from cotta.values import numbers
from cotta.values.convert import ConversionError, convert
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.numbers import (
    NEGATIVE_INFINITY,
    POSITIVE_INFINITY,
    NumberError,
    compare,
    make_number,
    parse_number,
    to_float,
)
from cotta.values.operations import UNKNOWN_NUMBER
from cotta.values.types import DYNAMIC, NUMBER, STRING, friendly_name
from cotta.values.value import (
    MapValue,
    Null,
    ObjectValue,
    Unknown,
    children,
    is_container,
    is_wholly_known,
    type_of,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.values.numbers import Number
    from cotta.values.types import Type
    from cotta.values.value import Value


def _abs(number: Value) -> Value:
    bare, marks = unmark(number)
    return with_marks(numbers.absolute(bare), marks)  # type: ignore[arg-type]  # a number


def _signum(number: Value) -> Value:
    size = whole_number(number)
    return (size > 0) - (size < 0)


def _extreme(given: tuple[Number, ...], sign: int) -> Number:
    if not given:
        raise FunctionError("at least one number is required")
    best = given[0]
    for number in given[1:]:
        if compare(number, best) == sign:
            best = number
    return best


def _max(*given: Number) -> Value:
    return _extreme(given, 1)


def _min(*given: Number) -> Value:
    return _extreme(given, -1)


def _finite_float(number: Number) -> float:
    size = to_float(number)
    if math.isinf(size) and not numbers.is_infinite(number):
        raise FunctionError("the number is too large for floating-point arithmetic")
    return size


def _from_float(result: float) -> Value:
    """Return the number that the float prints as, which is all that Terraform shows of it.

    A whole number that 64 bits hold it writes exactly.
    """
    if math.isnan(result):
        raise FunctionError("the result is not a number")
    if math.isinf(result):
        return POSITIVE_INFINITY if result > 0 else NEGATIVE_INFINITY
    if result.is_integer() and abs(result) < 1 << 63:
        return int(result)
    return parse_number(repr(result))


def _log(number: Number, base: Number) -> Value:
    above, below = natural_log(_finite_float(number)), natural_log(_finite_float(base))
    if below == 0:
        if above == 0 or math.isnan(above):
            return _from_float(math.nan)
        return _from_float(math.copysign(math.inf, above) * math.copysign(1, below))
    return _from_float(above / below)


def _pow(number: Number, exponent: Number) -> Value:
    return _from_float(power(_finite_float(number), _finite_float(exponent)))


def _parseint_type(arguments: Sequence[Value]) -> Type:
    kind = type_of(arguments[0])
    if kind != STRING:
        raise ArgumentError(0, f"a string is required, not {friendly_name(kind)}")
    return NUMBER


def _parseint(text: str, base: Value) -> Value:
    radix = whole_number(base)
    if not 2 <= radix <= 62:
        raise ArgumentError(1, "the base must be a whole number between 2 and 62")
    number = _read_digits(text, radix)
    if number is None:
        raise ArgumentError(0, f"the text is not a whole number in base {radix}")
    return make_number(number)


def _read_digits(text: str, base: int) -> int | None:
    """Return the integer that `text` spells; letters count from 10, capitals from 36 on."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits or not digits.isascii() or not digits.isalnum():
        return None
    number = 0
    for digit in digits:
        worth = int(digit, 36) + (26 if base > 36 and digit.isupper() else 0)
        if worth >= base:
            return None
        number = number * base + worth
    return -number if text[0] == "-" else number


def _sum(collection: Value) -> Value:
    if not is_container(collection):
        raise ArgumentError(0, "only the elements of a collection have a sum")
    elements = list(children(collection))
    if not elements:
        raise ArgumentError(0, "an empty list has no sum")
    if type(collection) is MapValue or type(collection) is ObjectValue:
        kind = friendly_name(type_of(collection))
        raise ArgumentError(0, f"a list, set or tuple is required, not {kind}")
    if not is_wholly_known(collection):
        return UNKNOWN_NUMBER
    total: Number = 0
    for at, element in enumerate(elements):
        number = _summand(element)
        try:
            total = numbers.add(total, number) if at else number
        except NumberError as error:
            raise FunctionError(str(error)) from None
    return total


def _summand(element: Value) -> Number:
    try:
        number = convert(element, NUMBER)
    except ConversionError:
        number = Null(NUMBER)
    if type(number) is Null:
        raise ArgumentError(0, "every element must be a number")
    assert not isinstance(number, Unknown)
    return number  # type: ignore[return-value]  # a number


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="abs",
        description="Returns the number without its sign.",
        parameters=(Parameter("num", NUMBER, dynamic=True, marked=True),),
        result=NUMBER,
        implementation=_abs,
    ),
    Function(
        name="ceil",
        description="Returns the smallest whole number that is not below the given one.",
        parameters=(Parameter("num", NUMBER),),
        result=NUMBER,
        implementation=numbers.ceiling,
    ),
    Function(
        name="floor",
        description="Returns the largest whole number that is not above the given one.",
        parameters=(Parameter("num", NUMBER),),
        result=NUMBER,
        implementation=numbers.floor,
    ),
    Function(
        name="log",
        description="Returns the logarithm of a number in a base.",
        parameters=(Parameter("num", NUMBER), Parameter("base", NUMBER)),
        result=NUMBER,
        implementation=_log,
    ),
    Function(
        name="max",
        description="Returns the largest of the given numbers.",
        variadic=Parameter("numbers", NUMBER, dynamic=True),
        result=NUMBER,
        implementation=_max,
    ),
    Function(
        name="min",
        description="Returns the smallest of the given numbers.",
        variadic=Parameter("numbers", NUMBER, dynamic=True),
        result=NUMBER,
        implementation=_min,
    ),
    Function(
        name="parseint",
        description="Returns the whole number that a text spells in a base from 2 to 62.",
        parameters=(Parameter("number", DYNAMIC), Parameter("base", NUMBER)),
        result=_parseint_type,
        implementation=_parseint,
    ),
    Function(
        name="pow",
        description="Returns a number raised to a power.",
        parameters=(Parameter("num", NUMBER), Parameter("power", NUMBER)),
        result=NUMBER,
        implementation=_pow,
    ),
    Function(
        name="signum",
        description="Returns -1, 0 or 1 as a whole number is negative, zero or positive.",
        parameters=(Parameter("num", NUMBER),),
        result=NUMBER,
        implementation=_signum,
    ),
    Function(
        name="sum",
        description="Returns the sum of the numbers in a list, set or tuple.",
        parameters=(Parameter("list", DYNAMIC),),
        result=NUMBER,
        implementation=_sum,
    ),
)
