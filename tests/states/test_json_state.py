"""The state for machines is what `terraform show -json` 1.11.4 says of the same file."""

from __future__ import annotations

import json
from pathlib import Path

from cotta.addrs.resources import AbsResource, Mode, Resource
from cotta.diagnostics import Diagnostics
from cotta.providers.builtin import terraform_data
from cotta.states.json_state import render_state
from cotta.states.model import State, StoredInstance, StoredObject, StoredResource
from cotta.states.statefile import parse_state
from cotta.values.json_text import write_json
from tests.support.plans import TERRAFORM_DATA

DATA = Path(__file__).parent / "data"


def test_a_state_is_rendered_as_terraform_does() -> None:
    diags = Diagnostics()
    snapshot = parse_state((DATA / "shown.tfstate").read_bytes(), "shown.tfstate", diags)
    assert snapshot is not None
    assert list(diags) == []

    rendered = render_state(snapshot.state, lambda *_: terraform_data.SCHEMA, version="1.11.4")

    recorded = json.loads((DATA / "shown.json").read_text())
    assert json.loads(write_json(rendered)) == recorded
    assert list(rendered) == list(recorded)


def test_an_empty_state_has_its_format_only() -> None:
    assert render_state(State(), lambda *_: None, version="1.11.4") == {"format_version": "1.0"}


def test_an_object_that_nobody_knows_is_shown_as_it_is_stored() -> None:
    address = AbsResource((), Resource(Mode.MANAGED, "other_thing", "x"))
    stored = StoredObject(attributes={"id": "1"}, schema_version=3)
    instance = StoredInstance(None, {"0a1b2c3d": stored})
    state = State({address: StoredResource(address, TERRAFORM_DATA, {None: instance})})

    rendered = render_state(state, lambda *_: None, version="1.11.4")

    assert rendered["values"] == {
        "root_module": {
            "resources": [
                {
                    "address": "other_thing.x",
                    "mode": "managed",
                    "type": "other_thing",
                    "name": "x",
                    "provider_name": "terraform.io/builtin/terraform",
                    "schema_version": 3,
                    "values": {"id": "1"},
                    "sensitive_values": {},
                    "deposed_key": "0a1b2c3d",
                }
            ]
        }
    }
