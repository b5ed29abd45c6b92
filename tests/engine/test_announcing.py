"""What a provider is told of before a plan reads anything."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from cotta.addrs.parse import parse_target
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.engine.world import PlanOptions
from cotta.plans.changes import PlanMode
from cotta.values.value import ObjectValue
from tests.support.engine import Stage
from tests.support.scripted_provider import Call, Trouble

BEFORE = """
resource "scripted_thing" "a" { name = "a" }
resource "scripted_thing" "many" {
  count = 3
  name  = "many-${count.index}"
}
resource "scripted_thing" "gone" { name = "gone" }
resource "terraform_data" "instant" { input = "x" }
"""
AFTER = """
resource "scripted_thing" "a" { name = "a" }
resource "scripted_thing" "many" {
  count = 2
  name  = "many-${count.index}"
}
resource "scripted_thing" "new" { name = "new" }
resource "terraform_data" "instant" { input = "x" }
"""
ALL = ["a", "gone", "many-0", "many-1", "many-2"]


@dataclass
class Told:
    """The names that were announced, for each time, and those that were read."""

    announced: list[list[str]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)


def plan(stage: Stage, text: str, options: PlanOptions | None = None) -> Told:
    """Plan, and return what the provider was told and asked."""
    planning = stage.plan(text, options)
    assert not planning.has_errors
    provider = stage.scripted
    return Told(
        announced=[
            sorted(_name(one.current) for one in requests) for requests in provider.announced
        ],
        read=sorted(call.name for call in provider.calls if call.kind == "read"),
    )


def _name(value: object) -> str:
    assert isinstance(value, ObjectValue)
    name = value.attributes["name"]
    assert isinstance(name, str)
    return name


def a_stage(text: str = BEFORE) -> Stage:
    stage = Stage()
    assert not stage.apply(text).has_errors
    return stage


def test_everything_that_is_read_is_announced_once_before_it() -> None:
    stage = a_stage()

    told = plan(stage, AFTER)

    assert told == Told([ALL], ALL)
    calls = [call.kind for call in stage.scripted.calls]
    assert calls.index("configure") < calls.index("announce") < calls.index("read")


def test_what_is_announced_is_what_will_be_read() -> None:
    stage = a_stage()

    stage.plan(AFTER)

    provider = stage.scripted
    requests = {_name(one.current): one for one in provider.announced[0]}
    assert requests["a"].type == "scripted_thing"
    assert requests["a"].private == b"applied"
    assert requests["a"].current == stage.remote.objects["obj-1"]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (PlanOptions(refresh=False), None),
        (PlanOptions(mode=PlanMode.DESTROY), ALL),
        (PlanOptions(mode=PlanMode.REFRESH_ONLY), ALL),
    ],
    ids=["no refresh", "destroy", "refresh only"],
)
def test_it_is_announced_as_far_as_the_mode_reads(
    options: PlanOptions, names: list[str] | None
) -> None:
    told = plan(a_stage(), AFTER, options)

    assert told == Told([names] if names else [], names or [])


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("scripted_thing.a", ["a"]),
        ("scripted_thing.many[1]", ["many-1"]),
        ("scripted_thing.gone", ["gone"]),
        ("terraform_data.instant", None),
    ],
)
def test_with_a_target_only_its_part_is_announced(target: str, names: list[str] | None) -> None:
    address = parse_target(target, Diagnostics(), name="target")
    assert address is not None

    told = plan(a_stage(), AFTER, PlanOptions(targets=(address,)))

    assert told == Told([names] if names else [], names or [])


def test_what_is_put_aside_is_read_too() -> None:
    first = """
    resource "scripted_thing" "a" {
      name = "a"
      lifecycle { create_before_destroy = true }
    }
    """
    second = first.replace('name = "a"', 'name = "b"')
    stage = a_stage(first)
    stage.script.named["apply", ""] = Trouble.FAIL
    assert stage.apply(second).has_errors
    stage.script.named.clear()

    told = plan(stage, second)

    assert told == Told([["a", "b"]], ["a", "b"])


def test_what_is_only_forgotten_is_not_announced() -> None:
    stage = a_stage('resource "scripted_thing" "a" { name = "a" }')
    text = "removed {\n from = scripted_thing.a\n lifecycle { destroy = false }\n}"

    told = plan(stage, text)

    assert told == Told([], [])


def test_without_a_state_nothing_is_announced() -> None:
    stage = Stage()

    told = plan(stage, AFTER)

    assert told == Told([], [])
    assert Call("announce") not in stage.scripted.calls


def test_an_object_that_does_not_fit_the_schema_is_told_of_once() -> None:
    stage = a_stage('resource "scripted_thing" "a" { name = "a" }')
    [resource] = stage.state.resources.values()
    [instance] = resource.instances.values()
    assert instance.current is not None
    assert isinstance(instance.current.attributes, dict)
    instance.current.attributes["no such"] = 1

    planning = stage.plan(AFTER)

    assert len([one for one in planning.diagnostics if "no such" in one.summary]) == 1
    assert stage.scripted.announced == []
