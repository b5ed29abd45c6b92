"""Logarithm and power of floats, to the last digit as Go computes them.

The C library's are as exact, but round the other way now and then, which
shows in the last digit printed.
"""

from __future__ import annotations

import math
from typing import Final

_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_SERIES: Final = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)


def natural_log(number: float) -> float:
    """Return the natural logarithm; minus infinity of zero, NaN of a negative number.

    The method is fdlibm's: `number` is `2**k * (1 + f)` with `1 + f` between
    sqrt(2)/2 and sqrt(2), and the logarithm of `1 + f` is a series in
    `f / (2 + f)`.
    """
    if number == 0:
        return -math.inf
    if number < 0 or math.isnan(number):
        return math.nan
    if math.isinf(number):
        return number
    fraction, exponent = math.frexp(number)
    if fraction < math.sqrt(2) / 2:
        fraction *= 2
        exponent -= 1
    f = fraction - 1
    k = float(exponent)
    s = f / (2 + f)
    s2 = s * s
    s4 = s2 * s2
    l1, l2, l3, l4, l5, l6, l7 = _SERIES
    odd = s2 * (l1 + s4 * (l3 + s4 * (l5 + s4 * l7)))
    even = s4 * (l2 + s4 * (l4 + s4 * l6))
    rest = odd + even
    half = 0.5 * f * f
    return k * _LN2_HIGH - ((half - (s * (half + rest) + k * _LN2_LOW)) - f)


def power(base: float, exponent: float) -> float:
    """Return `base` to the power of `exponent`; NaN where no real number is.

    The whole part of the exponent is multiplied out by repeated squaring, each
    product rounded; only the fraction takes a logarithm.
    """
    special = _special_power(base, exponent)
    if special is not None:
        return special
    fraction, whole = math.modf(abs(exponent))
    if fraction and base < 0:
        return math.nan
    if whole >= 2.0**63:
        return _limit(base, exponent)
    mantissa, scale = 1.0, 0
    if fraction:
        if fraction > 0.5:
            fraction -= 1
            whole += 1
        mantissa = math.exp(fraction * natural_log(base))
    square, square_scale = math.frexp(base)
    count = int(whole)
    while count:
        if abs(square_scale) > 1 << 12:
            scale += square_scale
            break
        if count & 1:
            mantissa *= square
            scale += square_scale
        square *= square
        square_scale <<= 1
        if square < 0.5:
            square += square
            square_scale -= 1
        count >>= 1
    if exponent < 0:
        mantissa = 1 / mantissa
        scale = -scale
    try:
        return math.ldexp(mantissa, scale)
    except OverflowError:
        return math.copysign(math.inf, mantissa)


def _special_power(base: float, exponent: float) -> float | None:
    """Return the power where an argument is special; None where it is to be computed."""
    if exponent == 0 or base == 1:
        return 1.0
    if exponent == 1:
        return base
    if exponent == 0.5:
        return math.sqrt(base) if base >= 0 else math.nan
    if exponent == -0.5 and base > 0:
        return 1 / math.sqrt(base)
    if base == 0 or math.isinf(base) or math.isinf(exponent):
        try:
            return math.pow(base, exponent)
        except ValueError:
            # Zero to a negative power; its sign counts when the power is odd.
            return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf
    return None


def _limit(base: float, exponent: float) -> float:
    """Return what powers beyond counting come to."""
    if base == -1:
        return 1.0
    return 0.0 if (abs(base) < 1) == (exponent > 0) else math.inf
