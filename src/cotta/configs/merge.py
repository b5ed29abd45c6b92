"""Bodies laid over one another, for override files and for the escaping block `_`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.hcl.ast import (
    Body,
    JsonBody,
    JsonMember,
    JsonString,
    Literal,
    ObjectExpression,
    ObjectItem,
    ObjectKey,
    Template,
)

if TYPE_CHECKING:
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Block
    from cotta.hcl.bodies import AnyBody


def merge_bodies(base: AnyBody, over: AnyBody) -> AnyBody:
    """Return `base` changed by `over`.

    An argument replaces the one of its name; blocks of a type replace all of
    that type, a `dynamic` block counting as the type that it makes.
    """
    if isinstance(base, Body) and isinstance(over, Body):
        types = {_made_type(block) for block in over.blocks}
        kept = [block for block in base.blocks if _made_type(block) not in types]
        attributes = {**base.attributes, **over.attributes}
        return Body(base.range, attributes, [*kept, *over.blocks], base.end_range)
    below, above = _as_json(base), _as_json(over)
    names = {member.name for member in above.members}
    kept_members = [member for member in below.members if member.name not in names]
    return JsonBody(below.range, (*kept_members, *above.members), below.end_range)


def _made_type(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def _as_json(body: AnyBody) -> JsonBody:
    """Return a body of the native syntax as one that JSON could have spelled."""
    if isinstance(body, JsonBody):
        return body
    members = [
        JsonMember(attribute.range, attribute.name, attribute.name_range, attribute.expression)
        for attribute in body.attributes.values()
    ]
    members += [
        JsonMember(block.range, block.type, block.type_range, _as_object(block))
        for block in body.blocks
    ]
    return JsonBody(body.range, tuple(members), body.end_range)


def _as_object(block: Block) -> ObjectExpression:
    """Return a block as nested objects, one per label, and its body inside."""
    inside = _as_json(block.body)
    found = ObjectExpression(
        block.range,
        tuple(_item(member.name, member.name_range, member) for member in inside.members),
        block.open_range,
    )
    for label, place in reversed(list(zip(block.labels, block.label_ranges, strict=True))):
        key = _key(label, place)
        found = ObjectExpression(block.range, (ObjectItem(key, found),), block.open_range)
    return found


def _item(name: str, place: SourceRange, member: JsonMember) -> ObjectItem:
    return ObjectItem(_key(name, place), member.value)


def _key(text: str, place: SourceRange) -> ObjectKey:
    template = Template(place, (Literal(place, text),))
    return ObjectKey(place, JsonString(place, text, template), in_parentheses=True)
