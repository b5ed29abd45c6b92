"""Numbers as Go's `e`, `f` and `g` verbs write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.values.numbers import BigFloat, compare, decimal_digits, exact_digits, is_infinite

if TYPE_CHECKING:
    from cotta.values.numbers import Number


def format_decimal(number: Number, verb: str, precision: int | None) -> str:
    """Return the number in the notation of `verb`, one of `e E f g G`.

    `precision` counts the digits after the point, for `g` all digits; None
    means as many as read back as the same number.  Halves go to the even
    digit.  Only an infinity has a plus sign.
    """
    if type(number) is BigFloat and is_infinite(number):
        return "+Inf" if number.mantissa > 0 else "-Inf"
    if number == 0:
        digits, point, negative = "", 0, type(number) is BigFloat
    else:
        negative = compare(number, 0) < 0
        digits, point = decimal_digits(number) if precision is None else exact_digits(number)
    sign = "-" if negative else ""
    match verb:
        case "e" | "E":
            if precision is None:
                precision = max(len(digits) - 1, 0)
            digits, point = _round(digits, point, precision + 1)
            return sign + _scientific(digits, point, precision, verb)
        case "f":
            if precision is None:
                precision = max(len(digits) - point, 0)
            digits, point = _round(digits, point, point + precision)
            return sign + _positional(digits, point, precision)
        case _:
            return sign + _general(digits, point, precision, "E" if verb == "G" else "e")


def _general(digits: str, point: int, precision: int | None, verb: str) -> str:
    if precision is None:
        wanted, limit = len(digits), 6
    else:
        wanted = precision or 1
        digits, point = _round(digits, point, wanted)
        limit = len(digits) if wanted > len(digits) >= point else wanted
    exponent = point - 1
    if exponent < -4 or exponent >= limit:
        return _scientific(digits, point, min(wanted, len(digits)) - 1, verb)
    if wanted > point:
        wanted = len(digits)
    return _positional(digits, point, max(wanted - point, 0))


def _scientific(digits: str, point: int, places: int, verb: str) -> str:
    exponent = point - 1 if digits else 0
    padded = digits.ljust(places + 1, "0")
    mantissa = f"{padded[0]}.{padded[1:]}" if places > 0 else padded[0]
    return f"{mantissa}{verb}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _positional(digits: str, point: int, places: int) -> str:
    whole = digits[:point].ljust(point, "0") if point > 0 else "0"
    if places <= 0:
        return whole
    fraction = digits[point:] if point >= 0 else "0" * -point + digits
    return f"{whole}.{fraction[:places].ljust(places, '0')}"


def _round(digits: str, point: int, places: int) -> tuple[str, int]:
    """Return exact digits rounded to `places`, halves to even, zeros at the end dropped."""
    if places < 0 or places >= len(digits):
        return digits, point
    kept, rest = digits[:places], digits[places:]
    odd = bool(kept) and int(kept[-1]) % 2 == 1
    if rest[0] > "5" or (rest[0] == "5" and (bool(rest[1:].strip("0")) or odd)):
        raised = str(int(kept or "0") + 1).rjust(places, "0")
        if len(raised) > places:
            point += 1
        return raised.rstrip("0"), point
    kept = kept.rstrip("0")
    return kept, point if kept else 0
