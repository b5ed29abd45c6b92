"""Declarations agree with themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.builder.options.tables import (
    ABSENT_DATA_SOURCES,
    ABSENT_POST_PROCESSORS,
    ABSENT_PROVISIONERS,
    ABSENT_SOURCES,
    DATA_SOURCES,
    POST_PROCESSORS,
    PROVISIONERS,
    SOURCES,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.builder.options.declare import Schema

KINDS = {
    **{f"source {name}": schema for name, schema in SOURCES.items()},
    **{f"provisioner {name}": schema for name, schema in PROVISIONERS.items()},
    **{f"post-processor {name}": schema for name, schema in POST_PROCESSORS.items()},
    **{f"data {name}": kind.schema for name, kind in DATA_SOURCES.items()},
}


def _with_nested(schema: Schema) -> Iterator[Schema]:
    yield schema
    for group in schema.groups:
        yield from _with_nested(group.schema)


@pytest.mark.parametrize("name", KINDS)
def test_every_name_is_declared_once(name: str) -> None:
    for schema in _with_nested(KINDS[name]):
        names = [*(each.name for each in schema.options), *(each.name for each in schema.groups)]

        assert len(names) == len(set(names))


@pytest.mark.parametrize("name", KINDS)
def test_rules_are_about_what_is_declared(name: str) -> None:
    for schema in _with_nested(KINDS[name]):
        mentioned = {each for group in (*schema.exclusive, *schema.one_of) for each in group}

        assert mentioned <= {*schema.by_name, *schema.groups_by_name}


@pytest.mark.parametrize("name", KINDS)
def test_a_default_is_one_of_the_choices(name: str) -> None:
    for schema in _with_nested(KINDS[name]):
        for option in schema.options:
            if option.choices and option.default is not None:
                assert option.default in option.choices, option.name


def test_nothing_is_there_and_absent_at_once() -> None:
    assert not SOURCES.keys() & ABSENT_SOURCES.keys()
    assert not PROVISIONERS.keys() & ABSENT_PROVISIONERS.keys()
    assert not POST_PROCESSORS.keys() & ABSENT_POST_PROCESSORS.keys()
    assert not DATA_SOURCES.keys() & ABSENT_DATA_SOURCES.keys()
