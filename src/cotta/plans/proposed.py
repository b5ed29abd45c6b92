"""What a configuration asks of an object: the proposed new value.

Where the configuration says something, that; where it leaves a computed
attribute open, what the object has already.  Nested objects are paired with
those that exist: lists by index, maps by key, sets by what the configuration
can have made.  The rules are those of Terraform 1.11.

Values here have no marks.  They have the type that the schema implies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.plans.pairing import holds_configured_parts, is_from_config
from cotta.schemas.blank import empty_value
from cotta.schemas.model import Block, NestedAttribute, Nesting
from cotta.values.sets import make_set
from cotta.values.types import ObjectType
from cotta.values.value import (
    ANY_NULL,
    ListValue,
    MapValue,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    rebuild,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.schemas.model import Attribute, NestedBlock
    from cotta.values.value import Value


def propose(block: Block, prior: Value, config: Value) -> Value:
    """Return the object that `config` asks for, where `prior` is what there is, or null."""
    if type(prior) is Null:
        if type(config) is Null:
            return prior
        if type(config) is ObjectValue and block.is_flat:
            # With nothing there, nothing is kept: the rules come down to this.
            return config
        prior = empty_value(block)
    return _propose_block(block, prior, config)


def propose_data(block: Block, config: Value) -> Value:
    """Return what a data source will hold when it is read: what is computed is unknown."""
    return _propose_block(block, Unknown(block.implied_type), config)


def open_computed(block: Block, value: Value) -> Value:
    """Return an object with everything unknown that is computed and not set.

    It is what most providers plan for a new object.
    """
    if type(value) is not ObjectValue:
        return value
    new = _open_attributes(block.attributes, value)
    for name, nested in block.blocks.items():
        new[name] = _open_each(nested.nesting, nested.block, new[name])
    return ObjectValue(new)


def _propose_block(block: Block, prior: Value, config: Value) -> Value:
    if type(config) is not ObjectValue:
        # Null and unknown blocks have been taken care of by the caller.
        return prior
    new = _propose_attributes(block.attributes, prior, config)
    for name, nested in block.blocks.items():
        before = _part(prior, name)
        new[name] = _propose_blocks(nested, before, config.attributes[name])
    return ObjectValue(new)


def _propose_attributes(
    attributes: Mapping[str, Attribute], prior: Value, config: ObjectValue
) -> dict[str, Value]:
    new = dict(config.attributes)
    for name, attribute in attributes.items():
        value = new[name]
        if attribute.computed and type(value) is Null:
            before = _part(prior, name)
            # An object that was in the configuration and no longer is has been removed.
            if not holds_configured_parts(attribute, before):
                new[name] = before
        elif attribute.nested is not None:
            new[name] = _propose_nested(
                attribute.nested, attribute.nested.nesting, _part(prior, name), value
            )
    return new


def _part(prior: Value, name: str) -> Value:
    """Return an attribute of the prior object, which may be null or unknown as a whole."""
    if type(prior) is ObjectValue:
        return prior.attributes[name]
    if type(prior) is Unknown and isinstance(prior.type, ObjectType):
        return Unknown(prior.type.attributes[name])
    if type(prior) is Null and isinstance(prior.type, ObjectType):
        return Null(prior.type.attributes[name])
    return ANY_NULL


def _propose_blocks(nested: NestedBlock, prior: Value, config: Value) -> Value:
    if nested.nesting is Nesting.GROUP and type(config) is Null:
        return _propose_object(nested.block, prior, config)
    return _propose_nested(nested.block, nested.nesting, prior, config)


def _propose_nested(
    schema: Block | NestedAttribute, nesting: Nesting, prior: Value, config: Value
) -> Value:
    """Return nested objects as they are asked for; `config` may be unknown or null as a whole."""
    if type(config) is Unknown or type(config) is Null:
        return config
    match nesting:
        case Nesting.SINGLE | Nesting.GROUP:
            return _propose_object(schema, prior, config)
        case Nesting.LIST:
            return _propose_list(schema, prior, config)
        case Nesting.MAP:
            return _propose_map(schema, prior, config)
        case Nesting.SET:
            return _propose_set(schema, prior, config)


def _propose_object(schema: Block | NestedAttribute, prior: Value, config: Value) -> Value:
    if isinstance(schema, Block):
        return propose(schema, prior, config)
    if type(config) is not ObjectValue:
        return config
    return ObjectValue(_propose_attributes(schema.attributes, prior, config))


def _propose_list(schema: Block | NestedAttribute, prior: Value, config: Value) -> Value:
    assert isinstance(config, ListValue | TupleValue)
    before = prior.elements if isinstance(prior, ListValue | TupleValue) else ()
    new: list[Value] = []
    for at, element in enumerate(config.elements):
        if type(prior) is Unknown:
            inner = schema.implied_type if isinstance(schema, Block) else schema.object_type
            new.append(_propose_object(schema, Unknown(inner), element))
        elif at < len(before):
            new.append(_propose_object(schema, before[at], element))
        else:
            new.append(element)
    return rebuild(config, new)


def _propose_map(schema: Block | NestedAttribute, prior: Value, config: Value) -> Value:
    before = _pairs(prior)
    new = [
        _propose_object(schema, before[key], element) if key in before else element
        for key, element in _pairs(config).items()
    ]
    assert isinstance(config, MapValue | ObjectValue)
    return rebuild(config, new)


def _pairs(value: Value) -> dict[str, Value]:
    if type(value) is MapValue:
        return value.elements
    return value.attributes if type(value) is ObjectValue else {}


def _propose_set(schema: Block | NestedAttribute, prior: Value, config: Value) -> Value:
    assert type(config) is SetValue
    unpaired = list(prior.elements) if type(prior) is SetValue else []
    new: list[Value] = []
    for element in config.elements:
        # Several may fit; they differ in computed parts only, so the first will do.
        match = next((one for one in unpaired if is_from_config(schema, one, element)), None)
        if match is not None:
            unpaired = [one for one in unpaired if one is not match]
        before = Null(config.element_type) if match is None else match
        new.append(_propose_object(schema, before, element))
    return make_set(new, config.element_type)


# --- new objects --------------------------------------------------------------


def _open_attributes(attributes: Mapping[str, Attribute], value: ObjectValue) -> dict[str, Value]:
    new = dict(value.attributes)
    for name, attribute in attributes.items():
        if attribute.computed and type(new[name]) is Null:
            new[name] = Unknown(attribute.value_type)
        elif attribute.nested is not None:
            new[name] = _open_each(attribute.nested.nesting, attribute.nested, new[name])
    return new


def _open_each(nesting: Nesting, schema: Block | NestedAttribute, value: Value) -> Value:
    match value:
        case ObjectValue() if nesting in (Nesting.SINGLE, Nesting.GROUP):
            return _open_object(schema, value)
        case SetValue(elements=elements):
            return make_set([_open_object(schema, each) for each in elements], value.element_type)
        case ListValue() | TupleValue():
            return rebuild(value, [_open_object(schema, each) for each in value.elements])
        case MapValue() | ObjectValue():
            return rebuild(value, [_open_object(schema, each) for each in _pairs(value).values()])
        case _:
            return value


def _open_object(schema: Block | NestedAttribute, value: Value) -> Value:
    if isinstance(schema, Block):
        return open_computed(schema, value)
    if type(value) is not ObjectValue:
        return value
    return ObjectValue(_open_attributes(schema.attributes, value))
