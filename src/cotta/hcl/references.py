"""Which names an expression mentions, without evaluating it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.hcl.ast import (
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Invalid,
    JsonString,
    Literal,
    ObjectExpression,
    ObjectKey,
    Parentheses,
    RelativeTraversal,
    Splat,
    SplatItem,
    Template,
    TemplateJoin,
    TemplateWrap,
    TupleExpression,
    Unary,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def variables_in(expression: Expression) -> list[Variable]:
    """Return every traversal of a name from outside, in source order.

    Names that the expression binds itself, as in a `for`, are left out.
    """
    found: list[Variable] = []
    pending: list[tuple[Expression, frozenset[str]]] = [(expression, frozenset())]
    while pending:
        node, bound = pending.pop()
        if type(node) is Variable:
            if node.name not in bound:
                found.append(node)
            continue
        pending.extend(reversed(list(_inside(node, bound))))
    return found


def calls_in(expression: Expression) -> list[Call]:
    """Return every function call, in source order."""
    found: list[Call] = []
    pending = [expression]
    while pending:
        node = pending.pop()
        if type(node) is Call:
            found.append(node)
        pending.extend(reversed([child for child, _ in _inside(node, frozenset())]))
    return found


def is_bare_key(key: ObjectKey) -> bool:
    """Say whether an object key is a plain name that means itself."""
    return not key.in_parentheses and type(key.wrapped) is Variable and not key.wrapped.steps


def _inside(node: Expression, bound: frozenset[str]) -> Iterator[tuple[Expression, frozenset[str]]]:
    """Iterate over the expressions directly inside, with the names bound there."""
    match node:
        case Template(parts=parts) | TupleExpression(items=parts) | Call(arguments=parts):
            yield from ((part, bound) for part in parts)
        case Binary(left=left, right=right):
            yield left, bound
            yield right, bound
        case Conditional():
            yield node.condition, bound
            yield node.true_result, bound
            yield node.false_result, bound
        case ObjectExpression(items=items):
            for item in items:
                if not is_bare_key(item.key):
                    yield item.key.wrapped, bound
                yield item.value, bound
        case For():
            yield from _inside_for(node, bound)
        case Index(collection=collection, key=key):
            yield collection, bound
            yield key, bound
        case Splat(source=source, each=each):
            yield source, bound
            yield each, bound
        case (
            TemplateWrap(wrapped=inner)
            | TemplateJoin(items=inner)
            | Unary(operand=inner)
            | Parentheses(inner=inner)
            | RelativeTraversal(source=inner)
            | ObjectKey(wrapped=inner)
            | JsonString(template=inner)
        ):
            yield inner, bound
        case Literal() | SplatItem() | Variable() | Invalid():
            pass


def _inside_for(node: For, bound: frozenset[str]) -> Iterator[tuple[Expression, frozenset[str]]]:
    yield node.collection, bound
    names = {node.value_name} if node.key_name is None else {node.key_name, node.value_name}
    inner = bound | names
    if node.key_result is not None:
        yield node.key_result, inner
    yield node.value_result, inner
    if node.condition is not None:
        yield node.condition, inner
