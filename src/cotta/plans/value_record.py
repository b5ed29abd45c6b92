"""Values as plain trees for a saved plan: exact, with types, unknowns and marks.

Texts, bools and whole numbers of 64 bits stand for themselves; everything
else is an array whose first item says what it is.  Types stand once each in a
table beside the values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard

from cotta.values.codec_json import decode_type, encode_type
from cotta.values.json_text import parse_json, write_json
from cotta.values.numbers import (
    NEGATIVE_INFINITY,
    NEGATIVE_ZERO,
    POSITIVE_INFINITY,
    BigFloat,
    make_number,
)
from cotta.values.paths import AttributePath, IndexPath, Path
from cotta.values.value import (
    UNREFINED,
    Bound,
    ListValue,
    MapValue,
    Mark,
    Marked,
    Null,
    ObjectValue,
    Refinement,
    SetValue,
    TupleValue,
    Unknown,
    Value,
    make_string,
)

if TYPE_CHECKING:
    from cotta.values.numbers import Number
    from cotta.values.types import Type

# What a record holds: nothing but data.
Tree: TypeAlias = "bool | int | str | bytes | list[Tree] | dict[str, Tree] | None"

_INT64: Final = range(-(1 << 63), 1 << 63)

_NULL, _UNKNOWN, _MARKED, _LIST, _SET, _MAP, _TUPLE, _OBJECT, _INTEGER, _FLOAT = range(10)


class RecordError(ValueError):
    """A record is not of the shape that it should be; the message is a clause."""


class ValueWriter:
    """Turns values into trees, and collects the types they mention."""

    def __init__(self) -> None:
        self._types: dict[Type, int] = {}

    def types(self) -> list[Tree]:
        """Return the table of types for the reader."""
        return [write_json(encode_type(type_)) for type_ in self._types]

    def type_number(self, type_: Type) -> int:
        """Return the type's place in the table."""
        return self._types.setdefault(type_, len(self._types))

    def write(self, value: Value) -> Tree:
        """Return the value as a tree."""
        kind = type(value)
        if kind is str or kind is bool:
            return value  # type: ignore[return-value]  # one of the two
        match value:
            case int():
                return value if value in _INT64 else [_INTEGER, hex(value)]
            case BigFloat():
                return [_FLOAT, hex(value.mantissa), value.exponent]
            case Null(type_):
                return [_NULL, self.type_number(type_)]
            case Unknown(type_, refinement):
                if refinement == UNREFINED:
                    return [_UNKNOWN, self.type_number(type_)]
                return [_UNKNOWN, self.type_number(type_), self._refinement(refinement)]
            case Marked(inner, marks):
                return [_MARKED, [mark.value for mark in _in_order(marks)], self.write(inner)]
            case ListValue() | SetValue():
                tag = _LIST if isinstance(value, ListValue) else _SET
                number = self.type_number(value.element_type)
                return [tag, number, [self.write(each) for each in value.elements]]
            case MapValue():
                number = self.type_number(value.element_type)
                return [_MAP, number, {k: self.write(v) for k, v in value.elements.items()}]
            case TupleValue():
                return [_TUPLE, [self.write(each) for each in value.elements]]
            case ObjectValue():
                return [_OBJECT, {k: self.write(v) for k, v in value.attributes.items()}]
            case _:
                return str(value)

    def _refinement(self, known: Refinement) -> list[Tree]:
        bounds: list[Tree] = [
            None if bound is None else [self.write(bound.number), bound.inclusive]
            for bound in (known.lower, known.upper)
        ]
        return [known.not_null, known.prefix, *bounds, known.shortest, known.longest]

    def path(self, path: Path) -> Tree:
        """Return a path as a tree."""
        return [
            step.name if isinstance(step, AttributePath) else [self.write(step.key)]
            for step in path
        ]


def _in_order(marks: frozenset[Mark]) -> list[Mark]:
    return [mark for mark in Mark if mark in marks]


class ValueReader:
    """Turns trees back into values; raises `RecordError` where one is no value."""

    def __init__(self, types: list[Tree]) -> None:
        self._types = [decode_type(parse_json(as_text(text))) for text in types]

    def type_at(self, number: Tree) -> Type:
        """Return the type at a place in the table."""
        if not _is_int(number) or not 0 <= number < len(self._types):
            raise RecordError("it names a type that it has not")
        return self._types[number]

    def read(self, tree: Tree) -> Value:
        """Return the value of a tree."""
        match tree:
            case bool() | int():
                return tree
            case str():
                return tree if tree.isascii() else make_string(tree)
            case [int() as tag, *rest]:
                return self._read_tagged(tag, rest)
            case _:
                raise RecordError("a value in it is none")

    def _read_tagged(self, tag: int, rest: list[Tree]) -> Value:
        match tag, rest:
            case (0, [number]):
                return Null(self.type_at(number))
            case (1, [number]):
                return Unknown(self.type_at(number))
            case (1, [number, [*known]]):
                return Unknown(self.type_at(number), self._read_refinement(known))
            case (2, [[*names], inner]):
                bare = self.read(inner)
                if isinstance(bare, Marked) or not names:
                    raise RecordError("a mark in it is on nothing")
                return Marked(bare, frozenset(Mark(as_text(name)) for name in names))
            case (3, [number, [*parts]]):
                return ListValue(self.type_at(number), tuple(map(self.read, parts)))
            case (4, [number, [*parts]]):
                return SetValue(self.type_at(number), tuple(map(self.read, parts)))
            case (5, [number, dict() as pairs]):
                return MapValue(self.type_at(number), self._read_pairs(pairs))
            case (6, [[*parts]]):
                return TupleValue(tuple(map(self.read, parts)))
            case (7, [dict() as pairs]):
                return ObjectValue(self._read_pairs(pairs))
            case (8, [str() as digits]):
                return int(digits, 16)
            case (9, [str() as digits, exponent]):
                return _read_float(int(digits, 16), exponent)
            case _:
                raise RecordError("a value in it is none")

    def _read_pairs(self, pairs: dict[str, Tree]) -> dict[str, Value]:
        return {as_text(name): self.read(part) for name, part in pairs.items()}

    def _read_refinement(self, known: list[Tree]) -> Refinement:
        match known:
            case [bool() as not_null, str() as prefix, lower, upper, int() as shortest, longest]:
                if longest is not None and not _is_int(longest):
                    raise RecordError("a length in it is none")
                return Refinement(
                    not_null=not_null,
                    prefix=prefix,
                    lower=self._read_bound(lower),
                    upper=self._read_bound(upper),
                    shortest=shortest,
                    longest=longest,
                )
            case _:
                raise RecordError("a refinement in it is none")

    def _read_bound(self, tree: Tree) -> Bound | None:
        if tree is None:
            return None
        match tree:
            case [number, bool() as inclusive]:
                value = self.read(number)
                if isinstance(value, int | BigFloat):
                    return Bound(value, inclusive)
        raise RecordError("a bound in it is none")

    def path(self, tree: Tree) -> Path:
        """Return the path of a tree."""
        if not isinstance(tree, list):
            raise RecordError("a path in it is none")
        return tuple(
            AttributePath(step) if isinstance(step, str) else self._read_index(step)
            for step in tree
        )

    def _read_index(self, step: Tree) -> IndexPath:
        match step:
            case [key]:
                return IndexPath(self.read(key))
            case _:
                raise RecordError("a path in it is none")


_SPECIAL: Final[dict[tuple[int, Tree], Number]] = {
    (0, 0): NEGATIVE_ZERO,
    (1, None): POSITIVE_INFINITY,
    (-1, None): NEGATIVE_INFINITY,
}


def _read_float(mantissa: int, exponent: Tree) -> Number:
    if exponent is None or mantissa == 0:
        return _SPECIAL[mantissa, exponent]
    if not _is_int(exponent):
        raise RecordError("a number in it is none")
    return make_number(mantissa, exponent)


def _is_int(tree: Tree) -> TypeGuard[int]:
    return isinstance(tree, int) and not isinstance(tree, bool)


def as_text(tree: Tree) -> str:
    """Return the tree, which must be a text."""
    if not isinstance(tree, str):
        raise RecordError("a text in it is none")
    return tree
