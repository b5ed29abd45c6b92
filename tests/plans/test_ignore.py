"""ignore_changes, as terraform was seen to do it with terraform_data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.plans.ignore import ignore_changes
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.types import STRING, MapType
from cotta.values.value import Null, same
from tests.support.schemas import a_block, an_attribute
from tests.support.values import UNKNOWN_STRING, a_map, a_tuple, an_object, secret

if TYPE_CHECKING:
    from cotta.values.paths import Path
    from cotta.values.value import Value

BLOCK = a_block(
    id=an_attribute(STRING, computed=True),
    input=an_attribute("any", optional=True),
    tags=an_attribute(MapType(STRING), optional=True),
)
NO_TAGS = Null(MapType(STRING))


def thing(input: Value = "same", tags: Value = NO_TAGS, id: Value = Null(STRING)) -> Value:  # noqa: B008 - immutable
    return an_object(id=id, input=input, tags=tags)


INPUT = (AttributePath("input"),)
TAGS = (AttributePath("tags"),)


@pytest.mark.parametrize(
    ("path", "prior", "config", "expected"),
    [
        (INPUT, thing("old"), thing("new"), thing("old")),
        (INPUT, thing(secret("old")), thing("new"), thing(secret("old"))),
        (
            (*INPUT, AttributePath("x")),
            thing(an_object(x=1, y=2)),
            thing(an_object(x=10, y=20)),
            thing(an_object(x=1, y=20)),
        ),
        # A key at the end means a map, so the whole of an object is kept.
        (
            (*INPUT, IndexPath("x")),
            thing(an_object(x=1, y=2)),
            thing(an_object(x=10, y=20)),
            thing(an_object(x=1, y=2)),
        ),
        (
            (*INPUT, IndexPath(0)),
            thing(a_tuple(1, 2)),
            thing(a_tuple(10, 20)),
            thing(a_tuple(1, 20)),
        ),
        (
            (*TAGS, IndexPath("x")),
            thing(tags=a_map(x="1", y="2")),
            thing(tags=a_map(x="10", y="20")),
            thing(tags=a_map(x="1", y="20")),
        ),
        (
            (*TAGS, IndexPath("x")),
            thing(tags=a_map(y="2")),
            thing(tags=a_map(x="10", y="20")),
            thing(tags=a_map(y="20")),
        ),
        (
            (*TAGS, IndexPath("x")),
            thing(tags=a_map(x="1")),
            thing(tags=NO_TAGS),
            thing(tags=a_map(x="1")),
        ),
        ((*TAGS, IndexPath("x")), thing(tags=NO_TAGS), thing(), thing()),
        (INPUT, thing("old"), thing(UNKNOWN_STRING), thing("old")),
    ],
)
def test_an_ignored_path_stays_as_it_is(
    path: Path, prior: Value, config: Value, expected: Value
) -> None:
    assert same(ignore_changes(BLOCK, prior, config, (path,)), expected)


def test_all_keeps_everything_but_what_only_the_provider_sets() -> None:
    prior = thing("old", a_map(x="1"), id="i-1")

    assert ignore_changes(BLOCK, prior, thing("new"), None) == thing("old", a_map(x="1"))


def test_a_new_object_ignores_nothing() -> None:
    config = thing("new")

    assert ignore_changes(BLOCK, Null(BLOCK.implied_type), config, None) == config
