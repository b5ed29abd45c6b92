"""Objects by a schema alone: the empty one, and others brought into its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.schemas.model import Nesting
from cotta.values.convert import ConversionError, convert
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.sets import make_set
from cotta.values.value import (
    EMPTY_OBJECT_VALUE,
    EMPTY_TUPLE_VALUE,
    ListValue,
    MapValue,
    Marked,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    items,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.schemas.model import Block, NestedBlock
    from cotta.values.paths import Path
    from cotta.values.value import Value


def empty_value(block: Block) -> ObjectValue:
    """Return the object of an empty body: nulls, and no nested blocks."""
    attributes: dict[str, Value] = {
        name: Null(each.value_type) for name, each in block.attributes.items()
    }
    for name, nested in block.blocks.items():
        attributes[name] = collect(nested, ())
    return ObjectValue(attributes)


def collect(nested: NestedBlock, objects: Sequence[Value] | Mapping[str, Value]) -> Value:
    """Return the value of these blocks of one type; a mapping where they have labels.

    Of SINGLE and GROUP blocks the first counts.
    """
    block = nested.block
    match nested.nesting:
        case Nesting.MAP:
            assert not isinstance(objects, tuple | list) or not objects
            pairs: dict[str, Value] = dict(objects)  # type: ignore[arg-type]  # a mapping, or empty
            if block.is_dynamic:
                return ObjectValue(pairs) if pairs else EMPTY_OBJECT_VALUE
            return MapValue(block.implied_type, pairs)
        case Nesting.LIST:
            elements = tuple(objects)
            if block.is_dynamic:
                return TupleValue(elements) if elements else EMPTY_TUPLE_VALUE
            return ListValue(block.implied_type, elements)
        case Nesting.SET:
            return make_set(objects, block.implied_type)
        case Nesting.SINGLE:
            return next(iter(objects), Null(block.implied_type))
        case Nesting.GROUP:
            found = next(iter(objects), None)
            return empty_value(block) if found is None else found


def coerce(value: Value, block: Block) -> Value:
    """Return an object brought into the form of the schema.

    What is missing becomes null or empty, what is of another type is
    converted.  Raises `ConversionError` for what fits nowhere.
    """
    return _coerce(value, block, ())


def _coerce(value: Value, block: Block, path: Path) -> Value:
    match value:
        case Marked(inner, marks):
            return with_marks(_coerce(inner, block, path), marks)
        case Null():
            return Null(block.implied_type)
        case Unknown():
            return Unknown(block.implied_type)
        case ObjectValue(attributes=given) | MapValue(elements=given):
            pass
        case _:
            raise ConversionError("an object is required", path)
    for name in given:
        if name not in block.attributes and name not in block.blocks:
            raise ConversionError(f'unexpected attribute "{name}"', path)
    made: dict[str, Value] = {}
    for name, attribute in block.attributes.items():
        found = given.get(name)
        if found is None:
            if attribute.required:
                raise ConversionError(f'attribute "{name}" is required', path)
            made[name] = Null(attribute.value_type)
            continue
        wanted = attribute.value_type if attribute.nested is None else attribute.nested.config_type
        try:
            made[name] = convert(found, wanted)
        except ConversionError as error:
            inside = (*path, AttributePath(name), *error.path)
            raise ConversionError(error.message, inside) from None
    for name, nested in block.blocks.items():
        made[name] = _coerce_blocks(given.get(name), nested, (*path, AttributePath(name)))
    return ObjectValue(made)


_SEQUENCES: Final = (ListValue, SetValue, TupleValue)


def _coerce_blocks(value: Value | None, nested: NestedBlock, path: Path) -> Value:
    if value is None or type(value) is Null:
        return collect(nested, ())
    if type(value) is Unknown:
        return Unknown(nested.implied_type)
    if type(value) is Marked:
        return with_marks(_coerce_blocks(value.value, nested, path), value.marks)
    match nested.nesting:
        case Nesting.SINGLE | Nesting.GROUP:
            return collect(nested, [_coerce(value, nested.block, path)])
        case Nesting.MAP:
            if not isinstance(value, MapValue | ObjectValue):
                raise ConversionError("a map of objects is required", path)
            return collect(
                nested,
                {
                    str(key): _coerce(each, nested.block, (*path, IndexPath(key)))
                    for key, each in items(value)
                },
            )
        case Nesting.LIST | Nesting.SET:
            if not isinstance(value, _SEQUENCES):
                raise ConversionError("a list of objects is required", path)
            objects = [
                _coerce(each, nested.block, (*path, IndexPath(at)))
                for at, each in enumerate(value.elements)
            ]
            return collect(nested, objects)
