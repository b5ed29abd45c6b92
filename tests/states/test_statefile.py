"""State files: text to state and back, and what is said about broken ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.diagnostics import Diagnostics
from cotta.states.encode import encode_state
from cotta.states.statefile import parse_state
from tests.support.states import SNAPSHOTS, a_snapshot, a_state, an_object

if TYPE_CHECKING:
    from cotta.states.model import Snapshot


@given(SNAPSHOTS)
def test_written_state_is_read_back(snapshot: Snapshot) -> None:
    diags = Diagnostics()
    content = encode_state(snapshot)

    found = parse_state(content, "terraform.tfstate", diags)

    assert list(diags) == []
    assert found is not None
    assert found == snapshot
    assert encode_state(found) == content


def test_empty_file_holds_no_snapshot() -> None:
    diags = Diagnostics()

    assert parse_state(b" \n", "terraform.tfstate", diags) is None
    assert not diags.has_errors


def test_what_newer_terraforms_add_is_passed_over() -> None:
    written = json.loads(encode_state(a_snapshot(a_state(a=an_object("1")))))
    written["future"] = {"x": [1]}
    written["resources"][0]["each"] = "list"
    written["resources"][0]["instances"][0]["identity_schema_version"] = 3
    diags = Diagnostics()

    found = parse_state(json.dumps(written).encode(), "s", diags)

    assert list(diags) == []
    assert found == a_snapshot(a_state(a=an_object("1")))


def broken(old: str, new: str) -> bytes:
    text = encode_state(a_snapshot(a_state(a=an_object("1", after=("b",))))).decode()
    assert old in text
    return text.replace(old, new).encode()


@pytest.mark.parametrize(
    ("content", "summary", "line"),
    [
        (b"{", "Unsupported state file format", 1),
        (b"[]", "Unsupported state file format", 1),
        (b"{}", "Unsupported state file format", 1),
        (b'{"version": "4"}', "Unsupported state file format", 1),
        (b'{"version": 0}', "Unsupported state file format", 1),
        (b'{"version": true}', "Unsupported state file format", 1),
        (b'{"version": 5}', "Unsupported state file format", 1),
        (b'{"version": 1}', "Unsupported state file format", 1),
        (b'{"version": 3,\n "modules": [1]}', "Invalid state file format", 2),
        (b'{"version": 3,\n "modules": [{"path": ["x"]}]}', "Invalid state file format", 2),
        (broken('"serial": 1', '"serial": -1'), "Invalid state file format", 4),
        (broken('"serial": 1', '"serial": "1"'), "Invalid state file format", 4),
        (broken('"1.11.4"', '"x"'), "Invalid Terraform version string", 3),
        (broken('"managed"', '"weird"'), "Invalid resource mode in state", 9),
        (broken('"provider": "', '"provider": "x '), "Invalid character", 12),
        (broken('"name": "a"', '"name": 1'), "Invalid state file format", 11),
        (broken('"terraform_data.b"', '"x"'), "Invalid address", 24),
        (
            broken('"schema_version": 0', '"status": "bad"'),
            "Invalid resource instance metadata in state",
            15,
        ),
        (
            broken('"schema_version": 0', '"index_key": true'),
            "Invalid resource instance metadata in state",
            15,
        ),
        (
            broken('"schema_version": 0', '"deposed": "12"'),
            "Invalid resource instance metadata in state",
            15,
        ),
        (broken('"schema_version": 0', '"private": "="'), "Invalid state file format", 15),
        (
            broken('"sensitive_attributes": []', '"sensitive_attributes": [{}]'),
            "Error unmarshaling path steps",
            22,
        ),
        (
            broken('"sensitive_attributes": []', '"sensitive_attributes": [[{"type": "x"}]]'),
            "Unsupported path step",
            22,
        ),
        (
            broken('"instances": [', '"instances": [{},{},'),
            "Duplicate resource instance in state",
            13,
        ),
        (
            broken('"outputs": {}', '"outputs": {"a": {"value": 1, "type": "list"}}'),
            "Invalid output value type in state",
            6,
        ),
        (
            broken('"outputs": {}', '"outputs": {"a": {"value": 1, "type": ["list", "string"]}}'),
            "Invalid output value saved in state",
            6,
        ),
        (broken('"resources": [', '"resources": 1, "x": ['), "Invalid state file format", 7),
    ],
)
def test_broken_files_are_refused_with_the_place(content: bytes, summary: str, line: int) -> None:
    diags = Diagnostics()

    assert parse_state(content, "terraform.tfstate", diags) is None

    mistake = next(iter(diags))
    assert mistake.subject is not None
    assert (mistake.summary, mistake.subject.first.line) == (summary, line)


def test_every_mistake_is_reported() -> None:
    content = json.loads(encode_state(a_snapshot(a_state(a=an_object("1"), b=an_object("2")))))
    content["resources"][0]["mode"] = "weird"
    content["resources"][1]["instances"][0]["status"] = "bad"
    diags = Diagnostics()

    parse_state(json.dumps(content).encode(), "s", diags)

    assert [mistake.summary for mistake in diags] == [
        "Invalid resource mode in state",
        "Invalid resource instance metadata in state",
    ]


WHOLE = encode_state(a_snapshot(a_state(a=an_object("1", after=("b",), x={"y": [1, "é<"]}))))


@given(st.integers(0, len(WHOLE.rstrip()) - 1))
def test_file_cut_short_anywhere_is_refused(length: int) -> None:
    diags = Diagnostics()

    found = parse_state(WHOLE[:length], "s", diags)

    assert found is None
    assert diags.has_errors == bool(WHOLE[:length].strip())


@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=3))
def test_file_changed_anywhere_is_read_or_refused(at: int, insert: bytes) -> None:
    diags = Diagnostics()

    found = parse_state(WHOLE[:at] + insert + WHOLE[at + 1 :], "s", diags)

    assert (found is None) == diags.has_errors


def test_flat_objects_stay_flat() -> None:
    old = {
        "version": 3,
        "serial": 4,
        "lineage": "l",
        "modules": [
            {
                "path": ["root", "m"],
                "resources": {
                    "a_b.c.1": {"primary": {"attributes": {"id": "1", "t.%": "0"}}},
                },
            }
        ],
    }
    diags = Diagnostics()

    found = parse_state(json.dumps(old).encode(), "s", diags)

    assert list(diags) == []
    assert found is not None
    [resource] = found.state.resources.values()
    assert str(resource.address) == "module.m.a_b.c"
    [(key, instance)] = resource.instances.items()
    assert instance.current is not None
    assert (key, instance.current.is_flat) == (1, True)
    assert instance.current.attributes == {"id": "1", "t.%": "0"}
    assert b'"attributes_flat": {' in encode_state(found)
