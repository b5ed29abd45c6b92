"""Numbers in Go's notations, as terraform's `format` prints them."""

from __future__ import annotations

import pytest

from cotta.values.decimals import format_decimal
from cotta.values.numbers import NEGATIVE_ZERO, POSITIVE_INFINITY, parse_number


@pytest.mark.parametrize(
    ("text", "verb", "precision", "expected"),
    [
        ("12345.678", "e", 6, "1.234568e+04"),
        ("0", "e", 2, "0.00e+00"),
        ("0.5", "f", 0, "0"),
        ("1.5", "f", 0, "2"),
        ("2.5", "f", 0, "2"),
        ("0.05", "f", 0, "0"),
        ("0.96", "f", 1, "1.0"),
        ("0.0004", "f", 2, "0.00"),
        ("1000", "f", 6, "1000.000000"),
        ("1234.5678", "g", 3, "1.23e+03"),
        ("1234.5678", "g", None, "1234.5678"),
        ("100000", "g", None, "100000"),
        ("1000000", "g", None, "1e+06"),
        ("0.0000001", "G", None, "1E-07"),
        ("0.0001", "g", None, "0.0001"),
        ("100", "g", 10, "100"),
        ("-2.75", "g", 2, "-2.8"),
        ("0", "g", None, "0"),
        ("1e100", "f", 0, "1" + "0" * 100),
    ],
)
def test_notation(text: str, verb: str, precision: int | None, expected: str) -> None:
    assert format_decimal(parse_number(text), verb, precision) == expected


def test_special_numbers() -> None:
    assert format_decimal(POSITIVE_INFINITY, "f", 2) == "+Inf"
    assert format_decimal(NEGATIVE_ZERO, "f", 1) == "-0.0"
