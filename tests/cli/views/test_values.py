"""Values and types are printed as `terraform console` was seen to print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from cotta.cli.views.values import render_type_listing, render_value
from cotta.values.value import type_of
from tests.support.printed import TYPES, VALUES, recorded
from tests.support.values import VALUES as ANY_VALUES
from tests.support.values import a_tuple

if TYPE_CHECKING:
    from cotta.values.value import Value


@pytest.mark.parametrize(("expression", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_value_is_printed(expression: str, value: Value) -> None:
    assert render_value(value) + "\n" == recorded()[expression]


@pytest.mark.parametrize(("expression", "value"), TYPES, ids=[text for text, _ in TYPES])
def test_type_is_printed(expression: str, value: Value) -> None:
    assert render_type_listing(type_of(value)) + "\n" == recorded()[f"type({expression})"]


@given(value=ANY_VALUES)
def test_value_inside_is_the_same_text_further_right(value: Value) -> None:
    outside = render_value(a_tuple(value))

    assert outside == f"[\n  {render_value(value, 2)},\n]"
    assert "secret" not in outside
