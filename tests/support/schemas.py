"""Short ways to write schemas in tests, and one with every shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.schemas.model import Attribute, Block, NestedAttribute, NestedBlock, Nesting
from cotta.values.types import DYNAMIC, NUMBER, STRING

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_NAME: Final = {"any": DYNAMIC, "string": STRING, "number": NUMBER}


def an_attribute(type_: object = STRING, **flags: Any) -> Attribute:
    """Return an attribute of a type, or of one of the names "any", "string", "number"."""
    found = _BY_NAME.get(type_, type_) if isinstance(type_, str) else type_
    return Attribute(type=found, **flags)  # type: ignore[arg-type]  # a type


def nested(
    nesting: Nesting, inner: Mapping[str, Attribute], *, computed: bool = False
) -> Attribute:
    """Return an optional attribute that holds objects of the given attributes."""
    return Attribute(nested=NestedAttribute(nesting, inner), optional=True, computed=computed)


def a_block(*, blocks: dict[str, Any] | None = None, **attributes: Attribute) -> Block:
    """Return a block; a nested one is a Block (a list), (Block, min, max), or a NestedBlock."""
    made: dict[str, NestedBlock] = {}
    for name, each in (blocks or {}).items():
        if isinstance(each, Block):
            made[name] = NestedBlock(nesting=Nesting.LIST, block=each)
        elif isinstance(each, tuple):
            made[name] = NestedBlock(
                nesting=Nesting.LIST, block=each[0], min_items=each[1], max_items=each[2]
            )
        else:
            made[name] = each
    return Block(attributes=attributes, blocks=made)


DISKS: Final = a_block(
    size=an_attribute(NUMBER, optional=True),
    name=an_attribute(STRING, optional=True, computed=True),
)

_SETTINGS: Final = {
    "mode": an_attribute(STRING, optional=True),
    "level": an_attribute(NUMBER, optional=True, computed=True),
    "token": an_attribute(STRING, optional=True, sensitive=True),
}

EVERYTHING: Final = a_block(
    id=an_attribute(STRING, computed=True),
    name=an_attribute(STRING, optional=True),
    kind=an_attribute(STRING, optional=True, computed=True),
    secret=an_attribute(STRING, optional=True, sensitive=True),
    password=an_attribute(STRING, optional=True, write_only=True),
    anything=an_attribute("any", optional=True),
    settings=nested(Nesting.SINGLE, _SETTINGS),
    list_settings=nested(Nesting.LIST, _SETTINGS),
    set_settings=nested(Nesting.SET, _SETTINGS),
    map_settings=nested(Nesting.MAP, _SETTINGS),
    computed_settings=nested(Nesting.SINGLE, _SETTINGS, computed=True),
    blocks={
        "root": NestedBlock(nesting=Nesting.SINGLE, block=DISKS),
        "group": NestedBlock(nesting=Nesting.GROUP, block=DISKS),
        "disks": NestedBlock(nesting=Nesting.LIST, block=DISKS),
        "rules": NestedBlock(nesting=Nesting.SET, block=DISKS),
        "shares": NestedBlock(nesting=Nesting.MAP, block=DISKS),
    },
)
