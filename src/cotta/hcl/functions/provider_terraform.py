"""What the built-in provider `terraform.io/builtin/terraform` offers: values as source text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.source import count_graphemes
from cotta.hcl.bodies import just_attributes
from cotta.hcl.evaluate import evaluate
from cotta.hcl.parser import parse_file
from cotta.hcl.scope import Scope
from cotta.values.functions import Function, FunctionError, Parameter
from cotta.values.numbers import BigFloat, format_number
from cotta.values.operations import UNKNOWN_STRING
from cotta.values.types import DYNAMIC, STRING
from cotta.values.value import (
    MapValue,
    Null,
    ObjectValue,
    children,
    is_container,
    is_wholly_known,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.values.value import Value

_NAME: Final = re.compile(r"[^\W\d][\w-]*")
_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def is_identifier(text: str) -> bool:
    """Say whether the text can be written as a name, without quotes."""
    return _NAME.fullmatch(text) is not None and text.replace("-", "_").isidentifier()


def _quote(text: str) -> str:
    parts: list[str] = []
    for at, character in enumerate(text):
        if character in _ESCAPES:
            parts.append(_ESCAPES[character])
        elif character in "$%" and text[at + 1 : at + 2] == "{":
            parts.append(character * 2)
        elif character.isprintable():
            parts.append(character)
        else:
            code = ord(character)
            parts.append(f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")
    return f'"{"".join(parts)}"'


def write_expression(value: Value, level: int = 0) -> str:
    """Return the source of an expression with this value, `level` spaces in.

    Objects and maps have an attribute a line; all else is on one line.
    """
    if isinstance(value, ObjectValue | MapValue):
        inner = value.attributes if isinstance(value, ObjectValue) else value.elements
        if not inner:
            return "{}"
        named = {k if is_identifier(k) else _quote(k): v for k, v in inner.items()}
        spaces = " " * level
        lines = write_attributes(named, level + 2)
        return "{\n" + "".join(f"{line}\n" for line in lines) + spaces + "}"
    if is_container(value):
        return "[" + ", ".join(write_expression(v, level) for v in children(value)) + "]"
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Null):
        return "null"
    assert isinstance(value, int | BigFloat)
    return format_number(value)


def write_attributes(attributes: Mapping[str, Value], level: int) -> list[str]:
    """Return `name = value` for each, `level` spaces in.

    The equals signs of neighbours that take one line each stand below each other.
    """
    written = [(name, write_expression(value, level)) for name, value in attributes.items()]
    lines: list[str] = []
    group: list[tuple[str, str]] = []
    for name, text in [*written, ("", "\n")]:
        if "\n" not in text:
            group.append((name, text))
            continue
        width = max((count_graphemes(name) for name, _ in group), default=0)
        lines += [
            f"{' ' * level}{name}{' ' * (width - count_graphemes(name))} = {text}"
            for name, text in group
        ]
        group = []
        if name:
            lines.append(f"{' ' * level}{name} = {text}")
    return lines


def _encode_expr(value: Value) -> Value:
    return write_expression(value) if is_wholly_known(value) else UNKNOWN_STRING


def _encode_tfvars(value: Value) -> Value:
    if not is_wholly_known(value):
        return UNKNOWN_STRING
    match value:
        case ObjectValue(attributes=attributes) | MapValue(elements=attributes):
            pass
        case _:
            raise FunctionError("only an object or a map has names to define variables by")
    for name in attributes:
        if not is_identifier(name):
            raise FunctionError(f'"{name}" can\'t be the name of a variable')
    return "".join(f"{line}\n" for line in write_attributes(attributes, 0))


def _decode_tfvars(source: str) -> Value:
    diags = Diagnostics()
    body = parse_file(source.encode(), "<decode_tfvars argument>", diags).body
    nothing = Scope({}, {})
    values: dict[str, Value] = {}
    for name, attribute in just_attributes(body, diags).items():
        values[name] = evaluate(attribute.expression, nothing, diags)
    for found in diags:
        where = f"{found.subject.describe()}: " if found.subject else ""
        raise FunctionError(f"{where}{found.summary}; {found.detail}")
    return ObjectValue(values)


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="decode_tfvars",
        description="Returns an object of the variables that the text of a .tfvars file defines.",
        parameters=(Parameter("src", STRING),),
        result=DYNAMIC,
        implementation=_decode_tfvars,
    ),
    Function(
        name="encode_expr",
        description="Returns the source of an expression that has the given value.",
        parameters=(Parameter("value", DYNAMIC, unknown=True, dynamic=True),),
        result=STRING,
        implementation=_encode_expr,
    ),
    Function(
        name="encode_tfvars",
        description="Returns the text of a .tfvars file that defines the attributes of an object.",
        parameters=(Parameter("value", DYNAMIC, unknown=True, dynamic=True),),
        result=STRING,
        implementation=_encode_tfvars,
    ),
)
