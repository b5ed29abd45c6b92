"""Values of the language: what a configuration computes with.

A known string, bool or whole number *is* a Python `str`, `bool` or `int`, so
that it costs what one costs.  The other values are small classes:

    BigFloat                      a number with a fraction
    ListValue SetValue MapValue   collections, which know their element type
    TupleValue ObjectValue        structures
    Null(type)                    nothing, of a type
    Unknown(type, refinement)     not known yet; maybe something is known about it
    Marked(value, marks)          any of the above with marks riding on it

Values are immutable: nobody changes a container after making it.  Strings are
NFC-normalised where they enter (`make_string`).  `==` on containers compares
type, content, unknowns and marks; the language's own `==` is in `operations`.

Marks sit on the value they belong to, at any depth, except that a set never
holds marked elements: their marks are the set's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard, final
from unicodedata import is_normalized, normalize

from cotta.values.numbers import BigFloat
from cotta.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cotta.values.numbers import Number


class Mark(Enum):
    """Why a value may not go everywhere."""

    SENSITIVE = "sensitive"
    EPHEMERAL = "ephemeral"


Marks: TypeAlias = frozenset[Mark]
NO_MARKS: Final[Marks] = frozenset()

# What a container has learnt about what it holds, at the first question.
_UNASKED: Final = 0
_PLAIN: Final = 1  # wholly known, no marks anywhere
_HAS_UNKNOWN: Final = 2
_HAS_MARKS: Final = 4


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a number's range."""

    number: Number
    inclusive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """What is certain about an unknown value.

    `prefix` is for strings, the bounds for numbers, the lengths for
    collections; None means that nothing is known there.
    """

    not_null: bool = False
    prefix: str = ""
    lower: Bound | None = None
    upper: Bound | None = None
    shortest: int = 0
    longest: int | None = None


UNREFINED: Final = Refinement()
NOT_NULL: Final = Refinement(not_null=True)


@final
@dataclass(frozen=True, slots=True)
class Null:
    """The absence of a value of a type."""

    type: Type


@final
@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that will be known later."""

    type: Type
    refinement: Refinement = UNREFINED


@final
@dataclass(frozen=True, slots=True)
class Marked:
    """A value with marks; `value` is never `Marked` itself and `marks` never empty."""

    value: Unmarked
    marks: Marks

    @property
    def type(self) -> Type:
        """The type of the value under the marks."""
        return type_of(self.value)


def _sorted(items: Mapping[str, Value]) -> dict[str, Value]:
    keys = list(items)
    ordered = sorted(keys)
    if keys == ordered and isinstance(items, dict):
        return items
    return {key: items[key] for key in ordered}


@final
class ListValue:
    """A list: `elements` all have `element_type`."""

    __slots__ = ("_flags", "element_type", "elements")

    def __init__(self, element_type: Type, elements: tuple[Value, ...]) -> None:
        self.element_type = element_type
        self.elements = elements
        self._flags = _UNASKED

    @property
    def type(self) -> Type:
        """`list(element_type)`."""
        return ListType(self.element_type)

    def __repr__(self) -> str:
        return f"ListValue({list(self.elements)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ListValue):
            return NotImplemented
        return self.element_type == other.element_type and _same_all(self.elements, other.elements)

    def __hash__(self) -> int:
        return hash(self.elements)


@final
class SetValue:
    """A set: distinct `elements` of `element_type` in canonical order.

    Made by `sets.make_set`, which puts the elements in order and takes their
    marks off.
    """

    __slots__ = ("_flags", "element_type", "elements")

    def __init__(self, element_type: Type, elements: tuple[Value, ...]) -> None:
        self.element_type = element_type
        self.elements = elements
        self._flags = _UNASKED

    @property
    def type(self) -> Type:
        """`set(element_type)`."""
        return SetType(self.element_type)

    def __repr__(self) -> str:
        return f"SetValue({list(self.elements)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SetValue):
            return NotImplemented
        return self.element_type == other.element_type and _same_all(self.elements, other.elements)

    def __hash__(self) -> int:
        return hash(self.elements)


@final
class MapValue:
    """A map: `elements` under string keys, sorted by key, all of `element_type`."""

    __slots__ = ("_flags", "element_type", "elements")

    def __init__(self, element_type: Type, elements: Mapping[str, Value]) -> None:
        self.element_type = element_type
        self.elements: dict[str, Value] = _sorted(elements)
        self._flags = _UNASKED

    @property
    def type(self) -> Type:
        """`map(element_type)`."""
        return MapType(self.element_type)

    def __repr__(self) -> str:
        return f"MapValue({self.elements!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MapValue):
            return NotImplemented
        return self.element_type == other.element_type and _same_items(
            self.elements, other.elements
        )

    def __hash__(self) -> int:
        return hash(tuple(self.elements))


@final
class TupleValue:
    """A tuple: each element has a type of its own."""

    __slots__ = ("_flags", "_type", "elements")

    def __init__(self, elements: tuple[Value, ...]) -> None:
        self.elements = elements
        self._flags = _UNASKED
        self._type: TupleType | None = None

    @property
    def type(self) -> TupleType:
        """The tuple type of the elements, worked out once."""
        if self._type is None:
            self._type = TupleType(tuple(map(type_of, self.elements)))
        return self._type

    def __repr__(self) -> str:
        return f"TupleValue({list(self.elements)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TupleValue):
            return NotImplemented
        return _same_all(self.elements, other.elements)

    def __hash__(self) -> int:
        return hash(self.elements)


@final
class ObjectValue:
    """An object: `attributes` under their names, sorted by name."""

    __slots__ = ("_flags", "_type", "attributes")

    def __init__(self, attributes: Mapping[str, Value]) -> None:
        self.attributes: dict[str, Value] = _sorted(attributes)
        self._flags = _UNASKED
        self._type: ObjectType | None = None

    @property
    def type(self) -> ObjectType:
        """The object type of the attributes, worked out once."""
        if self._type is None:
            self._type = ObjectType({k: type_of(v) for k, v in self.attributes.items()})
        return self._type

    def __repr__(self) -> str:
        return f"ObjectValue({self.attributes!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ObjectValue):
            return NotImplemented
        return _same_items(self.attributes, other.attributes)

    def __hash__(self) -> int:
        return hash(tuple(self.attributes))


Container: TypeAlias = ListValue | SetValue | MapValue | TupleValue | ObjectValue
Known: TypeAlias = str | bool | int | BigFloat | Container
Unmarked: TypeAlias = Known | Null | Unknown
Value: TypeAlias = Unmarked | Marked

EMPTY_TUPLE_VALUE: Final = TupleValue(())
EMPTY_OBJECT_VALUE: Final = ObjectValue({})
ANY_UNKNOWN: Final = Unknown(DYNAMIC)
ANY_NULL: Final = Null(DYNAMIC)

_PLAIN_TYPES: Final[dict[type, Type]] = {str: STRING, bool: BOOL, int: NUMBER, BigFloat: NUMBER}
_CONTAINERS: Final = frozenset({ListValue, SetValue, MapValue, TupleValue, ObjectValue})


def _same(left: Value, right: Value) -> bool:
    if left is right:
        return True
    # bool is a kind of int in Python: True must not equal 1 here.
    if type(left) is bool or type(right) is bool:
        return False
    return left == right


def _same_all(left: tuple[Value, ...], right: tuple[Value, ...]) -> bool:
    return len(left) == len(right) and all(map(_same, left, right))


def _same_items(left: dict[str, Value], right: dict[str, Value]) -> bool:
    return left.keys() == right.keys() and all(
        _same(value, right[key]) for key, value in left.items()
    )


def same(left: Value, right: Value) -> bool:
    """Say whether two values are the same in type, content, unknowns and marks."""
    return left is right or (_same(left, right) and type_of(left) == type_of(right))


def type_of(value: Value) -> Type:
    """Return the type of any value."""
    plain = _PLAIN_TYPES.get(type(value))
    return plain if plain is not None else value.type  # type: ignore[union-attr]  # not plain


def make_string(text: str) -> str:
    """Return the text in Unicode normal form C, as every string value is.

    Halves of surrogate pairs, which are no characters, become U+FFFD.
    """
    if text.isascii():
        return text
    if _SURROGATE.search(text):
        text = _SURROGATE.sub("\ufffd", text)
    return text if is_normalized("NFC", text) else normalize("NFC", text)


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def is_null(value: Value) -> bool:
    """Say whether the value, under its marks, is null."""
    return type(value) is Null or (type(value) is Marked and type(value.value) is Null)


def is_known(value: Value) -> bool:
    """Say whether the value itself, under its marks, is known; it may hold unknowns."""
    return type(value) is not Unknown and not (
        type(value) is Marked and type(value.value) is Unknown
    )


def children(value: Container) -> Iterable[Value]:
    """Return the values directly inside a container, in its order."""
    if type(value) is ObjectValue:
        return value.attributes.values()
    if type(value) is MapValue:
        return value.elements.values()
    return value.elements


def _flags(value: Value) -> int:
    """Return what a value holds, itself included, as the flags above."""
    if is_container(value):
        found = value._flags
        if found == _UNASKED:
            found = _PLAIN
            for child in children(value):
                found |= _flags(child)
            value._flags = found
        return found
    if type(value) is Unknown:
        return _PLAIN | _HAS_UNKNOWN
    if type(value) is Marked:
        return _flags(value.value) | _HAS_MARKS
    return _PLAIN


def is_wholly_known(value: Value) -> bool:
    """Say whether nothing unknown is in the value, at any depth."""
    return type(value) in _PLAIN_TYPES or not _flags(value) & _HAS_UNKNOWN


def has_marks(value: Value) -> bool:
    """Say whether any mark is on the value or anywhere inside it."""
    return type(value) not in _PLAIN_TYPES and bool(_flags(value) & _HAS_MARKS)


# --- marks --------------------------------------------------------------------


def with_marks(value: Value, marks: Marks) -> Value:
    """Return the value with `marks` added to its own."""
    if not marks:
        return value
    if type(value) is Marked:
        return value if marks <= value.marks else Marked(value.value, value.marks | marks)
    return Marked(value, marks)


def mark(value: Value, *marks: Mark) -> Value:
    """Return the value with each of `marks`."""
    return with_marks(value, frozenset(marks))


def unmark(value: Value) -> tuple[Unmarked, Marks]:
    """Return the value without its own marks, and those; marks inside stay."""
    if type(value) is Marked:
        return value.value, value.marks
    return value, NO_MARKS


def unmark_deep(value: Value) -> tuple[Unmarked, Marks]:
    """Return the value without any mark at any depth, and all that were there."""
    if not has_marks(value):
        return value, NO_MARKS  # type: ignore[return-value]  # has no marks
    found: set[Mark] = set()
    bare = _strip(value, found)
    return bare, frozenset(found)


def _strip(value: Value, found: set[Mark]) -> Unmarked:
    if type(value) is Marked:
        found |= value.marks
        value = value.value
    if not has_marks(value):
        return value
    assert is_container(value)
    return rebuild(value, [_strip(child, found) for child in children(value)])


def marks_of(value: Value) -> Marks:
    """Return the value's own marks."""
    return value.marks if type(value) is Marked else NO_MARKS


def deep_marks(value: Value) -> Marks:
    """Return every mark on the value or inside it."""
    return unmark_deep(value)[1]


# --- containers ---------------------------------------------------------------


def is_container(value: Value) -> TypeGuard[Container]:
    """Say whether the value is a known list, set, map, tuple or object, unmarked."""
    return type(value) in _CONTAINERS


def rebuild(value: Container, new: list[Value]) -> Container:
    """Return a container like `value` with its children replaced, in its order.

    The new children must have the types of the old ones.  A set's must still
    be distinct and in order.
    """
    match value:
        case ListValue():
            return ListValue(value.element_type, tuple(new))
        case SetValue():
            return SetValue(value.element_type, tuple(new))
        case TupleValue():
            return TupleValue(tuple(new))
        case MapValue():
            return MapValue(value.element_type, dict(zip(value.elements, new, strict=True)))
        case ObjectValue():
            return ObjectValue(dict(zip(value.attributes, new, strict=True)))


def items(value: Container) -> Iterator[tuple[Value, Value]]:
    """Iterate over (key, element) as the language does: a set's element is its own key."""
    if type(value) is ObjectValue:
        yield from value.attributes.items()
    elif type(value) is MapValue:
        yield from value.elements.items()
    elif type(value) is SetValue:
        for element in value.elements:
            yield element, element
    else:
        yield from enumerate(value.elements)
