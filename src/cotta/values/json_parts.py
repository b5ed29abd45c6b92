"""What of a value is known and what is secret, as the JSON of plans and states shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.values.codec_json import encode_plain
from cotta.values.types import ListType, MapType, ObjectType, SetType, TupleType
from cotta.values.value import (
    MapValue,
    Mark,
    Marked,
    Null,
    ObjectValue,
    Unknown,
    children,
    is_container,
    is_wholly_known,
    unmark_deep,
)

if TYPE_CHECKING:
    from cotta.values.json_text import Json
    from cotta.values.value import Container, Value


def known_part(value: Value) -> Json:
    """Return the value without its unknown parts: null in sequences, left out elsewhere.

    An unknown as a whole is null; marks are taken off.
    """
    bare, _ = unmark_deep(value)
    return encode_plain(bare) if is_wholly_known(bare) else _known(bare)


def _known(value: Value) -> Json:
    if type(value) is Unknown:
        return None
    if not is_container(value) or is_wholly_known(value):
        return encode_plain(value)
    if isinstance(value, ObjectValue | MapValue):
        pairs = _pairs(value)
        return {k: _known(v) for k, v in pairs.items() if type(v) is not Unknown}
    return [_known(each) for each in children(value)]


def _pairs(value: ObjectValue | MapValue) -> dict[str, Value]:
    return value.attributes if isinstance(value, ObjectValue) else value.elements


def unknown_parts(value: Value) -> Json:
    """Return true for what is unknown, in the value's own shape; what is known is left out.

    Sequences keep a place for every element, and empty or wholly known
    containers are empty.
    """
    return _unknown(unmark_deep(value)[0])


def _unknown(value: Value) -> Json:
    if type(value) is Unknown:
        return True
    if not is_container(value):
        return False
    if isinstance(value, ObjectValue | MapValue):
        return _truths({k: _unknown(v) for k, v in _pairs(value).items()})
    return [_unknown(each) for each in children(value)]


def _truths(parts: dict[str, Json]) -> dict[str, Json]:
    return {key: part for key, part in parts.items() if part is not False}


def sensitive_parts(value: Value) -> Json:
    """Return true for what is sensitive, in the value's own shape; the rest is left out.

    Of an unknown container nothing is certain, so it is empty.
    """
    if type(value) is Marked:
        if Mark.SENSITIVE in value.marks:
            return True
        value = value.value
    if type(value) is Null:
        return False
    if type(value) is Unknown:
        return _EMPTY.get(type(value.type), lambda: False)()
    if not is_container(value):
        return False
    return _sensitive(value)


_EMPTY: Final = {
    ListType: list,
    SetType: list,
    TupleType: list,
    MapType: dict,
    ObjectType: dict,
}


def _sensitive(value: Container) -> Json:
    if isinstance(value, ObjectValue | MapValue):
        return _truths({k: sensitive_parts(v) for k, v in _pairs(value).items()})
    return [sensitive_parts(each) for each in children(value)]
