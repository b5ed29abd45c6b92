"""A configuration body read against a schema: what it says, as a value.

`read_body` looks at the structure, once per block; `evaluate_body` gives the
value in a scope, once per instance.  The rules, the summaries and the places
of mistakes are those of HCL's hcldec package.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.bodies import content
from cotta.hcl.describe import describe_values
from cotta.hcl.dynamic import DYNAMIC_BODY, Expanded, expand, iterator_name, with_dynamic
from cotta.hcl.evaluate import evaluate
from cotta.hcl.references import variables_in
from cotta.schemas.blank import collect
from cotta.schemas.block_attributes import as_written
from cotta.schemas.model import Nesting
from cotta.values.convert import ConversionError, convert
from cotta.values.types import DYNAMIC
from cotta.values.value import ObjectValue, Unknown, type_of, with_marks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cotta.hcl.ast import Attribute as Argument
    from cotta.hcl.ast import Block as WrittenBlock
    from cotta.hcl.ast import Variable
    from cotta.hcl.bodies import AnyBody, Content
    from cotta.hcl.scope import Scope
    from cotta.schemas.model import Block, NestedBlock
    from cotta.values.types import Type
    from cotta.values.value import Marks, Value


@dataclass(frozen=True, slots=True)
class _Slot:
    """An attribute of the result for which something is written."""

    name: str
    argument: Argument
    wanted: Type
    result: Type


@dataclass(frozen=True)
class ReadBody:
    """A body and the structure that was found in it.

    `inner` has the bodies of nested blocks by identity, those of `dynamic`
    blocks' contents too.
    """

    body: AnyBody
    block: Block
    content: Content
    slots: tuple[_Slot, ...]
    inner: dict[int, ReadBody] = field(default_factory=dict)

    @cached_property
    def has_dynamic(self) -> bool:
        """Whether any block is generated."""
        return any(block.type == "dynamic" for block in self.content.blocks)

    @cached_property
    def references(self) -> tuple[Variable, ...]:
        """Every traversal of a name from outside, in source order within each block."""
        return tuple(_references(self))


def read_body(body: AnyBody, block: Block, diags: Diagnostics) -> ReadBody:
    """Return the structure of `body`; report what the schema doesn't know or misses.

    Nested blocks are looked at too, and the contents of `dynamic` ones.
    An attribute that holds objects may be written as blocks.
    """
    block = as_written(block, body)
    schema = with_dynamic(block.body_schema) if block.blocks else block.body_schema
    found = content(body, schema, diags)
    read = ReadBody(body, block, found, _slots(block, found))
    for written in found.blocks:
        name, bodies = _bodies_of(written)
        nested = block.blocks.get(name)
        if nested is not None:
            for each in bodies:
                read.inner[id(each)] = read_body(each, nested.block, diags)
    return read


def decode_body(body: AnyBody, block: Block, scope: Scope, diags: Diagnostics) -> ObjectValue:
    """Return the value of `body` by the schema; as `read_body` and `evaluate_body` together."""
    return evaluate_body(read_body(body, block, diags), scope, diags)


def _slots(block: Block, found: Content) -> tuple[_Slot, ...]:
    slots = []
    for name, argument in sorted(found.attributes.items()):
        attribute = block.attributes[name]
        result = attribute.value_type
        wanted = result if attribute.nested is None else attribute.nested.config_type
        slots.append(_Slot(name, argument, wanted, result))
    return tuple(slots)


def _bodies_of(written: WrittenBlock) -> tuple[str, list[AnyBody]]:
    """Return the type and the bodies of a block, which may be a `dynamic` one."""
    if written.type != "dynamic":
        return written.type, [written.body]
    read = content(written.body, DYNAMIC_BODY, Diagnostics())
    return written.labels[0], [inner.body for inner in read.blocks]


def _references(read: ReadBody) -> Iterator[Variable]:
    for slot in read.slots:
        yield from variables_in(slot.argument.expression)
    for written in read.content.blocks:
        if written.type != "dynamic":
            inner = read.inner.get(id(written.body))
            if inner is not None:
                yield from inner.references
            continue
        parts = content(written.body, DYNAMIC_BODY, Diagnostics())
        for name in ("for_each", "labels"):
            if name in parts.attributes:
                yield from variables_in(parts.attributes[name].expression)
        hidden = iterator_name(parts, written.labels[0], Diagnostics())
        nested = read.block.blocks.get(written.labels[0])
        for each in parts.blocks:
            inner = read.inner.get(id(each.body))
            if inner is None and nested is not None:
                inner = read_body(each.body, nested.block, Diagnostics())
            if inner is not None:
                yield from (found for found in inner.references if found.name != hidden)


# --- values -------------------------------------------------------------------


def evaluate_body(read: ReadBody, scope: Scope, diags: Diagnostics) -> ObjectValue:
    """Return the value of a body in `scope`; it has the type that the schema implies.

    What can't be evaluated or converted is reported and unknown in the value.
    """
    values = read.block.blank.copy()
    for slot in read.slots:
        value = evaluate(slot.argument.expression, scope, diags)
        if slot.wanted is not DYNAMIC and type_of(value) is not slot.wanted:
            value = _converted(value, slot, slot.argument, scope, diags)
        values[slot.name] = value
    if read.block.blocks:
        _add_blocks(read, scope, values, diags)
    return ObjectValue(values)


def _converted(
    value: Value, slot: _Slot, argument: Argument, scope: Scope, diags: Diagnostics
) -> Value:
    try:
        return convert(value, slot.wanted)
    except ConversionError as error:
        diags.error(
            "Incorrect attribute value type",
            f'Inappropriate value for attribute "{slot.name}": {error.describe()}.',
            argument.expression.range,
            context=argument.name_range.to(argument.expression.range),
            values=describe_values(argument.expression, scope),
        )
        return Unknown(slot.result)


def _add_blocks(read: ReadBody, scope: Scope, values: dict[str, Value], diags: Diagnostics) -> None:
    if read.has_dynamic:
        expanded = expand(read.content, read.block.body_schema, scope, diags)
    else:
        expanded = [Expanded(block, scope) for block in read.content.blocks]
    by_type: dict[str, list[Expanded]] = {}
    for each in expanded:
        by_type.setdefault(each.block.type, []).append(each)
    for name in read.block.blocks:
        values[name] = _evaluate_blocks(read, name, by_type.get(name, ()), diags)


def _evaluate_blocks(
    read: ReadBody, name: str, found: Sequence[Expanded], diags: Diagnostics
) -> Value:
    """Return the value of all blocks of one type."""
    nested = read.block.blocks[name]
    objects = [_evaluate_block(read, each, nested, diags) for each in found]
    is_unknown = any(each.is_unknown for each in found)
    if nested.nesting in (Nesting.SINGLE, Nesting.GROUP):
        _check_single(name, nested, found, read, diags)
    elif nested.nesting is Nesting.MAP:
        _check_labels(name, found, diags)
    elif not is_unknown:
        _check_count(name, nested, found, read, diags)
    marks: Marks = frozenset().union(*(each.marks for each in found))
    if is_unknown:
        return with_marks(Unknown(nested.implied_type), marks)
    if nested.nesting is Nesting.MAP:
        pairs = zip(found, objects, strict=True)
        return with_marks(collect(nested, {e.block.labels[0]: value for e, value in pairs}), marks)
    return with_marks(collect(nested, objects), marks)


def _evaluate_block(
    read: ReadBody, each: Expanded, nested: NestedBlock, diags: Diagnostics
) -> Value:
    inner = read.inner.get(id(each.block.body))
    if inner is None:
        # JSON: the contents of a dynamic block are a new body at each reading,
        # and their structure has been complained of already.
        inner = read_body(each.block.body, nested.block, Diagnostics())
    return evaluate_body(inner, each.scope, diags)


def _check_single(
    name: str, nested: NestedBlock, found: Sequence[Expanded], read: ReadBody, diags: Diagnostics
) -> None:
    if len(found) > 1:
        first, second = found[0].block, found[1].block
        diags.error(
            f"Duplicate {name} block",
            f'Only one block of type "{name}" is allowed, and there is one at '
            f"{first.header_range.describe()} already.",
            second.header_range,
        )
    if not found and nested.min_items > 0:
        diags.error(
            f"Missing {name} block",
            f'A block of type "{name}" is required here.',
            read.content.end_range,
        )


def _check_labels(name: str, found: Sequence[Expanded], diags: Diagnostics) -> None:
    seen: dict[str, WrittenBlock] = {}
    for each in found:
        label = each.block.labels[0]
        first = seen.setdefault(label, each.block)
        if first is not each.block:
            diags.error(
                f"Duplicate {name} block",
                f'A block of type "{name}" with the label "{label}" was defined at '
                f"{first.header_range.describe()} already.",
                each.block.header_range,
            )


def _check_count(
    name: str, nested: NestedBlock, found: Sequence[Expanded], read: ReadBody, diags: Diagnostics
) -> None:
    if len(found) < nested.min_items:
        diags.error(
            f"Insufficient {name} blocks",
            f'At least {nested.min_items} "{name}" blocks are required.',
            read.content.end_range,
        )
    elif nested.max_items and len(found) > nested.max_items:
        diags.error(
            f"Too many {name} blocks",
            f'No more than {nested.max_items} "{name}" blocks are allowed.',
            found[nested.max_items].block.body.end_range,
        )
