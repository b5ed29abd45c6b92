"""Schemas for machines: a block as `providers schema -json` has it, format 1.0 of Terraform's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.values.codec_json import encode_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.schemas.model import Attribute, Block, NestedBlock, Schema
    from cotta.values.json_text import Json


def encode_schema(schema: Schema) -> dict[str, Json]:
    """Return a schema; of an empty one the version alone."""
    record: dict[str, Json] = {"version": schema.version}
    block = schema.block
    if block.attributes or block.blocks or block.description:
        record["block"] = _encode_block(block)
    return record


def _encode_block(block: Block) -> dict[str, Json]:
    record: dict[str, Json] = {}
    if block.attributes:
        record["attributes"] = _encode_attributes(block.attributes)
    if block.blocks:
        blocks = sorted(block.blocks.items())
        record["block_types"] = {name: _encode_nested(each) for name, each in blocks}
    if block.description:
        record["description"] = block.description
    record["description_kind"] = "plain"
    if block.deprecated:
        record["deprecated"] = True
    return record


def _encode_nested(nested: NestedBlock) -> dict[str, Json]:
    record: dict[str, Json] = {
        "nesting_mode": nested.nesting.value,
        "block": _encode_block(nested.block),
    }
    if nested.min_items:
        record["min_items"] = nested.min_items
    if nested.max_items:
        record["max_items"] = nested.max_items
    return record


def _encode_attributes(attributes: Mapping[str, Attribute]) -> dict[str, Json]:
    return {name: _encode_attribute(each) for name, each in sorted(attributes.items())}


def _encode_attribute(attribute: Attribute) -> dict[str, Json]:
    record: dict[str, Json] = {}
    if attribute.nested is not None:
        record["nested_type"] = {
            "attributes": _encode_attributes(attribute.nested.attributes),
            "nesting_mode": attribute.nested.nesting.value,
        }
    elif attribute.type is not None:
        record["type"] = encode_type(attribute.type)
    if attribute.description:
        record["description"] = attribute.description
    record["description_kind"] = "plain"
    for name in ("deprecated", "required", "optional", "computed", "sensitive", "write_only"):
        if getattr(attribute, name):
            record[name] = True
    return record
