"""Numbers: exact where exact, rounded to 512 bits, printed shortest.

Expected texts were printed by `terraform console` 1.11.4.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.values import numbers
from cotta.values.numbers import NumberError, format_number, parse_number

THIRD = "0." + "3" * 154 + "5"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("0", "0"),
        ("-0", "-0"),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+5", "5"),
        ("1p3", "8"),
        ("1e21", "1000000000000000000000"),
        ("1e-4", "0.0001"),
        ("0.1", "0.1"),
        ("inf", "+Inf"),
        ("-Inf", "-Inf"),
        ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
        ("1e400", "1" + "0" * 400),
        ("1e-400", "0." + "0" * 399 + "1"),
    ],
)
def test_text_is_read_and_printed_as_terraform_does(text: str, printed: str) -> None:
    assert format_number(parse_number(text)) == printed


@pytest.mark.parametrize("text", ["", "0x10", " 1", "1_000", "1e", "e1", ".", "nan", "1.2.3", "١"])
def test_other_spellings_are_no_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_number(text)


@pytest.mark.parametrize("text", ["1e999999999", "1e-999999999", "9" * 200_000])
def test_numbers_too_large_to_mean_anything_are_refused_quickly(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_number(text)


@pytest.mark.parametrize(
    ("operation", "left", "right", "printed"),
    [
        ("divide", "1", "3", THIRD),
        ("divide", "2", "3", "0." + "6" * 153 + "7"),
        ("add", "0.1", "0.2", "0.3"),
        ("multiply", "0.1", "3", "0.3"),
        ("modulo", "0.3", "0.2", "0.1" + "0" * 153 + "1"),
        ("modulo", "-7", "3", "-1"),
        ("modulo", "-7.5", "2", "-1.5"),
        ("modulo", "5", "0", "5"),
        ("modulo", "0", "0", "0"),
        ("modulo", "inf", "0", "+Inf"),
        ("modulo", "1e400", "7", "0"),
        ("multiply", "0", "-1", "-0"),
        ("divide", "0", "-5", "-0"),
        ("divide", "1", "0", "+Inf"),
        ("divide", "-1", "0", "-Inf"),
        ("subtract", "0", "0", "0"),
        ("multiply", "100000000000000000000", "1e30", "1" + "0" * 50),
    ],
)
def test_arithmetic_answers_as_terraform_does(
    operation: str, left: str, right: str, printed: str
) -> None:
    result = getattr(numbers, operation)(parse_number(left), parse_number(right))

    assert format_number(result) == printed


def test_a_sum_beyond_512_bits_is_rounded_and_padded_with_zeros() -> None:
    result = numbers.add(2**600, 1)

    assert format_number(result) == (
        "414951556888099295851240786369116115101244623224243689999565732969065281141290814639970704"
        "8947103794288197886611300789182395151075411775307886874834113963700000000000000000000000000"
    )


@pytest.mark.parametrize(
    ("operation", "left", "right"),
    [
        ("divide", "0", "0"),
        ("modulo", "5", "inf"),
        ("multiply", "0", "inf"),
        ("add", "inf", "-inf"),
    ],
)
def test_operations_without_a_result_say_so(operation: str, left: str, right: str) -> None:
    with pytest.raises(NumberError):
        getattr(numbers, operation)(parse_number(left), parse_number(right))


FINITE = st.one_of(
    st.integers(-(10**40), 10**40),
    st.fractions(max_denominator=10**12).map(
        lambda f: numbers.make_ratio(f.numerator, f.denominator)
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(numbers.from_float),
)


def exact(number: numbers.Number) -> Fraction:
    if isinstance(number, numbers.BigFloat):
        assert number.exponent is not None
        return Fraction(number.mantissa) * Fraction(2) ** number.exponent
    return Fraction(number)


@given(FINITE)
def test_a_printed_number_reads_back_as_itself(number: numbers.Number) -> None:
    assert parse_number(format_number(number)) == number


@given(FINITE, FINITE)
def test_arithmetic_is_right_to_the_last_of_512_bits(
    left: numbers.Number, right: numbers.Number
) -> None:
    for operation, law in ((numbers.add, Fraction.__add__), (numbers.multiply, Fraction.__mul__)):
        wanted = law(exact(left), exact(right))
        got = exact(operation(left, right))

        assert abs(got - wanted) <= abs(wanted) / 2**512


@given(FINITE, FINITE)
def test_order_agrees_with_exact_order(left: numbers.Number, right: numbers.Number) -> None:
    one, other = exact(left), exact(right)

    assert numbers.compare(left, right) == (one > other) - (one < other)


@given(FINITE)
def test_floor_and_ceiling_enclose(number: numbers.Number) -> None:
    low, high = numbers.floor(number), numbers.ceiling(number)

    assert exact(low) <= exact(number) <= exact(high)
    assert exact(high) - exact(low) in (0, 1)
