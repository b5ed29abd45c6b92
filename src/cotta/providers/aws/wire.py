"""Fields as parameters of calls, and parts of answers as fields.

A field `vpc_id` is the member `VpcId`, unless it says otherwise: `wire="VCpuCount"`.  Where a
service has a list of structures of one member and the schema a plain list, the
name says both: `wire="Ipv4Prefixes[].Ipv4Prefix"`; a block of which there is
one at most that is a list all the same ends in `[]`.  A map under the name
`Tags` is a list of keys and values.  `flag=True` is a bool that the schema has as a string.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cotta.providers.aws.declare import Argument, Nested
from cotta.providers.aws.tags import as_dict, as_list
from cotta.values.types import MapType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.declare import Field, Fields


def member(name: str) -> str:
    """Return the usual name of a field on the wire."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def to_wire(fields: Mapping[str, Field], plain: Fields) -> dict[str, Any]:
    """Return a block as a structure, without what is not set: null, "", 0 and empty."""
    structure: dict[str, Any] = {}
    for name, each in fields.items():
        value = plain.get(name)
        if value is None or _is_unset(each, value):
            continue
        outer, _, inner = (each.wire or member(name)).partition("[]")
        if isinstance(each, Nested):
            structure[outer] = _nested_to_wire(each, value, is_list=bool(each.wire.endswith("[]")))
        elif inner:
            structure[outer] = [{inner.removeprefix("."): one} for one in value]
        elif isinstance(each.type, MapType):
            structure[outer] = as_list(value)
        elif each.flag:
            structure[outer] = value in ("true", "1")
        else:
            structure[outer] = value
    return structure


def _is_unset(each: Field, value: Any) -> bool:
    if value in ("", [], {}):
        return True
    if isinstance(each, Nested) or isinstance(value, bool):
        return False
    return value == 0 and not each.keeps_zero


def _nested_to_wire(nested: Nested, value: list[Fields], *, is_list: bool) -> Any:
    if nested.at_most == 1 and not is_list:
        return to_wire(nested.fields, value[0] or {})
    return [to_wire(nested.fields, one) for one in value]


def from_wire(fields: Mapping[str, Field], structure: Mapping[str, Any]) -> Fields:
    """Return a structure of an answer as a block; what it lacks is null, or no block."""
    plain: Fields = {}
    for name, each in fields.items():
        outer, _, inner = (each.wire or member(name)).partition("[]")
        value = structure.get(outer)
        if isinstance(each, Nested):
            plain[name] = _nested_from_wire(each, value)
        elif value is None:
            plain[name] = None
        else:
            plain[name] = _argument_from_wire(each, value, inner.removeprefix("."))
    return plain


def _argument_from_wire(argument: Argument, value: Any, inner: str) -> Any:
    if inner:
        return [one.get(inner) for one in value]
    if isinstance(argument.type, MapType):
        return as_dict(value)
    if argument.flag:
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def _nested_from_wire(nested: Nested, value: Any) -> list[Fields]:
    if value is None:
        return []
    many = value if isinstance(value, list) else [value]
    return [from_wire(nested.fields, one) for one in many]
