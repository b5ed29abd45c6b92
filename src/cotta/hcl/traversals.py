"""Expressions read as references: names and literal steps, nothing evaluated."""

from __future__ import annotations

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
    diags.error(
        "Invalid expression",
        "A reference is needed here: a name, with attributes and literal indices after it.",
        node.range,
    )
    return None


def _from_json(node: JsonString, text: str, diags: Diagnostics) -> Variable | None:
    found = Diagnostics()
    traversal = parse_traversal(SourceFile(node.range.file.name, text), found)
    for mistake in found:
        diags.error(mistake.summary, mistake.detail, node.range)
    if traversal is None:
        return None
    return Variable(node.range, traversal.name, node.range, traversal.steps)


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
