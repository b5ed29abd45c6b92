"""When an object is left alone, updated or replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.plans.changes import Action
from cotta.plans.replacement import NoSuchPathError, changed_paths, choose_action
from cotta.values.paths import AttributePath, IndexPath
from cotta.values.types import DYNAMIC, STRING
from cotta.values.value import Null
from tests.support.values import UNKNOWN_STRING, a_list, an_object, secret

if TYPE_CHECKING:
    from cotta.values.paths import Path
    from cotta.values.value import Value

NAME = (AttributePath("name"),)
SECOND = (AttributePath("list"), IndexPath(1))


def thing(name: Value, *elements: Value) -> Value:
    return an_object(name=name, list=a_list(*elements, of=STRING))


@pytest.mark.parametrize(
    ("prior", "planned", "asked", "expected"),
    [
        (thing("a"), thing("a"), (NAME,), ()),
        (thing("a"), thing("b"), (NAME, NAME), (NAME,)),
        (thing("a"), thing(UNKNOWN_STRING), (NAME,), (NAME,)),
        (thing("a"), thing(secret("a")), (NAME,), ()),
        (thing("a", "x"), thing("a", "x", "y"), (SECOND,), (SECOND,)),
        (Null(DYNAMIC), thing("b"), (NAME,), ()),
    ],
)
def test_only_paths_that_change_replace(
    prior: Value, planned: Value, asked: tuple[Path, ...], expected: tuple[Path, ...]
) -> None:
    assert changed_paths(prior, planned, asked) == expected


def test_a_path_to_nowhere_is_told() -> None:
    with pytest.raises(NoSuchPathError) as caught:
        changed_paths(thing("a"), thing("a"), [(AttributePath("nmae"),)])

    assert caught.value.path == (AttributePath("nmae"),)


@pytest.mark.parametrize(
    ("prior", "planned", "replace", "expected"),
    [
        (Null(DYNAMIC), thing("a"), (), Action.CREATE),
        (thing("a"), Null(DYNAMIC), (), Action.DELETE),
        (thing("a"), thing("a"), (), Action.NO_OP),
        (thing("a"), thing("b"), (), Action.UPDATE),
        (thing("a"), thing(secret("a")), (), Action.UPDATE),
        (thing(secret("a")), thing(secret("a")), (), Action.NO_OP),
        (thing(Null(DYNAMIC)), thing(Null(STRING)), (), Action.UPDATE),  # so does terraform
        (thing("a"), thing("b"), (NAME,), Action.DELETE_THEN_CREATE),
    ],
)
def test_an_action_follows_from_the_two_objects(
    prior: Value, planned: Value, replace: tuple[Path, ...], expected: Action
) -> None:
    assert choose_action(prior, planned, replace) == expected


def test_a_replacement_may_create_first() -> None:
    action = choose_action(thing("a"), thing("b"), (NAME,), create_first=True)

    assert action == Action.CREATE_THEN_DELETE
