"""Values as msgpack: what travels to and from plugins, after cty's msgpack package.

Integers of 64 bits and floats that are exact travel as such, other numbers as
decimal text.  An unknown value is extension 0, or extension 12 with what is
certain about it.  Where the wanted type leaves something open, the value
travels with its type: `[type as JSON, value]`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

import msgpack

from cotta.values.codec_json import CodecError, decode_type, type_text
from cotta.values.numbers import (
    NEGATIVE_ZERO,
    BigFloat,
    NumberError,
    format_number,
    from_float,
    is_infinite,
    parse_number,
    to_float,
)
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.sets import make_set
from cotta.values.types import (
    NUMBER,
    STRING,
    DynamicType,
    ListType,
    MapType,
    ObjectType,
    PrimitiveType,
    SetType,
    TupleType,
)
from cotta.values.value import (
    ANY_NULL,
    ANY_UNKNOWN,
    Bound,
    ListValue,
    MapValue,
    Marked,
    Null,
    ObjectValue,
    Refinement,
    SetValue,
    TupleValue,
    Unknown,
    make_string,
    type_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.values.numbers import Number
    from cotta.values.paths import Path
    from cotta.values.types import Type
    from cotta.values.value import Value

_UNKNOWN: Final = 0
_REFINED: Final = 12

# The keys of a refinement; absent means that nothing is known there.
_IS_NULL: Final = 1
_PREFIX: Final = 2
_LOWER: Final = 3
_UPPER: Final = 4
_SHORTEST: Final = 5
_LONGEST: Final = 6

# A reader refuses refinements above 1 KiB, so a long prefix is shortened.
_LONGEST_PREFIX: Final = 255
_LARGEST_REFINEMENT: Final = 1024

_INT64: Final = range(-(1 << 63), 1 << 63)


def encode_msgpack(value: Value, type_: Type) -> bytes:
    """Return `value`, which must conform to `type_`, as bytes that `type_` is needed to read.

    Raises `CodecError` where something is marked.
    """
    packer = msgpack.Packer(autoreset=False, use_bin_type=True)
    _encode(packer, value, type_, ())
    return cast("bytes", packer.bytes())


def _encode(packer: msgpack.Packer, value: Value, type_: Type, path: Path) -> None:
    kind = type(value)
    if kind is Marked:
        raise CodecError("the value has marks, so it can't be written", path)
    if isinstance(type_, DynamicType):
        own = type_of(value)
        if not isinstance(own, DynamicType):
            packer.pack_array_header(2)
            packer.pack(type_text(own).encode())
            _encode(packer, value, own, path)
            return
    if kind is str or kind is bool:
        packer.pack(value)
    elif kind is int or kind is BigFloat:
        packer.pack(_plain_number(cast("Number", value)))
    elif kind is Null:
        packer.pack(None)
    elif type(value) is Unknown:
        _encode_unknown(packer, value)
    else:
        _encode_container(packer, value, type_, path)


def _plain_number(number: Number) -> int | float | str:
    """Return the number as the first of int, float, text that holds it exactly."""
    if type(number) is int and number in _INT64:
        return number
    if number is NEGATIVE_ZERO:
        return 0
    nearest = to_float(number)
    if is_infinite(number) or (abs(nearest) != float("inf") and from_float(nearest) == number):
        return nearest
    return format_number(number)


def _encode_container(packer: msgpack.Packer, value: Value, type_: Type, path: Path) -> None:
    match value, type_:
        case (ListValue() | SetValue(), ListType(inner) | SetType(inner)):
            packer.pack_array_header(len(value.elements))
            for at, item in enumerate(value.elements):
                _encode(packer, item, inner, (*path, IndexPath(at)))
        case (TupleValue(), TupleType(inners)):
            packer.pack_array_header(len(inners))
            for at, (item, inner) in enumerate(zip(value.elements, inners, strict=True)):
                _encode(packer, item, inner, (*path, IndexPath(at)))
        case (MapValue(), MapType(inner)):
            packer.pack_map_header(len(value.elements))
            for key, item in value.elements.items():
                packer.pack(key)
                _encode(packer, item, inner, (*path, IndexPath(key)))
        case (ObjectValue(), ObjectType()):
            packer.pack_map_header(len(type_.attributes))
            for name, inner in type_.attributes.items():
                packer.pack(name)
                _encode(packer, value.attributes[name], inner, (*path, AttributePath(name)))
        case _:
            raise CodecError("the value is not of the type it is to be written as", path)


def _encode_unknown(packer: msgpack.Packer, value: Unknown) -> None:
    known = _refinement_map(value)
    if not known:
        packer.pack(msgpack.ExtType(_UNKNOWN, b"\0"))
        return
    body = msgpack.Packer(use_bin_type=True).pack(known)
    packer.pack(msgpack.ExtType(_REFINED, body))


def _refinement_map(value: Unknown) -> dict[int, object]:
    """Return what is certain about an unknown value, under the wire's keys."""
    certain = value.refinement
    known: dict[int, object] = {}
    if isinstance(value.type, DynamicType):
        return known
    if certain.not_null:
        known[_IS_NULL] = False
    if value.type == STRING and certain.prefix:
        start = certain.prefix.encode()[:_LONGEST_PREFIX]
        known[_PREFIX] = start.decode(errors="ignore")
    elif value.type == NUMBER:
        for key, bound in ((_LOWER, certain.lower), (_UPPER, certain.upper)):
            if bound is not None:
                known[key] = [_plain_number(bound.number), bound.inclusive]
    elif isinstance(value.type, ListType | SetType | MapType):
        if certain.shortest:
            known[_SHORTEST] = certain.shortest
        if certain.longest is not None:
            known[_LONGEST] = certain.longest
    return known


# --- reading --------------------------------------------------------------------


def decode_msgpack(data: bytes, type_: Type) -> Value:
    """Return the value of `type_` that the bytes hold; raise `CodecError` if they hold none."""
    try:
        tree = msgpack.unpackb(data, raw=False, strict_map_key=False, ext_hook=msgpack.ExtType)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        raise CodecError(f"the bytes are not one msgpack value: {error}") from None
    return _decode(tree, type_, ())


def _decode(tree: object, type_: Type, path: Path) -> Value:
    if type(tree) is str and type_ is STRING:
        return make_string(tree)
    if isinstance(tree, msgpack.ExtType):
        return _decode_unknown(tree, type_, path)
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
        case TupleType(elements):
            return _decode_tuple(tree, elements, path)
        case MapType(element):
            return MapValue(
                element,
                {
                    make_string(k): _decode(v, element, (*path, IndexPath(k)))
                    for k, v in _expect_map(tree, "a map", path).items()
                },
            )
        case ObjectType():
            return _decode_object(tree, type_, path)


def _decode_primitive(tree: object, type_: PrimitiveType, path: Path) -> Value:
    if type_ == STRING:
        if type(tree) is str:
            return make_string(tree)
    elif type_ == NUMBER:
        number = _read_number(tree)
        if number is not None:
            return number
    elif type(tree) is bool:
        return tree
    raise CodecError(f"a {type_.name} is required", path)


def _read_number(tree: object) -> Number | None:
    try:
        if type(tree) is int:
            return tree
        if type(tree) is float:
            return from_float(tree)
        return parse_number(tree) if type(tree) is str else None
    except (ValueError, NumberError):
        return None


def _expect_array(tree: object, what: str, path: Path) -> list[object]:
    if not isinstance(tree, list):
        raise CodecError(f"{what} is required", path)
    return tree


def _expect_map(tree: object, what: str, path: Path) -> dict[str, object]:
    if not isinstance(tree, dict):
        raise CodecError(f"{what} is required", path)
    if not all(type(key) is str for key in tree):
        raise CodecError("every key must be a string", path)
    return tree


def _decode_elements(tree: object, element: Type, what: str, path: Path) -> Iterable[Value]:
    return [
        _decode(item, element, (*path, IndexPath(at)))
        for at, item in enumerate(_expect_array(tree, f"a {what}", path))
    ]


def _decode_tuple(tree: object, elements: tuple[Type, ...], path: Path) -> Value:
    array = _expect_array(tree, "a tuple", path)
    if len(array) != len(elements):
        raise CodecError(f"a tuple of {len(elements)} elements is required", path)
    return TupleValue(
        tuple(
            _decode(item, inner, (*path, IndexPath(at)))
            for at, (item, inner) in enumerate(zip(array, elements, strict=True))
        )
    )


def _decode_object(tree: object, type_: ObjectType, path: Path) -> Value:
    given = _expect_map(tree, "an object", path)
    if given.keys() != type_.attributes.keys():
        missing = sorted(type_.attributes.keys() - given.keys())
        extra = sorted(given.keys() - type_.attributes.keys())
        why = f'there is no attribute "{extra[0]}"' if extra else f'"{missing[0]}" is missing'
        raise CodecError(why, path)
    return ObjectValue(
        {
            name: _decode(given[name], inner, (*path, AttributePath(name)))
            for name, inner in type_.attributes.items()
        }
    )


def _decode_dynamic(tree: object, path: Path) -> Value:
    if tree is None:
        return ANY_NULL
    if not isinstance(tree, list) or len(tree) != 2 or not isinstance(tree[0], str | bytes):
        raise CodecError("a value that brings its type must be [type, value]", path)
    try:
        type_ = decode_type(json.loads(tree[0]), path)
    except ValueError as error:
        raise CodecError(f"the type of a value can't be read: {error}", path) from None
    return _decode(tree[1], type_, path)


def _decode_unknown(extension: msgpack.ExtType, type_: Type, path: Path) -> Value:
    # Any short extension means unknown; what is in it has no meaning.
    if len(extension.data) <= 1 or isinstance(type_, DynamicType):
        return Unknown(type_) if not isinstance(type_, DynamicType) else ANY_UNKNOWN
    if extension.code != _REFINED:
        raise CodecError(f"extension {extension.code} is not supported", path)
    if len(extension.data) > _LARGEST_REFINEMENT:
        raise CodecError("the refinement of an unknown value is too long", path)
    try:
        # Bytes after the map are left for future versions of the wire.
        unpacker = msgpack.Unpacker(raw=False, strict_map_key=False)
        unpacker.feed(extension.data)
        known = unpacker.unpack()
    except (ValueError, msgpack.UnpackException) as error:
        raise CodecError(
            f"the refinement of an unknown value can't be read: {error}", path
        ) from None
    if not isinstance(known, dict):
        raise CodecError("the refinement of an unknown value is not a map", path)
    if known.get(_IS_NULL) is True:
        return Null(type_)
    return Unknown(type_, _read_refinement(known, type_, path))


def _read_refinement(known: dict[object, object], type_: Type, path: Path) -> Refinement:
    prefix = _pick(known, _PREFIX, fits=type_ == STRING, path=path)
    is_collection = isinstance(type_, ListType | SetType | MapType)
    shortest = _pick(known, _SHORTEST, fits=is_collection, path=path)
    longest = _pick(known, _LONGEST, fits=is_collection, path=path)
    lower = _pick(known, _LOWER, fits=type_ == NUMBER, path=path)
    upper = _pick(known, _UPPER, fits=type_ == NUMBER, path=path)
    if not (
        isinstance(prefix, str | None)
        and isinstance(shortest, int | None)
        and isinstance(longest, int | None)
    ):
        raise CodecError("the refinement of an unknown value is malformed", path)
    return Refinement(
        not_null=known.get(_IS_NULL) is False,
        prefix=make_string(prefix or ""),
        lower=_read_bound(lower, path),
        upper=_read_bound(upper, path),
        shortest=max(0, shortest or 0),
        longest=longest,
    )


def _pick(known: dict[object, object], key: int, *, fits: bool, path: Path) -> object:
    """Return what is under `key`; it is refused where the type has no such thing."""
    if key in known and not fits:
        raise CodecError(f"refinement {key} does not fit the type of the unknown value", path)
    return known.get(key)


def _read_bound(bound: object, path: Path) -> Bound | None:
    if bound is None:
        return None
    if isinstance(bound, list) and len(bound) == 2 and type(bound[1]) is bool:
        number = _read_number(bound[0])
        if number is not None:
            return Bound(number, bound[1])
    raise CodecError("a bound must be [number, inclusive]", path)
