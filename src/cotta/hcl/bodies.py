"""Reading a body against a schema: which arguments and blocks it has.

Both syntaxes answer here.  JSON can't tell a block from an argument by
itself, so the schema decides; the native syntax is held to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, assert_never

from cotta.diagnostics.source import SourceRange
from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.ast import (
    Attribute,
    Block,
    Body,
    JsonBody,
    JsonMember,
    JsonString,
    Literal,
    ObjectExpression,
    TupleExpression,
)
from cotta.values.value import ANY_NULL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Expression, ObjectKey

AnyBody: TypeAlias = Body | JsonBody


@dataclass(frozen=True, slots=True)
class AttributeSchema:
    """An argument that a body may set, or must."""

    name: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class BlockSchema:
    """A type of block that a body may hold; `labels` names what each label is."""

    type: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class BodySchema:
    """Everything that a body may hold."""

    attributes: tuple[AttributeSchema, ...] = ()
    blocks: tuple[BlockSchema, ...] = ()

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the arguments."""
        return frozenset(wanted.name for wanted in self.attributes)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The names of the arguments that must be set."""
        return tuple(wanted.name for wanted in self.attributes if wanted.required)

    @cached_property
    def types(self) -> dict[str, BlockSchema]:
        """The blocks by their types."""
        return {wanted.type: wanted for wanted in self.blocks}


@dataclass(frozen=True, slots=True)
class Content:
    """What a body holds of its schema: arguments by name, blocks in source order.

    `end_range` is where something missing would go.
    """

    attributes: dict[str, Attribute]
    blocks: list[Block]
    end_range: SourceRange


def content(body: AnyBody, schema: BodySchema, diags: Diagnostics) -> Content:
    """Return what `body` holds; anything the schema doesn't know is a mistake."""
    found, rest = partial_content(body, schema, diags)
    match rest:
        case Body():
            _report_native(rest, schema, diags)
        case JsonBody():
            _report_json(rest, schema, diags)
        case _:
            assert_never(rest)
    return found


def partial_content(
    body: AnyBody, schema: BodySchema, diags: Diagnostics
) -> tuple[Content, AnyBody]:
    """Return what `body` holds of the schema, and a body of what is left."""
    found: tuple[Content, AnyBody]
    if isinstance(body, Body):
        found = _split_native(body, schema, diags)
    else:
        found = _split_json(body, schema, diags)
    attributes = found[0].attributes
    for name in schema.required:
        if name not in attributes:
            diags.error(
                "Missing required argument",
                f'The argument "{name}" is required, but it is not set here.',
                body.end_range,
            )
    return found


def just_attributes(body: AnyBody, diags: Diagnostics) -> dict[str, Attribute]:
    """Return the arguments of a body that may hold nothing else, in source order."""
    if isinstance(body, JsonBody):
        attributes: dict[str, Attribute] = {}
        for member in _members(body):
            _add_json_attribute(member, attributes, diags)
        return attributes
    for block in body.blocks:
        diags.error(
            f'Unexpected "{block.type}" block',
            "Blocks are not allowed here.",
            block.type_range,
            context=block.header_range,
        )
    return body.attributes


# --- native -------------------------------------------------------------------


def _split_native(body: Body, schema: BodySchema, diags: Diagnostics) -> tuple[Content, Body]:
    names, types = schema.names, schema.types
    blocks, other_blocks = [], []
    for block in body.blocks:
        wanted = types.get(block.type)
        if wanted is None:
            other_blocks.append(block)
        elif _has_right_labels(block, wanted, diags):
            blocks.append(block)
    attributes = {k: v for k, v in body.attributes.items() if k in names}
    other = {k: v for k, v in body.attributes.items() if k not in names}
    return (
        Content(attributes, blocks, body.end_range),
        Body(body.range, other, other_blocks, body.end_range),
    )


def _has_right_labels(block: Block, wanted: BlockSchema, diags: Diagnostics) -> bool:
    given, expected = len(block.labels), len(wanted.labels)
    if given == expected:
        return True
    if given > expected:
        extra = block.label_ranges[expected]
        diags.error(
            f"Extraneous label for {block.type}",
            f"No labels are expected for {block.type} blocks."
            if expected == 0
            else f"Only {expected} labels ({', '.join(wanted.labels)}) are expected for "
            f"{block.type} blocks.",
            extra,
            context=block.type_range.to(block.open_range),
        )
        return False
    diags.error(
        f"Missing {wanted.labels[given]} for {block.type}",
        f"All {block.type} blocks must have {expected} labels ({', '.join(wanted.labels)}).",
        block.open_range,
        context=block.type_range.to(block.open_range),
    )
    return False


def _report_native(rest: Body, schema: BodySchema, diags: Diagnostics) -> None:
    names = [wanted.name for wanted in schema.attributes]
    types = [wanted.type for wanted in schema.blocks]
    for attribute in rest.attributes.values():
        hint = did_you_mean(attribute.name, names)
        if not hint and attribute.name in types:
            hint = f' Did you mean to define a block of type "{attribute.name}"?'
        diags.error(
            "Unsupported argument",
            f'An argument named "{attribute.name}" is not expected here.{hint}',
            attribute.name_range,
        )
    for block in rest.blocks:
        hint = did_you_mean(block.type, types)
        if not hint and block.type in names:
            hint = (
                f' Did you mean to define argument "{block.type}"? If so, use the equals sign '
                "to assign it a value."
            )
        diags.error(
            "Unsupported block type",
            f'Blocks of type "{block.type}" are not expected here.{hint}',
            block.type_range,
        )


# --- JSON ---------------------------------------------------------------------


def _split_json(body: JsonBody, schema: BodySchema, diags: Diagnostics) -> tuple[Content, JsonBody]:
    names, types = schema.names, schema.types
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    rest: list[JsonMember] = []
    for member in _members(body):
        if member.name in types:
            blocks += _json_blocks(member, types[member.name], member.value, (), diags)
        elif member.name in names:
            _add_json_attribute(member, attributes, diags)
        else:
            rest.append(member)
    return (
        Content(attributes, blocks, body.end_range),
        JsonBody(body.range, tuple(rest), body.end_range),
    )


def _members(body: JsonBody) -> Iterator[JsonMember]:
    """Iterate over the members that mean something; "//" is a comment."""
    return (member for member in body.members if member.name != "//")


def _add_json_attribute(
    member: JsonMember, attributes: dict[str, Attribute], diags: Diagnostics
) -> None:
    first = attributes.get(member.name)
    if first is not None:
        diags.error(
            "Duplicate argument",
            f'The argument "{member.name}" was already set at {first.range.describe()}.',
            member.name_range,
            context=member.range,
        )
        return
    attributes[member.name] = Attribute(
        member.range, member.name, member.name_range, member.name_range, member.value
    )


def _json_blocks(
    member: JsonMember,
    wanted: BlockSchema,
    value: Expression,
    labels: tuple[tuple[str, SourceRange], ...],
    diags: Diagnostics,
) -> Iterator[Block]:
    """Iterate over the blocks that a JSON value spells: one level of object per label."""
    if isinstance(value, TupleExpression):
        for element in value.items:
            yield from _json_blocks(member, wanted, element, labels, diags)
    elif isinstance(value, ObjectExpression):
        if len(labels) < len(wanted.labels):
            for item in value.items:
                name = key_text(item.key)
                if name is not None and name != "//":
                    more = (*labels, (name, item.key.range))
                    yield from _json_blocks(member, wanted, item.value, more, diags)
        else:
            yield _json_block(member, value, labels)
    elif not (isinstance(value, Literal) and value.value is ANY_NULL):
        what = (
            f"the name of the {wanted.labels[len(labels)]}"
            if len(labels) < len(wanted.labels)
            else "the contents of the block"
        )
        diags.error(
            "Incorrect JSON value type",
            f"A JSON object is needed here, whose properties are {what}.",
            value.range,
        )


def _json_block(
    member: JsonMember, value: ObjectExpression, labels: tuple[tuple[str, SourceRange], ...]
) -> Block:
    end = value.range.end
    close = SourceRange(value.range.file, max(end - 1, value.range.start), end)
    return Block(
        range=member.name_range.to(value.range),
        type=member.name,
        type_range=member.name_range,
        labels=tuple(name for name, _ in labels),
        label_ranges=tuple(place for _, place in labels),
        open_range=value.open_range,
        close_range=close,
        body=as_json_body(value),
    )


def as_json_body(value: ObjectExpression) -> JsonBody:
    """Return a JSON object read as a body."""
    members = tuple(
        JsonMember(item.key.range.to(item.value.range), name, item.key.range, item.value)
        for item in value.items
        if (name := key_text(item.key)) is not None
    )
    end = value.range.end
    return JsonBody(value.range, members, SourceRange(value.range.file, max(end - 1, 0), end))


def key_text(key: ObjectKey) -> str | None:
    """Return the key of a JSON object as it was written, templates unread."""
    match key.wrapped:
        case JsonString(text=text) | Literal(value=str() as text):
            return text
        case _:
            return None


def _report_json(rest: JsonBody, schema: BodySchema, diags: Diagnostics) -> None:
    known: Sequence[str] = [
        *(wanted.name for wanted in schema.attributes),
        *(wanted.type for wanted in schema.blocks),
    ]
    for member in rest.members:
        diags.error(
            "Extraneous JSON object property",
            f'No argument or block type is named "{member.name}".'
            f"{did_you_mean(member.name, known)}",
            member.name_range,
            context=member.range,
        )
