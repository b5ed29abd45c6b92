"""The native AWS provider declares what the official one does, attribute by attribute."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cotta.providers.aws.provider import AwsProvider
from cotta.providers.aws.table import DATA_SOURCES, RESOURCES
from cotta.providers.options import NO_OPTIONS
from cotta.schemas.json_schema import encode_schema
from cotta.system.clock import SystemClock
from tests.oracle.official_provider import official_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.schemas.model import Schema

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    workspace = official_workspace(tmp_path_factory.mktemp("official"))
    workspace.init()
    told = json.loads(workspace.run("providers", "schema", "-json"))
    found: dict[str, Any] = told["provider_schemas"]["registry.terraform.io/hashicorp/aws"]
    return found


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_a_resource_is_declared_as_officially(name: str, official: dict[str, Any]) -> None:
    assert_same(RESOURCES[name].schema, official["resource_schemas"][name])


@pytest.mark.parametrize("name", sorted(DATA_SOURCES))
def test_a_data_source_is_declared_as_officially(name: str, official: dict[str, Any]) -> None:
    assert_same(DATA_SOURCES[name].schema, official["data_source_schemas"][name])


def test_the_provider_block_is_declared_as_officially(official: dict[str, Any]) -> None:
    ours = AwsProvider(NO_OPTIONS, SystemClock()).schema().provider

    assert_same(ours, official["provider"])


def assert_same(ours: Schema, theirs: dict[str, Any]) -> None:
    mine = encode_schema(ours)
    assert sorted(facts(mine["block"])) == sorted(facts(theirs["block"]))
    assert mine["version"] == theirs["version"]


def facts(block: Any, path: str = "") -> Iterator[str]:
    """Yield a line for each attribute and each type of block, so that a difference can be read.

    Prose is left out: ours is our own.
    """
    for name, attribute in block.get("attributes", {}).items():
        flags = {k: v for k, v in attribute.items() if not k.startswith("description")}
        yield f"{path}{name} {json.dumps(flags, sort_keys=True)}"
    for name, nested in block.get("block_types", {}).items():
        limits = {k: v for k, v in nested.items() if k != "block"}
        yield f"{path}{name} {{}} {json.dumps(limits, sort_keys=True)}"
        yield from facts(nested["block"], f"{path}{name}.")
