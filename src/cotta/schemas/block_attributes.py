"""Attributes written as blocks, as Terraform allows for lists and sets of objects.

`ingress { … }` in an `aws_security_group` means `ingress = [{ … }]`, where what is left
out is null.  One way for all of a body's: an argument of that name makes it an attribute.
JSON has no blocks of its own, so there it is always an attribute.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cotta.hcl.ast import Body
from cotta.schemas.model import Attribute, Block, NestedBlock, Nesting
from cotta.values.types import ListType, ObjectType, SetType

if TYPE_CHECKING:
    from cotta.hcl.bodies import AnyBody


def as_written(block: Block, body: AnyBody) -> Block:
    """Return the block that a body is to be read by: what it writes as blocks is declared so."""
    if not isinstance(body, Body) or not body.blocks or not block.object_lists:
        return block
    written = {_written_type(each.type, each.labels) for each in body.blocks}
    chosen = {
        name: block.attributes[name]
        for name in block.object_lists
        if name in written and name not in body.attributes
    }
    if not chosen:
        return block
    rest = {name: each for name, each in block.attributes.items() if name not in chosen}
    nested = {name: _nested(each) for name, each in chosen.items()}
    return replace(block, attributes=rest, blocks={**block.blocks, **nested})


def _written_type(type_: str, labels: tuple[str, ...]) -> str:
    return labels[0] if type_ == "dynamic" and labels else type_


def _nested(attribute: Attribute) -> NestedBlock:
    type_ = attribute.type
    assert isinstance(type_, ListType | SetType)
    element = type_.element
    assert isinstance(element, ObjectType)
    inner = {name: Attribute(type=each, optional=True) for name, each in element.attributes.items()}
    nesting = Nesting.LIST if isinstance(type_, ListType) else Nesting.SET
    return NestedBlock(nesting=nesting, block=Block(attributes=inner))
