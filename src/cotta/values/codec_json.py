"""Values as JSON: what state files, plans and `jsonencode` hold, after cty's json package.

A value travels as the tree of `json_text`.  Where the wanted type leaves
something open, the value's own type travels with it:
`{"value": …, "type": …}`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from cotta.values.json_text import JsonNumber, write_json
from cotta.values.numbers import PRECISION, BigFloat, format_number, is_infinite, parse_number
from cotta.values.paths import AttributePath, IndexPath, render_path
from cotta.values.sets import make_set
from cotta.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    DynamicType,
    ListType,
    MapType,
    ObjectType,
    PrimitiveType,
    SetType,
    TupleType,
    Type,
)
from cotta.values.value import (
    ANY_NULL,
    ListValue,
    MapValue,
    Marked,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    Value,
    make_string,
    type_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.values.json_text import Json
    from cotta.values.numbers import Number
    from cotta.values.paths import Path


class CodecError(ValueError):
    """A value can't be written or read; `path` leads to the part at fault."""

    def __init__(self, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def describe(self) -> str:
        """Return the message, with the place inside the value before it, if any."""
        return f"{render_path(self.path)}: {self.message}" if self.path else self.message


# --- values to trees ------------------------------------------------------------


def encode_json(value: Value, type_: Type) -> Json:
    """Return the tree of `value` as one of `type_`, which it must conform to.

    Raises `CodecError` where something is unknown, marked or infinite.
    """
    return _encode(value, type_, ())


def encode_plain(value: Value) -> Json:
    """Return the tree of `value` alone: no types travel with it."""
    return _encode(value, None, ())


def _encode(value: Value, type_: Type | None, path: Path) -> Json:
    """Encode; a `type_` of None asks for no types at any depth."""
    if type_ is DYNAMIC or isinstance(type_, DynamicType):
        own = type_of(value)
        if not isinstance(own, DynamicType):
            if type(value) is Unknown or type(value) is Marked:
                raise _refusal(value, path)
            return {"value": _encode(value, own, path), "type": encode_type(own)}
    kind = type(value)
    if kind is str or kind is bool:
        return cast("Json", value)
    if kind is int or kind is BigFloat:
        return _encode_number(cast("Number", value), path)
    encoder = _CONTAINERS.get(kind)
    if encoder is not None:
        return encoder(value, type_, path)
    if kind is Null:
        return None
    raise _refusal(value, path)


def _refusal(value: Value, path: Path) -> CodecError:
    why = "is not known" if type(value) is Unknown else "has marks, so it can't be written"
    return CodecError(f"the value {why}", path)


_LARGEST: Final = 1 << PRECISION


def _encode_number(number: Number, path: Path) -> Json:
    if type(number) is int and -_LARGEST < number < _LARGEST:
        return number
    if is_infinite(number):
        raise CodecError("JSON has no infinite numbers", path)
    return JsonNumber(format_number(number))


def _encode_sequence(value: Value, type_: Type | None, path: Path) -> Json:
    assert type(value) is ListValue or type(value) is SetValue
    inner = type_.element if isinstance(type_, ListType | SetType) else None
    if type(value.element_type) is PrimitiveType and (inner is None or inner == STRING):
        first = value.elements and type(value.elements[0])
        if first is str and all(type(item) is str for item in value.elements):
            return list(cast("tuple[str, ...]", value.elements))
    return [_encode(item, inner, (*path, IndexPath(at))) for at, item in enumerate(value.elements)]


def _encode_tuple(value: Value, type_: Type | None, path: Path) -> Json:
    assert type(value) is TupleValue
    inners: tuple[Type | None, ...] = (None,) * len(value.elements)
    if isinstance(type_, TupleType):
        inners = type_.elements
    return [
        _encode(item, inner, (*path, IndexPath(at)))
        for at, (item, inner) in enumerate(zip(value.elements, inners, strict=True))
    ]


def _encode_map(value: Value, type_: Type | None, path: Path) -> Json:
    assert type(value) is MapValue
    inner = type_.element if isinstance(type_, MapType) else None
    return {
        key: item if type(item) is str and inner != DYNAMIC
        else _encode(item, inner, (*path, IndexPath(key)))
        for key, item in value.elements.items()
    }  # fmt: skip


def _encode_object(value: Value, type_: Type | None, path: Path) -> Json:
    assert type(value) is ObjectValue
    if not isinstance(type_, ObjectType):
        return {
            name: item if type(item) is str else _encode(item, None, (*path, AttributePath(name)))
            for name, item in value.attributes.items()
        }
    inners = type_.attributes
    return {
        name: _encode(item, inners[name], (*path, AttributePath(name)))
        for name, item in value.attributes.items()
    }


_CONTAINERS: Final[dict[type, Callable[[Value, Type | None, Path], Json]]] = {
    ListValue: _encode_sequence,
    SetValue: _encode_sequence,
    TupleValue: _encode_tuple,
    MapValue: _encode_map,
    ObjectValue: _encode_object,
}

# --- trees to values ------------------------------------------------------------


def decode_json(tree: Json, type_: Type) -> Value:
    """Return the value of `type_` that the tree holds; raise `CodecError` if it holds none.

    Attributes that are missing are null; ones that the type lacks are refused.
    """
    return _decode(tree, type_, ())


def _decode(tree: Json, type_: Type, path: Path) -> Value:
    if type_ is STRING and type(tree) is str:
        return make_string(tree)
    match type_:
        case DynamicType():
            return _decode_dynamic(tree, path)
        case _ if tree is None:
            return Null(type_)
        case PrimitiveType():
            return _decode_primitive(tree, type_, path)
        case ListType(element):
            return ListValue(element, tuple(_decode_elements(tree, element, "list", path)))
        case SetType(element):
            return make_set(_decode_elements(tree, element, "set", path), element)
        case MapType(element):
            pairs = _expect_object(tree, "map", path).items()
            return MapValue(
                element,
                {make_string(k): _decode(v, element, (*path, IndexPath(k))) for k, v in pairs},
            )
        case TupleType(elements):
            return _decode_tuple(tree, elements, path)
        case ObjectType():
            return _decode_object(tree, type_, path)


def _decode_primitive(tree: Json, type_: PrimitiveType, path: Path) -> Value:
    if type_ == STRING:
        if type(tree) is str:
            return make_string(tree)
        if type(tree) is bool:
            return "true" if tree else "false"
        if type(tree) is int:
            return str(tree)
        if type(tree) is JsonNumber:
            return tree.text
    elif type_ == NUMBER:
        if type(tree) is int:
            return tree
        if isinstance(tree, JsonNumber):
            return _decode_number(tree.text, path)
        if isinstance(tree, str):
            return _decode_number(tree, path)
    elif type(tree) is bool or tree in ("true", "false", "1", "0"):
        return tree in (True, "true", "1")
    raise CodecError(f"a {type_.name} is required", path)


def _decode_number(text: str, path: Path) -> Number:
    try:
        return parse_number(text)
    except ValueError:
        raise CodecError("a number is required", path) from None


def _expect_array(tree: Json, what: str, path: Path) -> list[Json]:
    if not isinstance(tree, list):
        raise CodecError(f"a JSON array is required for a {what}", path)
    return tree


def _expect_object(tree: Json, what: str, path: Path) -> dict[str, Json]:
    if not isinstance(tree, dict):
        raise CodecError(f"a JSON object is required for {what}", path)
    return tree


def _decode_elements(tree: Json, element: Type, what: str, path: Path) -> list[Value]:
    return [
        _decode(item, element, (*path, IndexPath(at)))
        for at, item in enumerate(_expect_array(tree, what, path))
    ]


def _decode_tuple(tree: Json, elements: tuple[Type, ...], path: Path) -> Value:
    array = _expect_array(tree, "tuple", path)
    if len(array) != len(elements):
        raise CodecError(f"a tuple of {len(elements)} elements is required, not {len(array)}", path)
    return TupleValue(
        tuple(
            _decode(item, inner, (*path, IndexPath(at)))
            for at, (item, inner) in enumerate(zip(array, elements, strict=True))
        )
    )


def _decode_object(tree: Json, type_: ObjectType, path: Path) -> Value:
    given = _expect_object(tree, "object", path)
    attributes: dict[str, Value] = {}
    for name, inner in type_.attributes.items():
        found = given.get(name)
        if found is None:
            attributes[name] = Null(inner)
        else:
            attributes[name] = _decode(found, inner, (*path, AttributePath(name)))
    if len(given) > len(attributes) or not given.keys() <= attributes.keys():
        extra = next(name for name in given if name not in attributes)
        raise CodecError(f'there is no attribute "{extra}"', path)
    return ObjectValue(attributes)


def _decode_dynamic(tree: Json, path: Path) -> Value:
    if tree is None:
        return ANY_NULL
    wrapped = _expect_object(tree, "a value that brings its type", path)
    for key in wrapped:
        if key not in ("type", "value"):
            raise CodecError(f'a value that brings its type has no key "{key}"', path)
    for key in ("type", "value"):
        if key not in wrapped:
            raise CodecError(f'a value that brings its type needs the key "{key}"', path)
    return _decode(wrapped["value"], decode_type(wrapped["type"], path), path)


# --- types ----------------------------------------------------------------------


@lru_cache(maxsize=256)
def type_text(type_: Type) -> str:
    """Return the type as compact JSON text."""
    return write_json(encode_type(type_))


def encode_type(type_: Type) -> Json:
    """Return the type's tree: "string", ["list", "string"], ["object", {…}], "dynamic"."""
    match type_:
        case PrimitiveType(name):
            return name
        case DynamicType():
            return "dynamic"
        case ListType(element):
            return ["list", encode_type(element)]
        case SetType(element):
            return ["set", encode_type(element)]
        case MapType(element):
            return ["map", encode_type(element)]
        case TupleType(elements):
            return ["tuple", [encode_type(element) for element in elements]]
        case ObjectType():
            attributes: Json = {k: encode_type(t) for k, t in type_.attributes.items()}
            if type_.optional:
                return ["object", attributes, cast("list[Json]", sorted(type_.optional))]
            return ["object", attributes]


_NAMED: Final[dict[str, Type]] = {
    "string": STRING,
    "number": NUMBER,
    "bool": BOOL,
    "dynamic": DYNAMIC,
}


def decode_type(tree: Json, path: Path = ()) -> Type:
    """Return the type that the tree spells; raise `CodecError` if it spells none."""
    match tree:
        case str() if tree in _NAMED:
            return _NAMED[tree]
        case ["list", element]:
            return ListType(decode_type(element, path))
        case ["set", element]:
            return SetType(decode_type(element, path))
        case ["map", element]:
            return MapType(decode_type(element, path))
        case ["tuple", [*elements]]:
            return TupleType(tuple(decode_type(element, path) for element in elements))
        case ["object", dict(attributes), *rest] if len(rest) <= 1:
            optional = frozenset(name for name in rest[0] if isinstance(name, str)) if (
                rest and isinstance(rest[0], list)
            ) else frozenset()  # fmt: skip
            return ObjectType(
                {make_string(k): decode_type(t, path) for k, t in attributes.items()}, optional
            )
        case _:
            raise CodecError(f"{write_json(tree)} is not a type", path)


# --- JSON of no known type --------------------------------------------------------


def implied_type(tree: Json) -> Type:
    """Return the type that JSON has by itself: objects, tuples and primitives."""
    return type_of(implied_value(tree))


def implied_value(tree: Json) -> Value:
    """Return the value that JSON has by itself; a null is of no known type."""
    kind = type(tree)
    if kind is str:
        return make_string(cast("str", tree))
    if kind is bool or kind is int:
        return cast("bool | int", tree)
    if tree is None:
        return ANY_NULL
    if isinstance(tree, dict):
        return ObjectValue({make_string(k): implied_value(v) for k, v in tree.items()})
    if isinstance(tree, list):
        return TupleValue(tuple(map(implied_value, tree)))
    assert isinstance(tree, JsonNumber)
    return _decode_number(tree.text, ())
