"""Where a diagnostic about an expression should point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.hcl.ast import (
    Binary,
    Call,
    Conditional,
    For,
    Index,
    ObjectExpression,
    Parentheses,
    Splat,
    Template,
    TupleExpression,
    Unary,
)

if TYPE_CHECKING:
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Expression


def start_range(expression: Expression) -> SourceRange:
    """Return the range of an expression's beginning, enough to recognise it by.

    It is HCL's StartRange, which keeps a complaint about a long argument from
    underlining all of it.
    """
    node = expression
    while True:
        match node:
            case Call():
                return node.name_range.to(node.open_range)
            case TupleExpression() | ObjectExpression() | For():
                return node.open_range
            case Splat():
                return node.marker_range
            case Unary():
                return node.operator_range
            case Index():
                return type(node.bracket_range)(
                    node.bracket_range.file, node.bracket_range.start, node.bracket_range.start + 1
                )
            case Binary(left=inner) | Conditional(condition=inner) | Parentheses(inner=inner):
                node = inner
            case Template(parts=(first, *_)):
                node = first
            case _:
                # HCL points behind the closing quote of an empty template.
                found = node.range
                if found.start == found.end:
                    return type(found)(found.file, found.start + 1, found.start + 2)
                return found
