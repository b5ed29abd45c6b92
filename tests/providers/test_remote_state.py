"""terraform_remote_state reads outputs as terraform's own does, and refuses as it does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cotta.providers.builtin.provider import BuiltinProvider
from cotta.providers.builtin.remote_state import SCHEMA
from cotta.schemas.blank import coerce
from cotta.system.ids import CountedIds
from cotta.values.paths import AttributePath
from cotta.values.types import DYNAMIC
from cotta.values.value import ANY_NULL, ObjectValue, Unknown
from tests.support.values import UNKNOWN_STRING, a_map, a_tuple, an_object

if TYPE_CHECKING:
    from cotta.values.value import Value


def a_state(**outputs: object) -> bytes:
    record = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "l",
        "outputs": {
            name: {"value": value, "type": "string", "sensitive": True}
            for name, value in outputs.items()
        },
        "resources": [],
        "check_results": None,
    }
    return json.dumps(record).encode()


FILES = {
    "terraform.tfstate": a_state(where="default"),
    "other.tfstate": a_state(where="other"),
    "terraform.tfstate.d/blue/terraform.tfstate": a_state(where="blue"),
    "spaces/blue/terraform.tfstate": a_state(where="blue in spaces"),
    "empty.tfstate": b"",
    "broken.tfstate": b"{",
}
PROVIDER = BuiltinProvider(CountedIds(), FILES.get)


def a_config(backend: Value = "local", **given: Value) -> ObjectValue:
    found = coerce(an_object(backend=backend, **given), SCHEMA.block)
    assert isinstance(found, ObjectValue)
    return found


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "default"),
        ({"config": an_object(path="other.tfstate")}, "other"),
        ({"config": a_map(path="other.tfstate")}, "other"),
        ({"config": an_object(path="other.tfstate"), "workspace": "blue"}, "blue"),
        ({"config": an_object(workspace_dir="spaces"), "workspace": "blue"}, "blue in spaces"),
        ({"workspace": "default"}, "default"),
        ({"defaults": an_object(where="unused")}, "default"),
    ],
)
def test_outputs_come_from_the_state_that_is_meant(given: dict[str, Value], expected: str) -> None:
    config = a_config(**given)

    answer = PROVIDER.read_data("terraform_remote_state", config)

    assert answer.complaints == ()
    assert answer.state == ObjectValue(config.attributes | {"outputs": an_object(where=expected)})


def test_defaults_fill_in_what_the_state_lacks() -> None:
    config = a_config(defaults=an_object(where="unused", more=1))

    answer = PROVIDER.read_data("terraform_remote_state", config)

    assert isinstance(answer.state, ObjectValue)
    assert answer.state.attributes["outputs"] == an_object(where="default", more=1)


@pytest.mark.parametrize(
    ("path", "summary"),
    [
        ("none.tfstate", "Unable to find remote state"),
        ("empty.tfstate", "Unable to find remote state"),
        ("broken.tfstate", "Error loading state error"),
    ],
)
def test_a_state_that_is_not_there_or_not_readable_is_a_complaint(path: str, summary: str) -> None:
    answer = PROVIDER.read_data("terraform_remote_state", a_config(config=an_object(path=path)))

    assert [found.summary for found in answer.complaints] == [summary]


BACKEND = "Invalid backend configuration"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (a_config(), []),
        (a_config(UNKNOWN_STRING, config=Unknown(DYNAMIC)), []),
        (a_config(config=an_object(path=UNKNOWN_STRING)), []),
        (a_config("nonsense"), [(BACKEND, "backend")]),
        (a_config("s3"), [(BACKEND, "backend")]),
        (a_config(config=an_object(path="x", nope=1)), [(BACKEND, "config")]),
        (a_config(config="x"), [(BACKEND, "config")]),
        (a_config(config=a_tuple(UNKNOWN_STRING)), [(BACKEND, "config")]),
        (a_config(defaults=3), [("Invalid default values", "defaults")]),
        (a_config(config=ANY_NULL, defaults=ANY_NULL), []),
    ],
)
def test_mistakes_are_told_at_the_argument(config: Value, expected: list[tuple[str, str]]) -> None:
    found = PROVIDER.validate_data("terraform_remote_state", config)

    assert [(each.summary, each.path) for each in found] == [
        (summary, (AttributePath(name),)) for summary, name in expected
    ]


def test_the_provider_brings_its_three_functions() -> None:
    assert sorted(PROVIDER.schema().functions) == ["decode_tfvars", "encode_expr", "encode_tfvars"]
