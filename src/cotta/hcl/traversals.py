"""Expressions read as references: names and literal steps, nothing evaluated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.source import SourceFile
from cotta.hcl.ast import (
    JsonString,
    Literal,
    Template,
    TupleExpression,
    Variable,
)
from cotta.hcl.parser import parse_expression
from cotta.values.value import ANY_NULL

if TYPE_CHECKING:
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Expression


def parse_traversal(source: SourceFile, diags: Diagnostics) -> Variable | None:
    """Return a reference such as `module.a["b"].c` from its text; None if it isn't one."""
    before = len(diags)
    node = parse_expression(source, diags)
    if len(diags) > before:
        return None
    return as_traversal(node, diags)


def as_traversal(node: Expression, diags: Diagnostics) -> Variable | None:
    """Return an expression read as a reference; None, with a diagnostic, if it isn't one.

    In JSON, a string is read as the text of a reference.
    """
    match node:
        case Variable():
            return node
        case Literal(value=True | False as truth):
            return Variable(node.range, "true" if truth else "false", node.range, ())
        case Literal() if node.value is ANY_NULL:
            return Variable(node.range, "null", node.range, ())
        case JsonString(text=text):
            return _from_json(node, text, diags)
    _refuse(node.range, diags)
    return None


def _refuse(place: SourceRange, diags: Diagnostics) -> None:
    diags.error(
        "Invalid expression",
        "A reference is needed here: a name, with attributes and literal indices after it.",
        place,
    )


def _from_json(node: JsonString, text: str, diags: Diagnostics) -> Variable | None:
    place = node.range
    found = Diagnostics()
    if place.text[1:-1] == text:
        traversal = parse_quoted(place, found)
        if traversal is not None:
            return traversal
    # With escapes in the string its offsets are not those of the text.
    traversal = parse_traversal(SourceFile(place.file.name, text), found)
    if traversal is None:
        _refuse(place, diags)
        return None
    steps = tuple(replace(step, range=place) for step in traversal.steps)
    return Variable(place, traversal.name, place, steps)


def parse_quoted(place: SourceRange, diags: Diagnostics) -> Variable | None:
    """Return the reference that is written between the quotes at `place`; None if it isn't one."""
    before = len(diags)
    node = parse_expression(place.file, diags, start=place.start + 1, end=place.end - 1)
    if len(diags) > before:
        return None
    return as_traversal(node, diags)


def as_keyword(node: Expression) -> str | None:
    """Return the bare name that an expression is, or None."""
    match node:
        case Variable(name=name, steps=()):
            return name
        case Literal(value=True | False as truth):
            return "true" if truth else "false"
        case JsonString(text=text) if text.isidentifier():
            return text
        case _:
            return None


def as_text(node: Expression) -> str | None:
    """Return the plain text that an expression is, without templates; None if it is none."""
    match node:
        case JsonString(text=text):
            return text
        case Template(parts=(Literal(value=str() as text),)):
            return text
        case _:
            return None


def as_list(node: Expression) -> tuple[Expression, ...] | None:
    """Return the items of a tuple as they are written; None if it is no tuple."""
    return node.items if isinstance(node, TupleExpression) else None
