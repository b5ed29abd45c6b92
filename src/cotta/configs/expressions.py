"""Every expression inside a body, whether or not there is a schema to read it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.hcl.ast import For, JsonBody, TupleExpression
from cotta.hcl.traversals import as_keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.hcl.ast import Attribute, Block, Expression
    from cotta.hcl.bodies import AnyBody
    from cotta.schemas.model import Block as Schema


def expressions_of(body: AnyBody, schema: Schema | None = None) -> Iterator[Expression]:
    """Iterate over the expressions of a body and of the blocks in it, in source order.

    With a schema, what it doesn't know is left out: that is a mistake of its
    own.  What a `dynamic` block generates is wrapped in a `for` that binds its
    iterator, so that the name counts as its own.
    """
    if isinstance(body, JsonBody):
        for member in body.members:
            if schema is None or _is_known(member.name, schema) or member.name == "dynamic":
                yield member.value
        return
    for attribute in body.attributes.values():
        if schema is None or attribute.name in schema.attributes:
            yield attribute.expression
    for block in body.blocks:
        if block.type == "dynamic" and block.labels:
            yield from _dynamic(block)
        elif schema is None:
            yield from expressions_of(block.body)
        elif block.type in schema.blocks:
            yield from expressions_of(block.body, schema.blocks[block.type].block)


def _is_known(name: str, schema: Schema) -> bool:
    return name in schema.attributes or name in schema.blocks


def _dynamic(block: Block) -> Iterator[Expression]:
    """Iterate over the expressions of a `dynamic` block."""
    body = block.body
    if isinstance(body, JsonBody):
        yield from expressions_of(body)
        return
    attributes = body.attributes
    iterator = as_keyword(attributes["iterator"].expression) if "iterator" in attributes else None
    name = iterator or block.labels[0]
    inside: list[Expression] = []
    for inner in body.blocks:
        inside += expressions_of(inner.body)
    labels: Attribute | None = attributes.get("labels")
    if labels is not None:
        inside.append(labels.expression)
    for_each = attributes.get("for_each")
    empty = TupleExpression(block.range, (), block.open_range)
    yield For(
        range=block.range,
        key_name=None,
        value_name=name,
        collection=for_each.expression if for_each is not None else empty,
        key_result=None,
        value_result=TupleExpression(block.range, tuple(inside), block.open_range),
        condition=None,
        grouping=False,
        open_range=block.open_range,
        close_range=block.close_range,
    )
