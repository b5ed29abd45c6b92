"""Blocks, attributes and nesting, after plugin protocol 6.

A schema is made once and asked about for every instance of every resource,
so what follows from it alone is worked out at the first question and kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from cotta.hcl.bodies import AttributeSchema, BlockSchema, BodySchema
from cotta.values.types import (
    DYNAMIC,
    ListType,
    MapType,
    ObjectType,
    SetType,
    has_dynamic,
)
from cotta.values.value import Null

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.values.types import Type
    from cotta.values.value import Value


class Nesting(Enum):
    """How many nested objects there are, and how they are found.

    SINGLE: one or null.  GROUP: exactly one, its absence an object of nulls.
    LIST, SET: any number.  MAP: under the block's label (or the map's key).
    """

    SINGLE = "single"
    GROUP = "group"
    LIST = "list"
    SET = "set"
    MAP = "map"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute; either `type` or `nested` says what it holds.

    `optional and computed`: set by the configuration or else by the provider.
    A `write_only` attribute is in the configuration but never in a state.
    """

    type: Type | None = None
    nested: NestedAttribute | None = None
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    write_only: bool = False
    deprecated: bool = False
    description: str = ""

    @property
    def value_type(self) -> Type:
        """The type of the attribute's value, whichever of the two ways it is declared."""
        if self.type is not None:
            return self.type
        assert self.nested is not None, "an attribute has a type or nested attributes"
        return self.nested.implied_type


@dataclass(frozen=True)
class NestedAttribute:
    """An attribute that holds objects which have a schema of their own."""

    nesting: Nesting
    attributes: Mapping[str, Attribute]

    @cached_property
    def object_type(self) -> ObjectType:
        """The type of one of the objects."""
        return ObjectType({name: each.value_type for name, each in self.attributes.items()})

    @cached_property
    def implied_type(self) -> Type:
        """The type of the attribute's value."""
        return _collected(self.nesting, self.object_type)

    @cached_property
    def config_type(self) -> Type:
        """The type that a configuration is converted to: what may be left out is optional."""
        attributes: dict[str, Type] = {}
        for name, each in self.attributes.items():
            nested = each.nested
            attributes[name] = each.value_type if nested is None else nested.config_type
        optional = frozenset(name for name, each in self.attributes.items() if not each.required)
        return _collected(self.nesting, ObjectType(attributes, optional))

    @cached_property
    def has_sensitive(self) -> bool:
        """Whether anything inside is sensitive."""
        return any(_is_sensitive(each) for each in self.attributes.values())

    @cached_property
    def has_write_only(self) -> bool:
        """Whether anything inside is write-only."""
        return any(_is_write_only(each) for each in self.attributes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedBlock:
    """A type of block inside a block; `max_items` 0 means any number."""

    nesting: Nesting
    block: Block
    min_items: int = 0
    max_items: int = 0

    @property
    def implied_type(self) -> Type:
        """The type of all blocks of this type together.

        Where the objects may differ in type, a list of them is really a
        tuple and a map an object, so their type is not known beforehand.
        """
        inner = self.block.implied_type
        if self.block.is_dynamic and self.nesting in (Nesting.LIST, Nesting.MAP):
            return DYNAMIC
        return _collected(self.nesting, inner)


@dataclass(frozen=True, kw_only=True)
class Block:
    """What a body may hold."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blocks: Mapping[str, NestedBlock] = field(default_factory=dict)
    description: str = ""
    deprecated: bool = False

    @cached_property
    def implied_type(self) -> ObjectType:
        """The type of an object that the block describes."""
        types: dict[str, Type] = {name: each.value_type for name, each in self.attributes.items()}
        types.update((name, each.implied_type) for name, each in self.blocks.items())
        return ObjectType(types)

    @cached_property
    def is_dynamic(self) -> bool:
        """Whether something inside is of any type."""
        return has_dynamic(self.implied_type)

    @cached_property
    def is_flat(self) -> bool:
        """Whether there are neither nested blocks nor nested attributes."""
        return not self.blocks and all(each.nested is None for each in self.attributes.values())

    @cached_property
    def computed(self) -> tuple[str, ...]:
        """The attributes that a provider may fill in."""
        return tuple(name for name, each in self.attributes.items() if each.computed)

    @cached_property
    def object_lists(self) -> tuple[str, ...]:
        """The attributes that hold lists or sets of objects, which may be written as blocks."""
        return tuple(
            name
            for name, each in self.attributes.items()
            if isinstance(each.type, ListType | SetType)
            and isinstance(each.type.element, ObjectType)
        )

    @cached_property
    def has_sensitive(self) -> bool:
        """Whether anything inside is sensitive."""
        return any(_is_sensitive(each) for each in self.attributes.values()) or any(
            each.block.has_sensitive for each in self.blocks.values()
        )

    @cached_property
    def has_write_only(self) -> bool:
        """Whether anything inside is write-only."""
        return any(_is_write_only(each) for each in self.attributes.values()) or any(
            each.block.has_write_only for each in self.blocks.values()
        )

    @cached_property
    def body_schema(self) -> BodySchema:
        """The block as a schema for reading bodies."""
        return BodySchema(
            tuple(AttributeSchema(name, each.required) for name, each in self.attributes.items()),
            tuple(
                BlockSchema(name, ("key",) if each.nesting is Nesting.MAP else ())
                for name, each in self.blocks.items()
            ),
        )

    @cached_property
    def blank(self) -> dict[str, Value]:
        """The attributes of an object in which nothing is set, sorted by name.  Copy it."""
        return {name: Null(each.value_type) for name, each in sorted(self.attributes.items())}


@dataclass(frozen=True, slots=True)
class Schema:
    """A block, and the version of the states that it describes."""

    block: Block
    version: int = 0


def _collected(nesting: Nesting, inner: ObjectType) -> Type:
    """Return the type of all objects of the type `inner` together."""
    match nesting:
        case Nesting.SINGLE | Nesting.GROUP:
            return inner
        case Nesting.LIST:
            return ListType(inner)
        case Nesting.SET:
            return SetType(inner)
        case Nesting.MAP:
            return MapType(inner)


def _is_sensitive(attribute: Attribute) -> bool:
    nested = attribute.nested
    return attribute.sensitive or (nested is not None and nested.has_sensitive)


def _is_write_only(attribute: Attribute) -> bool:
    nested = attribute.nested
    return attribute.write_only or (nested is not None and nested.has_write_only)
