"""The configuration for machines is what terraform 1.11.4 says of the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from cotta.configs.json_config import ConfigurationRenderer
from cotta.configs.loader import load_configuration, manifest_file
from cotta.diagnostics import Diagnostics
from cotta.providers.builtin import terraform_data
from cotta.schemas.model import Schema
from cotta.values.json_text import write_json
from cotta.values.types import STRING, MapType
from tests.support.schemas import a_block, an_attribute

if TYPE_CHECKING:
    from cotta.addrs.providers import ProviderSource
    from cotta.addrs.resources import Resource
    from cotta.configs.model import Configuration

DATA = Path(__file__).parents[1] / "plans" / "data"

AWS = Schema(
    a_block(
        region=an_attribute(STRING, optional=True),
        blocks={"default_tags": a_block(tags=an_attribute(MapType(STRING), optional=True))},
    )
)
REMOTE_STATE = Schema(
    a_block(
        backend=an_attribute(STRING, required=True),
        config=an_attribute("any", optional=True),
        defaults=an_attribute("any", optional=True),
        workspace=an_attribute(STRING, optional=True),
        outputs=an_attribute("any", computed=True),
    )
)
LOCAL_EXEC = Schema(a_block(command=an_attribute(STRING, required=True)))
NOTHING = Schema(a_block())


def resource_schema(_source: ProviderSource, resource: Resource) -> Schema:
    return terraform_data.SCHEMA if resource.type == "terraform_data" else REMOTE_STATE


def provider_schema(source: ProviderSource) -> Schema:
    return AWS if source.type == "aws" else NOTHING


def rendered(root: Configuration) -> object:
    renderer = ConfigurationRenderer(
        root,
        resource_schema=resource_schema,
        provider_schema=provider_schema,
        provisioner_schema=lambda _type: LOCAL_EXEC,
    )
    return json.loads(write_json(renderer.render()))


MANIFEST = (
    '{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"./child","Dir":"child"}]}'
)


def test_a_configuration_is_rendered_as_terraform_does(tmp_path: Path) -> None:
    diags = Diagnostics()
    manifest = manifest_file(tmp_path)
    manifest.parent.mkdir(parents=True)
    manifest.write_text(MANIFEST)
    folder = DATA / "creation"
    root = load_configuration(folder, diags, data_folder=tmp_path, shown_from=folder)
    assert root is not None
    assert list(diags) == []

    recorded = json.loads((DATA / "creation.json").read_text())["configuration"]

    assert rendered(root) == recorded
