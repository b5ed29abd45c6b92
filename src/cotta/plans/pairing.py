"""Whether an object that exists can have come from a configuration.

The elements of sets have no name to find them again by, so a planned element
is paired with an existing one that differs in computed parts only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.schemas.model import Block, Nesting
from cotta.values.value import (
    Null,
    ObjectValue,
    SetValue,
    children,
    is_container,
    same,
)
from cotta.values.walks import steps_inside, value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.schemas.model import Attribute, NestedAttribute
    from cotta.values.value import Value


def is_from_config(schema: Block | NestedAttribute, prior: Value, config: Value) -> bool:
    """Say whether `prior` is what `config` asks for, with nothing but computed parts added."""
    if same(prior, config):
        return True
    if type(prior) is not ObjectValue or type(config) is not ObjectValue:
        return False
    for name, attribute in schema.attributes.items():
        if not _is_attribute_from(attribute, prior.attributes[name], config.attributes[name]):
            return False
    blocks = schema.blocks if isinstance(schema, Block) else {}
    return all(
        _is_nested_from(
            nested.block, nested.nesting, prior.attributes[name], config.attributes[name]
        )
        for name, nested in blocks.items()
    )


def _is_attribute_from(attribute: Attribute, prior: Value, config: Value) -> bool:
    if attribute.nested is not None:
        return _is_nested_from(attribute.nested, attribute.nested.nesting, prior, config)
    return same(prior, config) or (attribute.computed and type(config) is Null)


def _is_nested_from(
    schema: Block | NestedAttribute, nesting: Nesting, prior: Value, config: Value
) -> bool:
    if same(prior, config):
        return True
    if nesting in (Nesting.SINGLE, Nesting.GROUP):
        return is_from_config(schema, prior, config)
    if type(prior) is SetValue or not is_container(prior):
        # Sets in sets are not looked into: which element is which can't be told.
        return False
    # As in Terraform, elements that only the configuration has don't matter.
    for step, each in steps_inside(prior):
        asked = value_at(config, (step,))
        if asked is None or not is_from_config(schema, each, asked):
            return False
    return True


def holds_configured_parts(attribute: Attribute, value: Value) -> bool:
    """Say whether an optional nested object holds something that only a configuration sets.

    If it is no longer in the configuration, it has been taken out of it,
    rather than left to the provider.
    """
    nested = attribute.nested
    if nested is None or not attribute.optional:
        return False
    objects = [value] if nested.nesting in (Nesting.SINGLE, Nesting.GROUP) else _elements(value)
    return any(_has_configured(nested.attributes, each) for each in objects)


def _elements(value: Value) -> list[Value]:
    return list(children(value)) if is_container(value) else []


def _has_configured(attributes: Mapping[str, Attribute], value: Value) -> bool:
    if type(value) is not ObjectValue:
        return False
    for name, attribute in attributes.items():
        part = value.attributes[name]
        if type(part) is Null:
            continue
        if not attribute.computed:
            return True
        nested = attribute.nested
        if nested is not None:
            single = nested.nesting in (Nesting.SINGLE, Nesting.GROUP)
            inside = [part] if single else _elements(part)
            if any(_has_configured(nested.attributes, each) for each in inside):
                return True
    return False
