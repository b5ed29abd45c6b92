"""Values as Packer prints them in `console` and `inspect`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.values.numbers import BigFloat, format_number
from cotta.values.sets import quote
from cotta.values.value import (
    MapValue,
    Marked,
    Null,
    ObjectValue,
    Unknown,
    is_container,
    items,
)

if TYPE_CHECKING:
    from cotta.values.value import Value


def render_packer_value(value: Value) -> str:
    """Return a value as text; a text is itself, without quotes."""
    return value if isinstance(value, str) else _render(value, 0)


def _render(value: Value, indent: int) -> str:
    match value:
        case Marked():
            return '"<sensitive>"' if indent else "<sensitive>"
        case Unknown():
            return "<unknown>"
        case Null():
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case BigFloat():
            return format_double(value)
        case str():
            return quote(value)
    assert is_container(value)
    is_map = isinstance(value, MapValue | ObjectValue)
    pairs = list(items(value))
    if not pairs:
        return "{}" if is_map else "[]"
    inner = " " * (indent + 2)
    lines = [
        f"{inner}{quote(str(key))} = {_render(each, indent + 2)}"
        if is_map
        else f"{inner}{_render(each, indent + 2)},"
        for key, each in pairs
    ]
    opening, closing = ("{", "}") if is_map else ("[", "]")
    return "\n".join([opening, *lines, " " * indent + closing])


def format_double(value: BigFloat) -> str:
    """Return a fraction with the digits that a double of 64 bits needs, as Packer prints it."""
    digits = repr(float(format_number(value)))
    return format_number(value) if "e" in digits or "n" in digits else digits.removesuffix(".0")
