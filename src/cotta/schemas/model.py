"""Blocks, attributes and nesting, after plugin protocol 6."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.values.types import Type


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


@dataclass(frozen=True, slots=True)
class NestedAttribute:
    """An attribute that holds objects which have a schema of their own."""

    nesting: Nesting
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedBlock:
    """A type of block inside a block; `max_items` 0 means any number."""

    nesting: Nesting
    block: Block
    min_items: int = 0
    max_items: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What a body may hold."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blocks: Mapping[str, NestedBlock] = field(default_factory=dict)
    description: str = ""
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """A block, and the version of the states that it describes."""

    block: Block
    version: int = 0
