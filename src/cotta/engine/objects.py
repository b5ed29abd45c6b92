"""Objects between the state, which has JSON, and the engine, which has values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.addrs.resources import Mode
from cotta.schemas.types import sensitive_paths
from cotta.states.model import ObjectStatus, StoredObject
from cotta.values.codec_json import CodecError, decode_json, encode_json
from cotta.values.marking import put_marks, take_marks
from cotta.values.value import Mark, Null, Unknown, is_wholly_known
from cotta.values.walks import transform

if TYPE_CHECKING:
    from cotta.addrs.resources import ConfigResource
    from cotta.engine.planning import Target
    from cotta.providers.interface import Provider, ProviderDiagnostic
    from cotta.schemas.model import Block, Schema
    from cotta.values.paths import Path
    from cotta.values.value import Value

SENSITIVE = frozenset({Mark.SENSITIVE})


@dataclass(frozen=True, slots=True)
class Revived:
    """A stored object as a value of the present schema, without marks."""

    value: Value
    complaints: tuple[ProviderDiagnostic, ...]


def revive(provider: Provider, type_: str, stored: StoredObject) -> Revived:
    """Return a stored object as its provider's present schema has it."""
    answer = provider.upgrade(type_, stored.schema_version, stored.attributes)
    return Revived(answer.state, answer.complaints)


def recall(target: Target, stored: StoredObject) -> Value:
    """Return an object as the state has it, without marks.  Asks nobody but for its form."""
    if target.address.resource.mode is Mode.MANAGED:
        return revive(target.provider, target.type, stored).value
    try:
        return decode_json(stored.attributes, target.schema.block.implied_type)
    except CodecError:
        return Unknown(target.schema.block.implied_type)


def mark_stored(value: Value, stored: StoredObject) -> Value:
    """Return an object's value with the marks that the state remembers."""
    return put_marks(value, [(path, SENSITIVE) for path in stored.sensitive])


def mark_sensitive(value: Value, block: Block) -> Value:
    """Return an object with the parts marked that its schema calls sensitive."""
    return put_marks(value, [(path, SENSITIVE) for path in sensitive_paths(block, value)])


def unknown_as_null(value: Value) -> Value:
    """Return a value with null wherever something is still unknown."""
    if is_wholly_known(value):
        return value

    def close(_path: Path, part: Value) -> Value:
        return Null(part.type) if type(part) is Unknown else part

    return transform(value, close)


def store(
    value: Value,
    schema: Schema,
    *,
    private: bytes = b"",
    status: ObjectStatus = ObjectStatus.READY,
    dependencies: tuple[ConfigResource, ...] = (),
    create_before_destroy: bool = False,
) -> StoredObject:
    """Return a wholly known value, with its marks, as the state keeps it."""
    bare, where = take_marks(value)
    return StoredObject(
        attributes=encode_json(bare, schema.block.implied_type),
        schema_version=schema.version,
        sensitive=tuple(path for path, marks in where if Mark.SENSITIVE in marks),
        private=private,
        status=status,
        dependencies=dependencies,
        create_before_destroy=create_before_destroy,
    )
