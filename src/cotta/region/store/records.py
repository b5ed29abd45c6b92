"""Records as JSON and back, by the types of their fields.

A record is a dataclass of texts, numbers, truth values, times, durations, enums, other
records, tuples and mappings with text keys of those, or a union of one of them with None.
`object` stands for anything JSON has.  A field that the JSON lacks takes its
default, so that rows written by an older Cotta can be read; a field that no record
has any more is passed over.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NewType, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN: Final = frozenset({str, int, float, bool, object})


class Codec:
    """How one type is written and read; `is_plain` if both leave it as it is."""

    __slots__ = ("decode", "encode", "is_plain")

    def __init__(
        self,
        encode: Callable[[Any], Any],
        decode: Callable[[Any], Any],
        *,
        is_plain: bool = False,
    ) -> None:
        self.encode = encode
        self.decode = decode
        self.is_plain = is_plain


def _same(value: Any) -> Any:
    return value


_AS_IT_IS: Final = Codec(_same, _same, is_plain=True)


def codec_of(kind: Any) -> Codec:
    """Return how values of a type are written; `TypeError` if they can't be."""
    if isinstance(kind, NewType):
        return codec_of(kind.__supertype__)
    if kind in _PLAIN:
        return _AS_IT_IS
    if kind is datetime:
        return Codec(_encode_time, _decode_time)
    if kind is timedelta:
        return Codec(timedelta.total_seconds, lambda seconds: timedelta(seconds=seconds))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Codec(
            lambda member: member.value, {member.value: member for member in kind}.__getitem__
        )
    if is_dataclass(kind):
        return _codec_of_record(kind)
    return _codec_of_composite(kind)


def _codec_of_composite(kind: Any) -> Codec:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType} and len(arguments) == 2 and types.NoneType in arguments:
        (inner,) = [codec_of(one) for one in arguments if one is not types.NoneType]
        if inner.is_plain:
            return inner
        return Codec(
            lambda value: None if value is None else inner.encode(value),
            lambda value: None if value is None else inner.decode(value),
        )
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        inner = codec_of(arguments[0])
        if inner.is_plain:
            return Codec(list, tuple)
        return Codec(
            lambda values: [inner.encode(value) for value in values],
            lambda values: tuple([inner.decode(value) for value in values]),
        )
    if origin is Mapping and arguments[0] is str:
        inner = codec_of(arguments[1])
        if inner.is_plain:
            return Codec(dict, _same)
        return Codec(
            lambda values: {key: inner.encode(value) for key, value in values.items()},
            lambda values: {key: inner.decode(value) for key, value in values.items()},
        )
    raise TypeError(f"{kind} can't be kept in the store")


def _codec_of_record(kind: Any) -> Codec:
    hints = get_type_hints(kind)
    named = [(field.name, codec_of(hints[field.name])) for field in fields(kind)]
    required = {
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }
    decoders = {name: None if codec.is_plain else codec.decode for name, codec in named}

    def encode(record: Any) -> dict[str, Any]:
        return {name: codec.encode(getattr(record, name)) for name, codec in named}

    def decode(written: Mapping[str, Any]) -> Any:
        given = {}
        for name, value in written.items():
            if name in decoders:
                decoder = decoders[name]
                given[name] = value if decoder is None else decoder(value)
        assert required <= given.keys(), f"{kind.__name__} without {required - given.keys()}"
        return kind(**given)

    return Codec(encode, decode)


def _encode_time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat()


def _decode_time(written: str) -> datetime:
    return datetime.fromisoformat(written)
