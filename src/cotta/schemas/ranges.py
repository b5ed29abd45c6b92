"""From a path in a value back to the place in the body that it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.ast import ObjectExpression, Parentheses, TupleExpression, Variable
from cotta.hcl.bodies import content
from cotta.hcl.dynamic import DYNAMIC_BODY
from cotta.hcl.traversals import as_text
from cotta.schemas.decode import read_body
from cotta.schemas.model import Nesting
from cotta.values.paths import AttributePath, IndexPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Block as WrittenBlock
    from cotta.hcl.ast import Expression
    from cotta.hcl.bodies import AnyBody
    from cotta.schemas.decode import ReadBody
    from cotta.schemas.model import Block, NestedBlock
    from cotta.values.paths import Path


def find_range(body: AnyBody, block: Block, path: Path) -> SourceRange | None:
    """Return the place of the part of `body` that `path` leads to; None for no path.

    Where the path leads further than anything that was written, it is the
    place of the last part that was: the argument, the block, or where
    something is missing in it.
    """
    return range_in(read_body(body, block, Diagnostics()), path) if path else None


def range_in(read: ReadBody, path: Path) -> SourceRange:
    """Return the place that `path` leads to in a body that has been read."""
    rest = path
    while rest and isinstance(rest[0], AttributePath):
        name = rest[0].name
        argument = read.content.attributes.get(name)
        if argument is not None:
            return _inside(argument.expression, rest[1:]).range
        nested = read.block.blocks.get(name)
        if nested is None:
            break
        used, written = _block_at(read, name, nested, rest[1:])
        inner = None if written is None else _read_inner(read, written)
        if inner is None:
            break
        read, rest = inner, rest[1 + used :]
    return read.content.end_range


def _read_inner(read: ReadBody, written: WrittenBlock) -> ReadBody | None:
    if written.type != "dynamic":
        return read.inner.get(id(written.body))
    contents = content(written.body, DYNAMIC_BODY, Diagnostics()).blocks
    nested = read.block.blocks.get(written.labels[0])
    if not contents or nested is None:
        return None
    return read_body(contents[0].body, nested.block, Diagnostics())


def _block_at(
    read: ReadBody, name: str, nested: NestedBlock, rest: Path
) -> tuple[int, WrittenBlock | None]:
    """Return how many steps lead to one of the blocks of a type, and that block.

    Which element a generated block became can't be told from here, so the
    first of the type stands for those beyond the written ones.
    """
    candidates = list(_blocks_of(read, name))
    if not candidates:
        return 0, None
    if nested.nesting in (Nesting.SINGLE, Nesting.GROUP):
        return 0, candidates[0]
    match rest[:1]:
        case (IndexPath(int() as at),):
            return 1, candidates[at] if at < len(candidates) else candidates[-1]
        case (IndexPath(str() as key),):
            labelled = [block for block in candidates if block.labels == (key,)]
            return 1, labelled[0] if labelled else candidates[0]
        case (IndexPath(),):
            return 1, candidates[0] if len(candidates) == 1 else None
        case _:
            return 0, candidates[0]


def _blocks_of(read: ReadBody, name: str) -> Iterator[WrittenBlock]:
    for block in read.content.blocks:
        if block.type == name or (block.type == "dynamic" and block.labels == (name,)):
            yield block


def _inside(expression: Expression, path: Path) -> Expression:
    """Return the part of a written object or tuple that `path` leads to, as far as it goes."""
    for step in path:
        while isinstance(expression, Parentheses):
            expression = expression.inner
        found: Expression | None = None
        match expression, step:
            case TupleExpression(items=items), IndexPath(int() as at) if 0 <= at < len(items):
                found = items[at]
            case ObjectExpression(), AttributePath(name) | IndexPath(str() as name):
                found = _member(expression, name)
        if found is None:
            break
        expression = found
    return expression


def _member(expression: ObjectExpression, name: str) -> Expression | None:
    for item in reversed(expression.items):
        key = item.key.wrapped
        if isinstance(key, Variable) and not key.steps and not item.key.in_parentheses:
            text: str | None = key.name
        else:
            text = as_text(key)
        if text == name:
            return item.value
    return None
