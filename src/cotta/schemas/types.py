"""What a schema implies for values: their type, and which parts are kept back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.schemas.model import Nesting
from cotta.values.paths import AttributePath
from cotta.values.sets import make_set
from cotta.values.value import (
    Marked,
    Null,
    ObjectValue,
    SetValue,
    children,
    is_container,
    rebuild,
    type_of,
    with_marks,
)
from cotta.values.walks import steps_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cotta.schemas.model import Attribute, Block, NestedBlock
    from cotta.values.paths import Path
    from cotta.values.types import ObjectType
    from cotta.values.value import Value


def implied_type(block: Block) -> ObjectType:
    """Return the type of the objects that a schema describes; the same one each time."""
    return block.implied_type


def sensitive_paths(block: Block, value: Value) -> tuple[Path, ...]:
    """Return the places in an object that the schema calls sensitive, nulls left out.

    What is sensitive inside a set has no place of its own, so the set is
    given instead.
    """
    return tuple(_sensitive_in_block(value, block, ())) if block.has_sensitive else ()


def without_write_only(block: Block, value: Value) -> Value:
    """Return the object with null for everything that may not be remembered."""
    return _forget_in_block(value, block) if block.has_write_only else value


def write_only_paths(block: Block, value: Value) -> tuple[Path, ...]:
    """Return the places of write-only attributes that are not null in an object."""
    if not block.has_write_only:
        return ()
    return tuple(_written_in_block(value, block, ()))


# --- places -------------------------------------------------------------------


def _sensitive_in_block(value: Value, block: Block, path: Path) -> Iterator[Path]:
    return _find_in_block(value, block, path, lambda attribute: attribute.sensitive)


def _written_in_block(value: Value, block: Block, path: Path) -> Iterator[Path]:
    return _find_in_block(value, block, path, lambda attribute: attribute.write_only)


def _find_in_block(
    value: Value, block: Block, path: Path, wanted: Callable[[Attribute], bool]
) -> Iterator[Path]:
    value = value.value if type(value) is Marked else value
    if type(value) is not ObjectValue:
        return
    yield from _find_in_attributes(value, block.attributes, path, wanted)
    for name, nested in block.blocks.items():

        def in_block(each: Value, at: Path, inner: Block = nested.block) -> Iterator[Path]:
            return _find_in_block(each, inner, at, wanted)

        where = (*path, AttributePath(name))
        yield from _find_in_each(value.attributes[name], nested.nesting, where, in_block)


def _find_in_attributes(
    value: ObjectValue,
    attributes: Mapping[str, Attribute],
    path: Path,
    wanted: Callable[[Attribute], bool],
) -> Iterator[Path]:
    for name, attribute in attributes.items():
        inside = value.attributes[name]
        bare = inside.value if type(inside) is Marked else inside
        if type(bare) is Null:
            continue
        where = (*path, AttributePath(name))
        if wanted(attribute):
            yield where
        elif attribute.nested is not None:
            nested = attribute.nested

            def in_object(
                each: Value, at: Path, inner: Mapping[str, Attribute] = nested.attributes
            ) -> Iterator[Path]:
                each = each.value if type(each) is Marked else each
                if type(each) is ObjectValue:
                    yield from _find_in_attributes(each, inner, at, wanted)

            yield from _find_in_each(inside, nested.nesting, where, in_object)


def _find_in_each(
    value: Value,
    nesting: Nesting,
    path: Path,
    find: Callable[[Value, Path], Iterator[Path]],
) -> Iterator[Path]:
    value = value.value if type(value) is Marked else value
    if nesting in (Nesting.SINGLE, Nesting.GROUP):
        yield from find(value, path)
    elif type(value) is SetValue:
        if any(True for each in value.elements for _ in find(each, path)):
            yield path
    elif is_container(value):
        for step, each in steps_inside(value):
            yield from find(each, (*path, step))


# --- what is not remembered ---------------------------------------------------


def _forget_in_block(value: Value, block: Block) -> Value:
    if type(value) is Marked:
        return with_marks(_forget_in_block(value.value, block), value.marks)
    if type(value) is not ObjectValue:
        return value
    new = _forget_in_attributes(value, block.attributes)
    for name, nested in block.blocks.items():
        new[name] = _forget_in_blocks(new[name], nested)
    return ObjectValue(new)


def _forget_in_blocks(value: Value, nested: NestedBlock) -> Value:
    return _change_each(value, nested.nesting, lambda each: _forget_in_block(each, nested.block))


def _forget_in_attributes(
    value: ObjectValue, attributes: Mapping[str, Attribute]
) -> dict[str, Value]:
    new = dict(value.attributes)
    for name, attribute in attributes.items():
        if attribute.write_only:
            new[name] = Null(type_of(new[name]))
        elif attribute.nested is not None and attribute.nested.has_write_only:
            nested = attribute.nested

            def in_object(each: Value, inner: Mapping[str, Attribute] = nested.attributes) -> Value:
                if type(each) is Marked:
                    return with_marks(in_object(each.value, inner), each.marks)
                if type(each) is not ObjectValue:
                    return each
                return ObjectValue(_forget_in_attributes(each, inner))

            new[name] = _change_each(new[name], nested.nesting, in_object)
    return new


def _change_each(value: Value, nesting: Nesting, change: Callable[[Value], Value]) -> Value:
    """Return nested objects each changed, however they are nested."""
    if nesting in (Nesting.SINGLE, Nesting.GROUP):
        return change(value)
    if type(value) is Marked:
        return with_marks(_change_each(value.value, nesting, change), value.marks)
    if not is_container(value):
        return value
    new = [change(each) for each in children(value)]
    return make_set(new, value.element_type) if type(value) is SetValue else rebuild(value, new)
