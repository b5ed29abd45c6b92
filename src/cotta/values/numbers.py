"""Numbers as Terraform counts: 512 significant bits, rounded to nearest even.

A whole number is a Python `int` and costs what one costs.  Everything else is
a `BigFloat`: an odd mantissa times a power of two, or one of the three values
that neither can spell (minus zero and the infinities).  Every operation
returns the canonical form, so a `BigFloat` is never whole.

The rules are those of Go's math/big.Float at precision 512, which Terraform
computes with: results are rounded once, text is the shortest decimal that
reads back as the same number.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias, final

PRECISION: Final = 512

# 10**n for larger n would take seconds and megabytes; no configuration means it.
MAX_DECIMAL_EXPONENT: Final = 100_000


@final
class BigFloat:
    """`mantissa * 2**exponent`: mantissa odd, exponent below zero.

    The three special values have mantissa 0 (minus zero) or an exponent of
    None (the infinities; the mantissa is their sign).
    """

    __slots__ = ("exponent", "mantissa")

    def __init__(self, mantissa: int, exponent: int | None) -> None:
        self.mantissa = mantissa
        self.exponent = exponent

    def __repr__(self) -> str:
        return f"BigFloat({format_number(self)})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, BigFloat):
            return self.mantissa == other.mantissa and self.exponent == other.exponent
        if isinstance(other, int):
            return self is NEGATIVE_ZERO and other == 0
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.mantissa, self.exponent)) if self.mantissa else 0


Number: TypeAlias = int | BigFloat

NEGATIVE_ZERO: Final = BigFloat(0, 0)
POSITIVE_INFINITY: Final = BigFloat(1, None)
NEGATIVE_INFINITY: Final = BigFloat(-1, None)


class NumberError(ArithmeticError):
    """The operation has no result, such as zero divided by zero."""


def is_infinite(number: Number) -> bool:
    """Say whether `number` is one of the infinities."""
    return type(number) is BigFloat and number.exponent is None


def is_whole(number: Number) -> bool:
    """Say whether `number` has no fraction; infinities have none to speak of: False."""
    return type(number) is not BigFloat or number is NEGATIVE_ZERO


def _is_negative(number: Number) -> bool:
    """Say whether the sign bit is set; minus zero's is."""
    if type(number) is BigFloat:
        return number.mantissa < 0 or number is NEGATIVE_ZERO
    return number < 0


def _parts(number: Number) -> tuple[int, int]:
    """Return (mantissa, exponent) of a finite number."""
    if type(number) is BigFloat:
        assert number.exponent is not None
        return number.mantissa, number.exponent
    return number, 0


def _divide_to_nearest_even(numerator: int, denominator: int) -> int:
    """Return the quotient of positive integers, halves going to the even neighbour."""
    quotient, remainder = divmod(numerator, denominator)
    twice = remainder * 2
    if twice > denominator or (twice == denominator and quotient & 1):
        quotient += 1
    return quotient


def make_number(mantissa: int, exponent: int = 0) -> Number:
    """Return `mantissa * 2**exponent`, rounded to 512 bits, in canonical form."""
    if mantissa == 0:
        return 0
    size = abs(mantissa)
    excess = size.bit_length() - PRECISION
    if excess > 0:
        size = _divide_to_nearest_even(size, 1 << excess)
        exponent += excess
    if exponent < 0:
        zeros = min((size & -size).bit_length() - 1, -exponent)
        size >>= zeros
        exponent += zeros
    signed = -size if mantissa < 0 else size
    if exponent >= 0:
        return signed << exponent
    return BigFloat(signed, exponent)


def make_ratio(numerator: int, denominator: int) -> Number:
    """Return `numerator / denominator` (denominator above zero) to 512 bits."""
    size = abs(numerator)
    # Enough shift for 512 bits of quotient and one more; the rest is a sticky bit.
    shift = max(0, PRECISION + 2 - (size.bit_length() - denominator.bit_length()))
    quotient, remainder = divmod(size << shift, denominator)
    quotient = (quotient << 1) | (remainder != 0)
    return make_number(-quotient if numerator < 0 else quotient, -shift - 1)


def from_float(number: float) -> Number:
    """Return the exact value of a Python float; NaN raises `NumberError`."""
    if number != number:
        raise NumberError("not a number")
    if number in (float("inf"), float("-inf")):
        return POSITIVE_INFINITY if number > 0 else NEGATIVE_INFINITY
    if number == 0:
        return NEGATIVE_ZERO if str(number).startswith("-") else 0
    numerator, denominator = number.as_integer_ratio()
    return make_number(numerator, 1 - denominator.bit_length())


def to_float(number: Number) -> float:
    """Return the nearest Python float; too large becomes infinite."""
    if type(number) is BigFloat:
        if number.exponent is None:
            return float("inf") if number.mantissa > 0 else float("-inf")
        if number is NEGATIVE_ZERO:
            return -0.0
    mantissa, exponent = _parts(number)
    try:
        return mantissa / (1 << -exponent) if exponent < 0 else float(mantissa)
    except OverflowError:
        return float("inf") if mantissa > 0 else float("-inf")


_DECIMAL = re.compile(r"([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:([eEpP])([+-]?\d+))?", re.ASCII)
_INFINITY = re.compile(r"([+-]?)(?:inf|Inf)")


def parse_number(text: str) -> Number:
    """Return the number that `text` spells in decimal; `ValueError` if it spells none.

    Accepts what Go's big.ParseFloat does in base 10: a sign, digits with or
    without a point, an exponent of ten (`e`) or of two (`p`), `inf`.
    """
    if text.isascii() and text.isdigit() and len(text) < 150:
        return int(text)
    match = _DECIMAL.fullmatch(text)
    if match is None:
        infinite = _INFINITY.fullmatch(text)
        if infinite is None:
            raise ValueError(f"{text!r} is not a number")
        return NEGATIVE_INFINITY if infinite[1] == "-" else POSITIVE_INFINITY
    sign, whole, fraction, bare_fraction, letter, exponent_text = match.groups()
    fraction = bare_fraction or fraction or ""
    digits = _parse_digits((whole or "") + fraction)
    exponent = _parse_exponent(exponent_text)
    if len(fraction) > MAX_DECIMAL_EXPONENT or abs(exponent) > MAX_DECIMAL_EXPONENT:
        raise ValueError("the number's exponent is out of range")
    if digits == 0:
        return NEGATIVE_ZERO if sign == "-" else 0
    if sign == "-":
        digits = -digits
    twos = exponent if letter in ("p", "P") else 0
    tens = (0 if letter in ("p", "P") else exponent) - len(fraction)
    if twos:
        return make_ratio(digits << max(twos, 0), 10**-tens << max(-twos, 0))
    return make_number(digits * 10**tens) if tens >= 0 else make_ratio(digits, 10**-tens)


def _parse_digits(digits: str) -> int:
    """Return the integer; digits beyond any precision are refused as out of range."""
    if len(digits) > 4000:
        # Python refuses to read more than 4,300 digits at once, as it takes quadratic time.
        if len(digits) > MAX_DECIMAL_EXPONENT:
            raise ValueError("the number has too many digits")
        middle = len(digits) // 2
        scale: int = 10 ** (len(digits) - middle)
        return _parse_digits(digits[:middle]) * scale + _parse_digits(digits[middle:])
    return int(digits)


def _parse_exponent(text: str | None) -> int:
    if text is None:
        return 0
    return int(text) if len(text) < 12 else MAX_DECIMAL_EXPONENT + 1


def format_number(number: Number) -> str:
    """Return the shortest decimal that reads back as `number`, never with an exponent."""
    if type(number) is not BigFloat:
        if -(1 << PRECISION) < number < 1 << PRECISION:
            return str(number)
    elif number.exponent is None:
        return "+Inf" if number.mantissa > 0 else "-Inf"
    elif number is NEGATIVE_ZERO:
        return "-0"
    mantissa, exponent = _parts(number)
    digits, point = _shortest_digits(abs(mantissa), exponent)
    sign = "-" if mantissa < 0 else ""
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits.ljust(point, "0")
    return f"{sign}{digits[:point]}.{digits[point:]}"


def decimal_digits(number: Number) -> tuple[str, int]:
    """Return the shortest digits of a finite, non-zero number and where its point stands.

    The value is `0.DIGITS * 10**point`; the sign is left out.
    """
    mantissa, exponent = _parts(number)
    return _shortest_digits(abs(mantissa), exponent)


def exact_digits(number: Number) -> tuple[str, int]:
    """Return all digits of a finite, non-zero number and where its point stands."""
    mantissa, exponent = _parts(number)
    return _exact_digits(abs(mantissa), exponent)


def _exact_digits(size: int, exponent: int) -> tuple[str, int]:
    # size * 2**-n is size * 5**n / 10**n: all digits are those of an integer.
    whole = size << exponent if exponent >= 0 else size * 5**-exponent
    digits = _integer_text(whole)
    return digits.rstrip("0"), len(digits) + min(exponent, 0)


def _integer_text(whole: int) -> str:
    """Return the decimal digits, however many: Python's own limit is 4,300 at a time."""
    if whole.bit_length() < 14_000:
        return str(whole)
    half = whole.bit_length() * 3 // 20
    high, low = divmod(whole, 10**half)
    return _integer_text(high) + _integer_text(low).rjust(half, "0")


def _shortest_digits(size: int, exponent: int) -> tuple[str, int]:
    """Return (digits, point) after Go's decimal rounding for shortest output.

    Digits are kept until the number stands apart from both ends of the
    interval that rounds to it; the interval includes its ends when the
    mantissa is even.
    """
    # Widen to 513 bits, so that one unit of the mantissa is half a unit of the last place.
    shift = PRECISION + 1 - size.bit_length()
    wide = size << shift if shift >= 0 else size >> -shift
    low, _ = _exact_digits(wide - 1, exponent - shift)
    high, _ = _exact_digits(wide + 1, exponent - shift)
    digits, point = _exact_digits(wide, exponent - shift)
    inclusive = not wide & 2
    for at, digit in enumerate(digits):
        below = low[at] if at < len(low) else "0"
        above = high[at] if at < len(high) else "0"
        can_cut = below != digit or (inclusive and at + 1 == len(low))
        can_raise = digit != above and (
            inclusive or ord(digit) + 1 < ord(above) or at + 1 < len(high)
        )
        if not (can_cut or can_raise):
            continue
        rest = digits[at + 1 :]
        if can_cut and can_raise:
            kept = digits[: at + 1]
            up = rest > "5" or (rest == "5" and int(digit) % 2 == 1)
        else:
            kept, up = digits[: at + 1], can_raise and bool(rest)
        return _raise_last(kept, point) if up else (kept.rstrip("0") or "0", point)
    return digits, point


def _raise_last(digits: str, point: int) -> tuple[str, int]:
    """Return the digits with one added in the last place."""
    raised = str(int(digits) + 1)
    if len(raised) > len(digits):
        point += 1
    return raised.rjust(len(digits), "0").rstrip("0"), point


# --- arithmetic ---------------------------------------------------------------


def negate(number: Number) -> Number:
    """Return the number with its sign turned; zero has one."""
    if type(number) is not BigFloat:
        return -number if number else NEGATIVE_ZERO
    if number is NEGATIVE_ZERO:
        return 0
    if number.exponent is None:
        return NEGATIVE_INFINITY if number.mantissa > 0 else POSITIVE_INFINITY
    return BigFloat(-number.mantissa, number.exponent)


def absolute(number: Number) -> Number:
    """Return the number without its sign."""
    return negate(number) if _is_negative(number) else number


def add(left: Number, right: Number) -> Number:
    """Return the sum; infinities of opposite sign raise `NumberError`."""
    if is_infinite(left) or is_infinite(right):
        if is_infinite(left) and is_infinite(right) and left != right:
            raise NumberError("the sum of opposite infinities")
        return left if is_infinite(left) else right
    if left is NEGATIVE_ZERO and right is NEGATIVE_ZERO:
        return NEGATIVE_ZERO
    left_mantissa, left_exponent = _parts(left)
    right_mantissa, right_exponent = _parts(right)
    lowest = min(left_exponent, right_exponent)
    return make_number(
        (left_mantissa << (left_exponent - lowest)) + (right_mantissa << (right_exponent - lowest)),
        lowest,
    )


def subtract(left: Number, right: Number) -> Number:
    """Return the difference; infinities of the same sign raise `NumberError`."""
    if left is NEGATIVE_ZERO and right == 0 and right is not NEGATIVE_ZERO:
        return NEGATIVE_ZERO
    return add(left, negate(right)) if right != 0 else add(left, 0)


def multiply(left: Number, right: Number) -> Number:
    """Return the product; zero times infinity raises `NumberError`."""
    negative = _is_negative(left) != _is_negative(right)
    if is_infinite(left) or is_infinite(right):
        if left == 0 or right == 0:
            raise NumberError("zero times infinity")
        return NEGATIVE_INFINITY if negative else POSITIVE_INFINITY
    left_mantissa, left_exponent = _parts(left)
    right_mantissa, right_exponent = _parts(right)
    if not (left_mantissa and right_mantissa):
        return NEGATIVE_ZERO if negative else 0
    return make_number(left_mantissa * right_mantissa, left_exponent + right_exponent)


def divide(left: Number, right: Number) -> Number:
    """Return the quotient; by zero it is infinite, 0/0 and inf/inf raise `NumberError`."""
    negative = _is_negative(left) != _is_negative(right)
    if (left == 0 and right == 0) or (is_infinite(left) and is_infinite(right)):
        raise NumberError("zero by zero, or infinity by infinity")
    if left == 0 or is_infinite(right):
        return NEGATIVE_ZERO if negative else 0
    if right == 0 or is_infinite(left):
        return NEGATIVE_INFINITY if negative else POSITIVE_INFINITY
    left_mantissa, left_exponent = _parts(left)
    right_mantissa, right_exponent = _parts(right)
    lowest = min(left_exponent, right_exponent)
    numerator = abs(left_mantissa) << (left_exponent - lowest)
    denominator = abs(right_mantissa) << (right_exponent - lowest)
    return make_ratio(-numerator if negative else numerator, denominator)


def truncate(number: Number) -> int:
    """Return the whole part, towards zero; an infinity gives 0, as Go's Int does."""
    if type(number) is not BigFloat:
        return number
    if number.exponent is None:
        return 0
    size = abs(number.mantissa) >> -number.exponent
    return -size if number.mantissa < 0 else size


def floor(number: Number) -> Number:
    """Return the largest whole number not above; an infinity is returned as it is."""
    if is_infinite(number):
        return number
    whole = truncate(number)
    return whole - 1 if compare(number, whole) < 0 else whole


def ceiling(number: Number) -> Number:
    """Return the smallest whole number not below; an infinity is returned as it is."""
    if is_infinite(number):
        return number
    whole = truncate(number)
    return whole + 1 if compare(number, whole) > 0 else whole


def modulo(left: Number, right: Number) -> Number:
    """Return `left - right * truncate(left / right)`, each step rounded, as cty does.

    The sign follows `left`, and `left % 0` is `left`.  An infinite divisor, or
    an infinite dividend of another divisor, raises `NumberError`.
    """
    if right == 0:
        return left
    if is_infinite(left) or is_infinite(right):
        raise NumberError("the remainder of infinity")
    quotient = make_number(truncate(divide(left, right)))
    if quotient == 0:
        return left
    return subtract(left, multiply(right, quotient))


def compare(left: Number, right: Number) -> int:
    """Return -1, 0 or 1 as `left` is below, equal to or above `right`."""
    if type(left) is not BigFloat and type(right) is not BigFloat:
        return (left > right) - (left < right)
    if is_infinite(left) or is_infinite(right):
        left_rank = _parts_sign(left) if is_infinite(left) else 0
        right_rank = _parts_sign(right) if is_infinite(right) else 0
        return (left_rank > right_rank) - (left_rank < right_rank)
    left_mantissa, left_exponent = _parts(left)
    right_mantissa, right_exponent = _parts(right)
    lowest = min(left_exponent, right_exponent)
    left_mantissa <<= left_exponent - lowest
    right_mantissa <<= right_exponent - lowest
    return (left_mantissa > right_mantissa) - (left_mantissa < right_mantissa)


def _parts_sign(number: Number) -> int:
    return -1 if _is_negative(number) else 1
