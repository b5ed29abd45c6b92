"""Moving, removing and finding by address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.addrs.parse import parse_target
from cotta.diagnostics import Diagnostics
from cotta.states.compare import copy_state
from cotta.states.editing import EditError, instances_of, move, move_between, remove, select
from cotta.states.journal import ObjectSet, apply_step
from tests.support.states import PROVIDER, a_state, an_address, an_object

if TYPE_CHECKING:
    from cotta.states.model import State


def target(text: str):  # type: ignore[no-untyped-def]  # a Target, or the test fails
    found = parse_target(text, Diagnostics())
    assert found is not None
    return found


def counted() -> State:
    """Return a state with a[0], a[1], and b made after a."""
    state = a_state(b=an_object("b", after=("a",)))
    for key in (0, 1):
        apply_step(state, ObjectSet(an_address("a", key), PROVIDER, an_object(str(key))))
    return state


def after_of_b(state: State) -> list[str]:
    current = state.resources[an_address("b").of].instances[None].current
    assert current is not None
    return [str(block) for block in current.dependencies]


def test_what_was_made_after_a_moved_resource_still_is() -> None:
    state = counted()

    move(state, target("terraform_data.a"), target("module.m.terraform_data.c"))

    assert [str(one) for one in instances_of(state)] == [
        "terraform_data.b",
        "module.m.terraform_data.c[0]",
        "module.m.terraform_data.c[1]",
    ]
    assert after_of_b(state) == ["module.m.terraform_data.c"]


def test_what_stays_behind_stays_a_dependency() -> None:
    state = counted()

    move(state, target("terraform_data.a[0]"), target("terraform_data.c"))

    assert after_of_b(state) == ["terraform_data.a", "terraform_data.c"]


def test_moving_a_module_takes_all_inside() -> None:
    state = counted()
    move(state, target("terraform_data.a"), target("module.m[0].module.n.terraform_data.a"))

    move(state, target("module.m[0]"), target("module.o.module.p"))

    assert [str(one) for one in select(state, target("module.o"))] == [
        "module.o.module.p.module.n.terraform_data.a[0]",
        "module.o.module.p.module.n.terraform_data.a[1]",
    ]
    assert after_of_b(state) == ["module.o.module.p.module.n.terraform_data.a"]


def test_removing_the_last_instance_removes_the_resource() -> None:
    state = counted()
    for key in (0, 1):
        remove(state, an_address("a", key))

    assert state == a_state(b=an_object("b", after=("a",)))


def test_moving_between_states_loses_nothing() -> None:
    state, other = counted(), a_state(z=an_object("z"))

    move_between(state, other, target("terraform_data.a[1]"), target("terraform_data.c"))

    assert [str(one) for one in instances_of(state)] == ["terraform_data.a[0]", "terraform_data.b"]
    assert other == a_state(z=an_object("z"), c=an_object("1"))


@pytest.mark.parametrize(
    ("source", "to", "summary"),
    [
        ("terraform_data.x", "terraform_data.y", "Invalid source address"),
        ("module.x", "module.y", "Invalid source address"),
        ("terraform_data.a", "terraform_data.b", "Invalid target address"),
        ("terraform_data.a", "terraform_data.c[0]", "Invalid target address"),
        ("terraform_data.a[0]", "terraform_data.a[1]", "Invalid target address"),
        ("terraform_data.a", "module.m", "Invalid target address"),
        ("module.m", "terraform_data.a", "Invalid target address"),
        ("terraform_data.b", "null_resource.b", "Invalid state move request"),
    ],
)
def test_impossible_moves_change_nothing(source: str, to: str, summary: str) -> None:
    state = counted()
    before = copy_state(state)

    with pytest.raises(EditError) as caught:
        move(state, target(source), target(to))

    assert caught.value.summary == summary
    assert state == before
