"""What a configuration means for an object, without asking anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cotta.providers.aws.checking import check_fields
from cotta.providers.aws.checks import between, same_json
from cotta.providers.aws.connection import prefix_of
from cotta.providers.aws.declare import (
    block,
    block_set,
    blocks,
    computed,
    either,
    optional,
    parse_duration,
    required,
)
from cotta.providers.aws.plain import UNKNOWN, decode, encode
from cotta.providers.aws.planning import merge_found, plan_fields
from cotta.providers.aws.tags import TagSettings
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.types import BOOL, NUMBER, STRING, ListType, MapType, ObjectType, SetType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.declare import Field, Fields
    from cotta.values.paths import Path

FIELDS: Mapping[str, Field] = {
    "id": computed(STRING),
    "name": either(STRING, replaces=True),
    "text": optional(STRING, form=str.strip),
    "flag": optional(BOOL),
    "size": optional(NUMBER, default=8),
    "policy": optional(STRING, same=same_json),
    "ids": optional(SetType(STRING)),
    "disk": block({"gib": either(NUMBER), "kind": optional(STRING, replaces=True)}, computed=True),
    "rule": block_set({"port": required(NUMBER), "note": optional(STRING), "id": computed(STRING)}),
}


def plan(prior: Fields | None, **proposed: Any) -> tuple[Fields, list[Path]]:
    replace: list[Path] = []
    return plan_fields(FIELDS, prior, {"disk": [], "rule": [], **proposed}, replace), replace


PRIOR: Fields = {
    "id": "x-1",
    "name": "made",
    "text": "",
    "flag": False,
    "size": 8,
    "policy": '{"a": 1}',
    "ids": ["a", "b"],
    "disk": [{"gib": 10, "kind": ""}],
    "rule": [{"port": 80, "note": "", "id": "r-1"}],
}


def test_a_new_object_has_defaults_and_unknowns() -> None:
    planned, replace = plan(None, text=" x ", rule=[{"port": 80}])

    assert planned == {
        "id": UNKNOWN,
        "name": UNKNOWN,
        "text": "x",
        "flag": None,
        "size": 8,
        "policy": None,
        "ids": None,
        "disk": UNKNOWN,
        "rule": [{"port": 80, "note": None, "id": UNKNOWN}],
    }
    assert replace == []


def test_what_means_the_same_stays_as_it_is() -> None:
    planned, replace = plan(
        PRIOR,
        id="x-1",
        name="made",
        policy='{"a":1}',
        ids=["b", "a"],
        rule=[{"port": 80}],
    )

    assert planned == PRIOR
    assert replace == []


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({"flag": True}, True),
        ({"size": 9}, 9),
        ({"policy": '{"a":2}'}, '{"a":2}'),
        ({"text": "new"}, "new"),
        ({"ids": ["a", "c"]}, ["a", "c"]),
    ],
)
def test_a_change_is_planned(edit: Fields, expected: Any) -> None:
    planned, replace = plan(PRIOR, **{"name": "made", **edit})

    (name,) = edit
    assert planned[name] == expected
    assert replace == []


def test_what_can_not_change_in_place_is_named() -> None:
    disk = [{"gib": 10, "kind": "fast"}]

    _, replace = plan(PRIOR, name="other", disk=disk)

    assert replace == [
        (AttributePath("name"),),
        (AttributePath("disk"), IndexPath(0), AttributePath("kind")),
    ]


def test_a_value_that_is_not_known_yet_may_be_a_change() -> None:
    _, replace = plan(PRIOR, name=UNKNOWN)

    assert replace == [(AttributePath("name"),)]


def test_what_is_found_keeps_the_words_of_the_plan_where_it_means_the_same() -> None:
    base: Fields = {**PRIOR, "id": UNKNOWN, "text": None, "ids": ["b", "a"]}

    merged = merge_found(FIELDS, base, {"id": "x-2", "text": "", "ids": ["a", "b"], "size": 9})

    assert merged == {**PRIOR, "id": "x-2", "text": None, "ids": ["b", "a"], "size": 9}


CHECKED: Mapping[str, Field] = {
    "a": optional(STRING, exactly_one_of=("a", "b")),
    "b": optional(STRING, exactly_one_of=("a", "b")),
    "c": optional(NUMBER, between(1, 5), required_with=("d",)),
    "d": optional(STRING),
    "inner": blocks({"e": optional(STRING, conflicts_with=("f",)), "f": optional(STRING)}),
}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"a": "x"}, []),
        ({"a": UNKNOWN, "b": "x"}, []),
        ({"a": UNKNOWN}, []),
        ({}, ['One of "a" or "b" needs to be set.']),
        ({"a": "x", "b": "y"}, ['Only one of "a" or "b" can be set, and here are "a" and "b".']),
        ({"a": "x", "c": 6}, ['"c" needs "d" as well.',
                              'The argument "c" needs a number between 1 and 5, and this is 6.']),
        ({"a": "x", "c": 1.5, "d": ""},
         ['The argument "c" needs a whole number, and this is 1.5.']),
        ({"a": "x", "inner": [{}, {"e": "1", "f": "2"}]},
         ['"e" can\'t be set together with "f": take one of them out.']),
        ({"a": "x", "inner": [{"e": UNKNOWN, "f": "2"}]}, []),
    ],
)  # fmt: skip
def test_combinations_and_values_are_checked(config: Fields, expected: list[str]) -> None:
    assert [each.detail for each in check_fields(CHECKED, config)] == expected


TYPE = ObjectType(
    {"l": ListType(NUMBER), "m": MapType(STRING), "s": SetType(STRING), "b": BOOL, "n": STRING}
)


def test_plain_values_and_back() -> None:
    plain = {"b": True, "l": [1, 2.5, UNKNOWN], "m": {"k": "v"}, "n": None, "s": ["a", "b"]}

    assert decode(encode(plain, TYPE)) == plain
    assert decode(encode({**plain, "s": ["b", "a"]}, TYPE)) == plain


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10m", 600), ("1h30m", 5400), ("90s", 90), ("1.5s", 1.5), ("0", 0), ("300ms", 0.3),
     ("", None), ("10", None), ("m", None), ("1d", None), ("10m ", None)],
)  # fmt: skip
def test_durations(text: str, seconds: float | None) -> None:
    found = parse_duration(text)

    assert (None if found is None else found.total_seconds()) == seconds


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("web-20261123010914398400000001", "web-"),
        ("20261123010914398400000001", ""),
        ("web-2026112301091439840000000g", ""),
        ("web", ""),
    ],
)
def test_the_prefix_of_a_name(name: str, prefix: str) -> None:
    assert prefix_of(name) == prefix


SETTINGS = TagSettings(
    default={"Team": "web"}, ignored_keys=frozenset({"k"}), ignored_prefixes=("cost:",)
)


@pytest.mark.parametrize(
    ("found", "own", "expected"),
    [
        ({"Team": "web", "Name": "a"}, {"Name": "a"}, {"Name": "a"}),
        ({"Team": "web"}, {"Team": "web"}, {"Team": "web"}),
        ({"Team": "other"}, None, {"Team": "other"}),
        ({"k": "1", "cost:x": "2", "aws:y": "3"}, {}, {}),
    ],
)
def test_tags_of_the_provider_block_are_not_the_resource_s_own(
    found: dict[str, str], own: dict[str, str] | None, expected: dict[str, str]
) -> None:
    assert SETTINGS.found(found, {"tags": own})["tags"] == expected


def test_in_a_block_that_has_changed_the_rest_stays_in_the_words_of_the_state() -> None:
    base: Fields = {**PRIOR, "disk": [{"gib": 10, "kind": ""}]}

    merged = merge_found(FIELDS, base, {"disk": [{"gib": 20, "kind": None}]})

    assert merged["disk"] == [{"gib": 20, "kind": ""}]
