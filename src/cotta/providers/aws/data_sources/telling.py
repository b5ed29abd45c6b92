"""Data sources that tell what a resource of the same kind has: its fields, read-only.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.providers.aws.declare import Argument, Nested, block_of, computed
from cotta.schemas.model import Nesting
from cotta.values.types import BOOL, NUMBER, STRING, ListType, MapType, ObjectType, SetType

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cotta.providers.aws.declare import Field, Fields
    from cotta.values.types import Type


def told(fields: Mapping[str, Field], leave_out: Collection[str] = ()) -> dict[str, Argument]:
    """Return fields as attributes that a data source tells; blocks become lists of objects."""
    return {
        name: computed(_type_of(each), sensitive=isinstance(each, Argument) and each.sensitive)
        for name, each in fields.items()
        if name not in leave_out
    }


def _type_of(field: Field) -> Type:
    if not isinstance(field, Nested):
        return field.type
    inner = ObjectType(
        {name: each.type for name, each in told(field.fields).items() if each.type is not None}
    )
    return SetType(inner) if field.nesting is Nesting.SET else ListType(inner)


def as_told(found: Fields, fields: Mapping[str, Field]) -> Fields:
    """Return attributes as data sources store them: with zero values for what is not there."""
    types = block_of(fields).implied_type.attributes
    return {name: _with_zeros(value, types[name]) for name, value in found.items() if name in types}


def _with_zeros(value: Any, type_: Type) -> Any:
    match type_:
        case ObjectType(attributes=inner):
            return {name: _with_zeros(value.get(name), each) for name, each in inner.items()}
        case ListType(element=inner) | SetType(element=inner):
            return [_with_zeros(each, inner) for each in value or ()]
        case MapType():
            return value or {}
    if value is not None:
        return value
    if type_ is BOOL:
        return False
    return 0 if type_ is NUMBER else "" if type_ is STRING else None
