"""Stored objects as values: by the provider's schema, or as the file alone tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.schemas.model import Attribute, Block
from cotta.schemas.types import implied_type, sensitive_paths
from cotta.values.codec_json import CodecError, decode_json, decode_type, implied_value
from cotta.values.types import DYNAMIC
from cotta.values.value import Mark, ObjectValue, mark
from cotta.values.walks import same_paths, transform

if TYPE_CHECKING:
    from cotta.schemas.model import Schema
    from cotta.states.model import StoredObject
    from cotta.values.json_text import Json
    from cotta.values.paths import Path
    from cotta.values.value import Value


def decode_attributes(stored: StoredObject, schema: Schema | None) -> tuple[Block, Value]:
    """Return the object's value, sensitive parts marked, and the block that describes it.

    Without a schema, or where the object does not fit it, the block is made
    up: an attribute of any type for each one that is there.
    """
    if schema is not None and not stored.is_flat:
        try:
            value = decode_json(stored.attributes, implied_type(schema.block))
        except CodecError:
            pass
        else:
            paths = (*stored.sensitive, *sensitive_paths(schema.block, value))
            return schema.block, _with_secrets(value, paths)
    tree = stored.attributes if isinstance(stored.attributes, dict) else {}
    attributes = {name: _unwrapped(part) for name, part in tree.items()}
    block = Block(attributes={name: Attribute(type=DYNAMIC, optional=True) for name in attributes})
    return block, _with_secrets(ObjectValue(attributes), stored.sensitive)


def _with_secrets(value: Value, paths: tuple[Path, ...]) -> Value:
    def change(path: Path, part: Value) -> Value:
        is_secret = any(same_paths(path, one) for one in paths)
        return mark(part, Mark.SENSITIVE) if is_secret else part

    return transform(value, change) if paths else value


def _unwrapped(part: Json) -> Value:
    """Return the value of a part; a value that brings its type is taken out."""
    if isinstance(part, dict) and part.keys() == {"value", "type"}:
        try:
            return decode_json(part["value"], decode_type(part["type"]))
        except CodecError:
            pass
    return implied_value(part)
