"""`dynamic` blocks: one block per element of a collection.

`expand` answers with ordinary blocks.  Each generated block carries a
binding of its iterator, which `Expanded.scope` puts around the scope that
its body is to be evaluated in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.hcl.ast import Block, Variable
from cotta.hcl.bodies import AttributeSchema, BlockSchema, BodySchema, content
from cotta.hcl.evaluate import evaluate
from cotta.hcl.scope import Scope
from cotta.values.convert import ConversionError, convert
from cotta.values.types import STRING
from cotta.values.value import (
    ANY_UNKNOWN,
    Null,
    ObjectValue,
    SetValue,
    is_container,
    items,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Expression
    from cotta.hcl.bodies import AnyBody, Content
    from cotta.values.value import Marks, Value

DYNAMIC_BODY: Final = BodySchema(
    attributes=(
        AttributeSchema("for_each", required=True),
        AttributeSchema("iterator"),
        AttributeSchema("labels"),
    ),
    blocks=(BlockSchema("content"),),
)


@dataclass(frozen=True, slots=True)
class Expanded:
    """A block, written or generated, and the scope that its body is evaluated in.

    `is_unknown` says that it stands for any number of blocks, because the
    collection it comes from is not known yet; `marks` are the collection's.
    """

    block: Block
    scope: Scope
    is_unknown: bool = False
    marks: Marks = frozenset()


def expand(found: Content, schema: BodySchema, scope: Scope, diags: Diagnostics) -> list[Expanded]:
    """Return the blocks of `found` in source order, each `dynamic` one replaced by its own.

    `found` was read with `with_dynamic(schema)`.
    """
    types = {wanted.type: wanted for wanted in schema.blocks}
    expanded: list[Expanded] = []
    for block in found.blocks:
        if block.type != "dynamic":
            expanded.append(Expanded(block, scope))
            continue
        wanted = types.get(block.labels[0])
        if wanted is None:
            diags.error(
                "Unsupported block type",
                f'Blocks of type "{block.labels[0]}" are not expected here.',
                block.label_ranges[0],
            )
            continue
        expanded += _generate(block, wanted, scope, diags)
    return expanded


def with_dynamic(schema: BodySchema) -> BodySchema:
    """Return the schema with `dynamic` blocks accepted."""
    return BodySchema(schema.attributes, (*schema.blocks, BlockSchema("dynamic", ("type",))))


def _generate(
    block: Block, wanted: BlockSchema, scope: Scope, diags: Diagnostics
) -> Iterator[Expanded]:
    read = content(block.body, DYNAMIC_BODY, diags)
    bodies = [inner.body for inner in read.blocks]
    if len(bodies) != 1:
        diags.error(
            "Missing dynamic content block" if not bodies else "Extraneous dynamic content block",
            'A dynamic block must hold exactly one block of type "content".',
            block.open_range if not bodies else read.blocks[1].type_range,
        )
        return
    if "for_each" not in read.attributes:
        return
    name = iterator_name(read, block.labels[0], diags)
    if name is None:
        return
    for_each = read.attributes["for_each"].expression
    labels = read.attributes.get("labels")
    written = labels.expression if labels is not None else None
    collection, marks = unmark(evaluate(for_each, scope, diags))
    if type(collection) is Null:
        diags.error(
            "Invalid dynamic for_each value",
            "A null value can't be used as the collection of a dynamic block.",
            for_each.range,
        )
        return
    if not is_container(collection):
        iterator: Value = ObjectValue({"key": ANY_UNKNOWN, "value": ANY_UNKNOWN})
        inner = Scope({name: iterator}, parent=scope)
        made = _make_block(block, wanted, bodies[0], written, inner, diags)
        if made is not None:
            yield Expanded(made, inner, is_unknown=True, marks=marks)
        return
    for key, element in items(collection):
        shown = element if type(collection) is SetValue else key
        iterator = ObjectValue(
            {"key": with_marks(shown, marks), "value": with_marks(element, marks)}
        )
        inner = Scope({name: iterator}, parent=scope)
        made = _make_block(block, wanted, bodies[0], written, inner, diags)
        if made is not None:
            yield Expanded(made, inner, marks=marks)


def iterator_name(read: Content, block_type: str, diags: Diagnostics) -> str | None:
    """Return the name that stands for the element in a `dynamic` block, or None if it is none."""
    attribute = read.attributes.get("iterator")
    if attribute is None:
        return block_type
    match attribute.expression:
        case Variable(name=name, steps=()):
            return name
        case _:
            diags.error(
                "Invalid expression",
                "The iterator of a dynamic block must be a plain name.",
                attribute.expression.range,
            )
            return None


def _make_block(
    block: Block,
    wanted: BlockSchema,
    body: AnyBody,
    labels: Expression | None,
    scope: Scope,
    diags: Diagnostics,
) -> Block | None:
    texts: list[str] = []
    if labels is not None:
        value = evaluate(labels, scope, diags)
        bare, _marks = unmark(value)
        given = [e for _, e in items(bare)] if is_container(bare) else []
        for label in given:
            try:
                text = convert(unmark(label)[0], STRING)
            except ConversionError:
                text = ""
            texts.append(text if isinstance(text, str) else "")
    if len(texts) != len(wanted.labels):
        diags.error(
            "Insufficient dynamic block labels"
            if len(texts) < len(wanted.labels)
            else "Extraneous dynamic block label",
            f"Blocks of type {wanted.type} have {len(wanted.labels)} labels"
            f" ({', '.join(wanted.labels)}).",
            labels.range if labels is not None else block.open_range,
        )
        return None
    return Block(
        range=block.range,
        type=wanted.type,
        type_range=block.label_ranges[0],
        labels=tuple(texts),
        label_ranges=(block.label_ranges[0],) * len(texts),
        open_range=block.open_range,
        close_range=block.close_range,
        body=body,
    )
