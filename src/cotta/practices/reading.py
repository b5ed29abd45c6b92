"""Bodies read by names, without a schema: what a rule wants to know of a block."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.bodies import AttributeSchema, BlockSchema, BodySchema, partial_content
from cotta.values.types import DYNAMIC
from cotta.values.value import (
    ListValue,
    MapValue,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    unmark_deep,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cotta.addrs.resources import ModulePath
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Attribute, Block, Expression
    from cotta.hcl.bodies import AnyBody
    from cotta.values.value import Unmarked, Value

    # What an expression of a module means, as far as can be said before anything is asked.
    Valuer = Callable[[ModulePath, Expression], Value]


@dataclass(frozen=True, slots=True)
class Reading:
    """A body in a module.  Questions answer None for what is not set, or not known beforehand."""

    body: AnyBody
    path: ModulePath
    value_of: Valuer
    range: SourceRange

    def attribute(self, name: str) -> Attribute | None:
        """Return an argument as it is written."""
        wanted = BodySchema((AttributeSchema(name),))
        found, _ = partial_content(self.body, wanted, Diagnostics())
        return found.attributes.get(name)

    def is_set(self, name: str) -> bool:
        """Say whether an argument is written, and not null as far as is known."""
        return self.attribute(name) is not None and not isinstance(self.value(name), Null)

    def value(self, name: str) -> Unmarked:
        """Return an argument's value: null if it is not set, unknown if it can't be said yet."""
        attribute = self.attribute(name)
        if attribute is None:
            return Null(DYNAMIC)
        return unmark_deep(self.value_of(self.path, attribute.expression))[0]

    def text(self, name: str) -> str | None:
        """Return an argument that is a text."""
        value = self.value(name)
        return value if isinstance(value, str) else None

    def whole(self, name: str) -> int | None:
        """Return an argument that is a whole number, or a text of one."""
        match self.value(name):
            case bool():
                return None
            case int(value):
                return value
            case str(text) if text.isdecimal():
                return int(text)
            case _:
                return None

    def flag(self, name: str) -> bool | None:
        """Return an argument that is true or false."""
        value = self.value(name)
        return value if isinstance(value, bool) else None

    def texts(self, name: str) -> list[str] | None:
        """Return the known texts of a list; None if nothing of it is known."""
        value = self.value(name)
        if isinstance(value, ListValue | SetValue | TupleValue):
            return [each for each in value.elements if isinstance(each, str)]
        return None

    def place(self, name: str) -> SourceRange:
        """Return where an argument is written, or else the block's head."""
        attribute = self.attribute(name)
        return self.range if attribute is None else attribute.range

    def blocks(self, type_: str) -> list[Reading]:
        """Return the blocks of a type, the contents of `dynamic` ones too."""
        wanted = BodySchema((), (BlockSchema(type_), BlockSchema("dynamic", ("type",))))
        found, _ = partial_content(self.body, wanted, Diagnostics())
        return list(self._inner(type_, found.blocks))

    def _inner(self, type_: str, blocks: list[Block]) -> Iterator[Reading]:
        for block in blocks:
            if block.type == type_:
                yield replace(self, body=block.body, range=block.header_range)
            elif block.labels == (type_,):
                contents, _ = partial_content(block.body, _CONTENT, Diagnostics())
                for content in contents.blocks:
                    yield replace(self, body=content.body, range=block.header_range)


_CONTENT = BodySchema((), (BlockSchema("content"),))


def decoded(text: str) -> str:
    """Return user data as the machine gets it: out of base64, where it is in it."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text


def is_unknown(value: Value) -> bool:
    """Say whether nothing can be said of a value yet."""
    return isinstance(unmark_deep(value)[0], Unknown)


def items_of(value: Value) -> dict[str, Value]:
    """Return what is in an object or a map, nothing of anything else."""
    match unmark_deep(value)[0]:
        case ObjectValue(attributes=inside) | MapValue(elements=inside):
            return dict(inside)
        case _:
            return {}
