"""Values and types as `terraform console` and `terraform output` print them.

Pure: a value in, text out.  Sensitive and ephemeral values are never shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from cotta.values.numbers import BigFloat, format_number
from cotta.values.sets import quote
from cotta.values.types import (
    DynamicType,
    ListType,
    MapType,
    ObjectType,
    PrimitiveType,
    SetType,
    TupleType,
    friendly_name,
)
from cotta.values.value import (
    ListValue,
    MapValue,
    Mark,
    Marked,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    is_known,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cotta.values.types import Type
    from cotta.values.value import Value

KNOWN_AFTER_APPLY: Final = "(known after apply)"


def render_value(value: Value, indent: int = 0) -> str:
    """Return `value` as an expression, without a newline at the end.

    What can't be shown stands in parentheses.  Lines after the first begin
    with `indent` spaces, so that the text fits where a value begins.
    """
    if not is_known(value):
        return KNOWN_AFTER_APPLY
    if type(value) is Marked:
        is_sensitive = Mark.SENSITIVE in value.marks
        return "(sensitive value)" if is_sensitive else "(ephemeral value)"
    if type(value) is str:
        return _render_string(value, indent)
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int or type(value) is BigFloat:
        return format_number(value)
    match value:
        case Null():
            return _render_null(value.type)
        case TupleValue():
            return _bracketed("[", value.elements, "]", indent)
        case ListValue():
            return _bracketed("tolist([", value.elements, "])", indent)
        case SetValue():
            return _bracketed("toset([", value.elements, "])", indent)
        case ObjectValue():
            return _braced("{", value.attributes, "}", indent)
        case MapValue():
            return _braced("tomap({", value.elements, "})", indent)
    raise AssertionError(f"no way to print {value!r}")


def _render_null(kind: Type) -> str:
    match kind:
        case DynamicType():
            return "null"
        case PrimitiveType(name):
            return f"to{name}(null)"
        case ListType(element):
            return f"tolist(null) /* of {friendly_name(element)} */"
        case SetType(element):
            return f"toset(null) /* of {friendly_name(element)} */"
        case MapType(element):
            return f"tomap(null) /* of {friendly_name(element)} */"
        case TupleType() | ObjectType():
            return f"null /* {friendly_name(kind)} */"
    assert_never(kind)


def _bracketed(opening: str, elements: Iterable[Value], closing: str, indent: int) -> str:
    margin = " " * (indent + 2)
    lines = [f"{margin}{render_value(element, indent + 2)}," for element in elements]
    return _enclosed(opening, lines, closing, indent)


def _braced(opening: str, items: Mapping[str, Value], closing: str, indent: int) -> str:
    margin = " " * (indent + 2)
    lines = [
        f"{margin}{_render_string(key, indent + 2)} = {render_value(element, indent + 2)}"
        for key, element in items.items()
    ]
    return _enclosed(opening, lines, closing, indent)


def _enclosed(opening: str, lines: list[str], closing: str, indent: int) -> str:
    if not lines:
        return opening + closing
    return "\n".join([opening, *lines, " " * indent + closing])


def _render_string(text: str, indent: int) -> str:
    """Return a string in quotes, or as a heredoc if it has several lines.

    A heredoc's text stands as it is, so it must not hold a line that would
    end it; that it ends with a newline too many is terraform's way.
    """
    if "\n" not in text:
        return quote(text)
    lines = text.split("\n")
    delimiter = "EOT"
    while any(line.strip() == delimiter for line in lines):
        delimiter += "_"
    operator = "<<-" if indent else "<<"
    margin = "\n" + " " * indent
    return margin.join([operator + delimiter, *lines, delimiter])


def render_type_listing(kind: Type, indent: int = 0) -> str:
    """Return a type as the console's `type` prints it: a member on each line."""
    match kind:
        case PrimitiveType(name):
            return name
        case DynamicType():
            return "dynamic"
        case ListType(element):
            return _listed_collection("list", element, indent)
        case SetType(element):
            return _listed_collection("set", element, indent)
        case MapType(element):
            return _listed_collection("map", element, indent)
        case TupleType(elements):
            members = [render_type_listing(element, indent + 4) for element in elements]
            return _listed("tuple([", members, "])", indent)
        case ObjectType():
            members = [
                f"{name}: {render_type_listing(attribute, indent + 4)}"
                for name, attribute in kind.attributes.items()
            ]
            return _listed("object({", members, "})", indent)
    assert_never(kind)


def _listed_collection(word: str, element: Type, indent: int) -> str:
    if isinstance(element, TupleType | ObjectType):
        return _listed(f"{word}(", [render_type_listing(element, indent + 4)], ")", indent)
    return f"{word}({render_type_listing(element, indent)})"


def _listed(opening: str, members: list[str], closing: str, indent: int) -> str:
    margin = " " * (indent + 4)
    return _enclosed(opening, [f"{margin}{member}," for member in members], closing, indent)
