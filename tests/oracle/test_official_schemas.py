"""The recorder of the official provider's schemas, and the comparison with ours."""

from __future__ import annotations

from typing import Any

import pytest

from cotta.schemas.json_schema import encode_schema
from cotta.schemas.model import Attribute, Block, NestedBlock, Nesting, Schema
from cotta.values.types import BOOL, STRING
from tests.oracle.official_schemas import differences

A_SCHEMA = Schema(
    Block(
        attributes={
            "name": Attribute(type=STRING, optional=True, computed=True),
            "secret": Attribute(type=STRING, optional=True, sensitive=True),
        },
        blocks={
            "rule": NestedBlock(
                nesting=Nesting.LIST,
                max_items=1,
                block=Block(attributes={"open": Attribute(type=BOOL, required=True)}),
            )
        },
    ),
    version=1,
)


def test_a_schema_does_not_differ_from_itself() -> None:
    assert differences(A_SCHEMA, encode_schema(A_SCHEMA)) == []


def test_every_kind_of_difference_is_found() -> None:
    record: Any = encode_schema(A_SCHEMA)
    block = record["block"]
    block["attributes"]["name"]["computed"] = False
    block["attributes"]["new"] = {"type": "string", "optional": True}
    block["block_types"]["rule"]["max_items"] = 2
    block["block_types"]["rule"]["block"]["attributes"]["open"]["type"] = "string"
    record["version"] = 2

    found = [line.partition(": ")[0] for line in differences(A_SCHEMA, record)]

    assert found == ["name", "new", "rule", "rule.open", "version"]


@pytest.mark.oracle
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["", "_listener", "_listener_rule", "_target_group", "_target_group_attachment"]
)
def test_official_schemas_of_both_names_are_the_same(official: dict[str, Any], name: str) -> None:
    resources = official["resources"]

    assert resources[f"aws_alb{name}"] == resources[f"aws_lb{name}"]
