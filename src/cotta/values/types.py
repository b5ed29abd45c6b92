"""The types of the language, after cty.

Three primitives, a place-holder for "any type", three collections with one
element type, and two structural types.  Types are immutable, compare by
content and can be dictionary keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class PrimitiveType:
    """`string`, `number` or `bool`."""

    name: str


@dataclass(frozen=True, slots=True)
class DynamicType:
    """The type of a value whose type is not known yet; as a constraint, any type."""


@dataclass(frozen=True, slots=True)
class ListType:
    """A sequence of elements of one type."""

    element: Type


@dataclass(frozen=True, slots=True)
class SetType:
    """Distinct elements of one type, in no order of their own."""

    element: Type


@dataclass(frozen=True, slots=True)
class MapType:
    """Elements of one type under string keys."""

    element: Type


@dataclass(frozen=True, slots=True)
class TupleType:
    """A sequence of fixed length with a type for each place."""

    elements: tuple[Type, ...]


class ObjectType:
    """Named attributes, each with its type.

    `optional` names the attributes that a conversion may leave out; only a
    type constraint has any, a value's own type never does.
    """

    __slots__ = ("_hash", "attributes", "optional")

    def __init__(
        self, attributes: Mapping[str, Type], optional: frozenset[str] = frozenset()
    ) -> None:
        self.attributes: dict[str, Type] = dict(sorted(attributes.items()))
        self.optional = optional
        self._hash: int | None = None

    def __repr__(self) -> str:
        optional = f", optional={sorted(self.optional)}" if self.optional else ""
        return f"ObjectType({self.attributes!r}{optional})"

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, ObjectType):
            return NotImplemented
        return self.attributes == other.attributes and self.optional == other.optional

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((tuple(self.attributes.items()), self.optional))
        return self._hash


Type: TypeAlias = (
    PrimitiveType | DynamicType | ListType | SetType | MapType | TupleType | ObjectType
)
CollectionType: TypeAlias = ListType | SetType | MapType

STRING: Final = PrimitiveType("string")
NUMBER: Final = PrimitiveType("number")
BOOL: Final = PrimitiveType("bool")
DYNAMIC: Final = DynamicType()
EMPTY_OBJECT: Final = ObjectType({})
EMPTY_TUPLE: Final = TupleType(())


def has_dynamic(type_: Type) -> bool:
    """Say whether `type_` is or holds a place-holder for any type."""
    match type_:
        case DynamicType():
            return True
        case ListType(element) | SetType(element) | MapType(element):
            return has_dynamic(element)
        case TupleType(elements):
            return any(has_dynamic(element) for element in elements)
        case ObjectType():
            return any(has_dynamic(attribute) for attribute in type_.attributes.values())
        case PrimitiveType():
            return False


def conforms(given: Type, wanted: Type) -> bool:
    """Say whether `given` is `wanted`, but for place-holders in `wanted`, which accept any type."""
    match given, wanted:
        case _, DynamicType():
            return True
        case (
            (ListType(inner), ListType(expected))
            | (SetType(inner), SetType(expected))
            | (MapType(inner), MapType(expected))
        ):
            return conforms(inner, expected)
        case TupleType(inners), TupleType(expecteds):
            return len(inners) == len(expecteds) and all(map(conforms, inners, expecteds))
        case ObjectType(attributes=inner_types), ObjectType(attributes=expected_types):
            return inner_types.keys() == expected_types.keys() and all(
                conforms(inner, expected_types[name]) for name, inner in inner_types.items()
            )
        case _:
            return given == wanted


def without_optional(type_: Type) -> Type:
    """Return the type with every attribute required: the type of converted values."""
    match type_:
        case ListType(element):
            return ListType(without_optional(element))
        case SetType(element):
            return SetType(without_optional(element))
        case MapType(element):
            return MapType(without_optional(element))
        case TupleType(elements):
            return TupleType(tuple(without_optional(element) for element in elements))
        case ObjectType():
            return ObjectType({k: without_optional(t) for k, t in type_.attributes.items()})
        case PrimitiveType() | DynamicType():
            return type_


def friendly_name(type_: Type) -> str:
    """Return the type's name in prose: "list of string", "object", "dynamic"."""
    match type_:
        case PrimitiveType(name):
            return name
        case DynamicType():
            return "dynamic"
        case ListType(element):
            return f"list of {friendly_name(element)}"
        case SetType(element):
            return f"set of {friendly_name(element)}"
        case MapType(element):
            return f"map of {friendly_name(element)}"
        case TupleType():
            return "tuple"
        case ObjectType():
            return "object"


def constraint_name(type_: Type) -> str:
    """Return the name of a wanted type in prose: as `friendly_name`, but "any type"."""
    match type_:
        case DynamicType():
            return "any type"
        case ListType(element):
            return f"list of {_element_constraint_name(element)}"
        case SetType(element):
            return f"set of {_element_constraint_name(element)}"
        case MapType(element):
            return f"map of {_element_constraint_name(element)}"
        case _:
            return friendly_name(type_)


def _element_constraint_name(element: Type) -> str:
    return "any single type" if isinstance(element, DynamicType) else constraint_name(element)


def render_type(type_: Type) -> str:
    """Return the type as a type expression on one line: `list(object({a = string}))`."""
    match type_:
        case PrimitiveType(name):
            return name
        case DynamicType():
            return "any"
        case ListType(element):
            return f"list({render_type(element)})"
        case SetType(element):
            return f"set({render_type(element)})"
        case MapType(element):
            return f"map({render_type(element)})"
        case TupleType(elements):
            return f"tuple([{', '.join(render_type(element) for element in elements)}])"
        case ObjectType():
            return f"object({{{', '.join(_render_attributes(type_))}}})"


def _render_attributes(type_: ObjectType) -> list[str]:
    return [
        f"{name} = optional({render_type(attribute)})"
        if name in type_.optional
        else f"{name} = {render_type(attribute)}"
        for name, attribute in type_.attributes.items()
    ]
