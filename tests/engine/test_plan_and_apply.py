from __future__ import annotations

from dataclasses import replace

import pytest

from cotta.addrs.parse import parse_instance, parse_target
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.engine.apply_walk import apply_plan
from cotta.engine.events import ApplyFinished, ApplyStarted
from cotta.engine.world import PlanOptions
from cotta.plans.changes import PlanMode, Reason, is_applyable
from tests.support.engine import Stage, a_configuration
from tests.support.scripted_provider import Script, Trouble, at

ONE = 'resource "scripted_thing" "a" { name = "one" }'
RENAMED = 'resource "scripted_thing" "a" { name = "two" }'
CREATE_FIRST = """
resource "scripted_thing" "a" {
  name = "%s"
  lifecycle { create_before_destroy = true }
}
"""
CHAIN = """
resource "scripted_thing" "a" { name = "%s" }
resource "scripted_thing" "b" {
  name  = "b"
  after = scripted_thing.a.id
  note  = scripted_thing.a.name
}
"""


def targets(*texts: str) -> PlanOptions:
    found = tuple(parse_target(text, Diagnostics()) for text in texts)
    return PlanOptions(targets=tuple(one for one in found if one is not None))


def steps(stage: Stage) -> list[str]:
    """Return the names of objects as their changes began (+) and ended (-)."""
    signs = {ApplyStarted: "+", ApplyFinished: "-"}
    return [
        signs[type(event)] + event.subject.address.resource.name
        for event in stage.events
        if isinstance(event, ApplyStarted | ApplyFinished)
    ]


def test_what_is_declared_is_made_and_then_left_alone() -> None:
    stage = Stage()

    stage.apply(ONE)

    assert stage.current("scripted_thing.a")["name"] == "one"
    assert stage.remembered() == set(stage.remote.objects)
    assert stage.actions(stage.plan(ONE)) == {}


def test_an_update_happens_in_place() -> None:
    stage = Stage()
    stage.apply(ONE)
    before = stage.current("scripted_thing.a")["id"]

    changed = 'resource "scripted_thing" "a" {\n name = "one"\n note = "new"\n}'
    assert stage.actions(stage.plan(changed)) == {"scripted_thing.a": "~"}
    stage.apply(changed)

    assert stage.current("scripted_thing.a")["id"] == before
    assert stage.current("scripted_thing.a")["note"] == "new"


def test_what_cannot_change_is_replaced() -> None:
    stage = Stage()
    stage.apply(ONE)

    planning = stage.plan(RENAMED)
    (change,) = planning.plan.changes
    stage.apply(RENAMED)

    assert (change.action.value, change.reason) == ("-/+", Reason.REPLACE_CANNOT_UPDATE)
    assert len(stage.remote.objects) == 1
    assert stage.remembered() == set(stage.remote.objects)


def test_what_is_no_longer_declared_is_destroyed() -> None:
    stage = Stage()
    stage.apply(ONE)

    planning = stage.plan("")
    (change,) = planning.plan.changes
    stage.apply("")

    assert (change.action.value, change.reason) == ("-", Reason.DELETE_NO_CONFIG)
    assert stage.remote.objects == {}
    assert stage.state.is_empty


def test_create_before_destroy_is_forced_onto_what_it_depends_on() -> None:
    stage = Stage()
    first = (CHAIN % "one").replace(
        'name  = "b"', 'name  = "b"\n lifecycle { create_before_destroy = true }'
    )
    stage.apply(first)

    again = first.replace('"one"', '"two"')
    planning = stage.plan(again)

    assert stage.actions(planning) == {"scripted_thing.a": "+/-", "scripted_thing.b": "~"}


def test_objects_are_made_in_order_and_ended_in_reverse() -> None:
    stage = Stage()
    stage.apply(CHAIN % "one")
    assert [entry[0] for entry in stage.ledger.entries] == ["scripted_thing.a", "scripted_thing.b"]
    stage.ledger.entries.clear()

    stage.apply(CHAIN % "one", PlanOptions(mode=PlanMode.DESTROY))

    assert [entry[0] for entry in stage.ledger.entries] == ["scripted_thing.b", "scripted_thing.a"]
    assert stage.remote.objects == {}


@pytest.mark.parametrize("create_first", [False, True])
def test_what_ends_above_an_object_ends_before_it_is_changed(create_first: bool) -> None:
    first = f"lifecycle {{ create_before_destroy = {str(create_first).lower()} }}"
    below = 'resource "scripted_thing" "a" {\n name = "%s"\n note = "%s"\n ' + first + "\n}"
    above = """
    resource "scripted_thing" "b" {
      name  = "b"
      after = scripted_thing.a.id
    }
    resource "scripted_thing" "c" {
      name  = "c"
      after = scripted_thing.b.id
    }
    """
    stage = Stage()
    stage.apply(below % ("one", "old") + above)
    stage.events.clear()

    stage.apply(below % ("two" if create_first else "one", "new"))

    assert steps(stage)[:5] == ["+c", "-c", "+b", "-b", "+a"]


def test_what_will_stand_on_an_object_ends_before_that_is_changed() -> None:
    below = 'resource "scripted_thing" "a" {\n name = "one"\n note = "%s"\n}\n'
    above = 'resource "scripted_thing" "b" {\n name = "%s"\n %s\n}\n'
    top = 'resource "scripted_thing" "c" {\n name = "c"\n after = scripted_thing.b.id\n}\n'
    between = 'resource "scripted_thing" "d" {\n name = "d"\n after = scripted_thing.a.id\n}\n'
    stage = Stage()
    stage.apply(below % "old" + above % ("one", "") + top)
    stage.events.clear()

    stage.apply(below % "new" + between + above % ("two", "after = scripted_thing.d.id"))

    assert steps(stage) == ["+c", "-c", "+b", "-b", "+a", "-a", "+d", "-d", "+b", "-b"]


def test_a_state_that_has_lost_flags_makes_no_circle() -> None:
    block = 'resource "scripted_thing" "%s" {\n name = "%s"\n note = "%s"\n %s\n}\n'
    after = "after = scripted_thing.%s.id"
    stage = Stage()
    stage.apply(
        block % ("a", "a", "old", "")
        + block % ("b", "b", "", after % "a")
        + block % ("c", "c", "", after % "b")
        + block % ("d", "d", "old", after % "c")
    )
    (late,) = (one for key, one in stage.state.resources.items() if str(key).endswith(".c"))
    current = late.instances[None].current
    assert current is not None
    late.instances[None].current = replace(current, create_before_destroy=True)

    stage.apply(block % ("a", "a", "new", "") + block % ("d", "d", "new", after % "a"))

    assert stage.remembered() == set(stage.remote.objects)
    assert len(stage.remote.objects) == 2


@pytest.mark.parametrize("trouble", [Trouble.FAIL, Trouble.PARTIAL])
def test_a_failed_replacement_keeps_the_object_that_was_there(trouble: Trouble) -> None:
    stage = Stage()
    stage.apply(CREATE_FIRST % "one")
    good = stage.current("scripted_thing.a")["id"]
    stage.script = at("apply", 1, trouble)

    done = stage.apply(CREATE_FIRST % "two")

    assert done.has_errors
    assert stage.current("scripted_thing.a")["id"] == good
    assert stage.remembered() == set(stage.remote.objects) == {good}
    stage.script = Script()
    stage.apply(CREATE_FIRST % "two")
    assert stage.actions(stage.plan(CREATE_FIRST % "two")) == {}


def test_a_new_object_that_is_not_in_order_is_tainted_and_replaced() -> None:
    stage = Stage()
    stage.script = at("apply", 1, Trouble.PARTIAL)
    stage.apply(ONE)
    stage.script = Script()

    planning = stage.plan(ONE)
    (change,) = planning.plan.changes
    stage.apply(ONE)

    assert change.reason is Reason.REPLACE_TAINTED
    assert stage.remembered() == set(stage.remote.objects)
    assert stage.actions(stage.plan(ONE)) == {}


@pytest.mark.parametrize("number", range(1, 12))
@pytest.mark.parametrize("trouble", [Trouble.FAIL, Trouble.PARTIAL])
def test_nothing_made_is_forgotten_whichever_call_fails(number: int, trouble: Trouble) -> None:
    stage = Stage()
    before = (CHAIN % "one") + 'resource "scripted_thing" "gone" { name = "gone" }'
    after = (CHAIN % "two") + 'resource "scripted_thing" "new" { name = "new" }'
    stage.apply(before)
    planning = stage.plan(after)
    assert not planning.has_errors
    stage.script = at("any", number, trouble)

    stage.state = apply_plan(stage.world(a_configuration(after)), planning.plan, stage.ledger).state

    assert stage.remembered() == set(stage.remote.objects)
    stage.script = Script()
    stage.apply(after)
    assert stage.actions(stage.plan(after)) == {}
    assert len(stage.remote.objects) == 3


def test_count_shrinks_from_the_end() -> None:
    stage = Stage()
    counted = 'resource "scripted_thing" "a" {\n count = %d\n name = "n${count.index}"\n}'
    stage.apply(counted % 3)

    planning = stage.plan(counted % 1)

    assert stage.actions(planning) == {"scripted_thing.a[1]": "-", "scripted_thing.a[2]": "-"}
    assert {c.reason for c in planning.plan.changes if c.action.value == "-"} == {
        Reason.DELETE_COUNT_INDEX
    }


def test_gaining_count_keeps_the_object() -> None:
    stage = Stage()
    stage.apply(ONE)

    planning = stage.plan('resource "scripted_thing" "a" {\n count = 1\n name = "one"\n}')

    assert stage.actions(planning) == {}
    assert [str(c.previous_address) for c in planning.plan.changes] == ["scripted_thing.a"]


def test_a_moved_block_keeps_the_object() -> None:
    stage = Stage()
    stage.apply(ONE)
    moved = """
    resource "scripted_thing" "b" { name = "one" }
    moved {
      from = scripted_thing.a
      to   = scripted_thing.b
    }
    """

    assert stage.actions(stage.plan(moved)) == {}
    before = stage.remembered()
    stage.apply(moved)
    assert stage.remembered() == before


def test_an_object_that_was_never_in_order_ends_without_its_provisioners() -> None:
    stage = Stage()
    text = """
    resource "scripted_thing" "a" {
      name = "one"
      provisioner "local-exec" {
        when    = destroy
        command = "false"
      }
    }
    """
    stage.script = at("apply", 1, Trouble.PARTIAL)
    stage.apply(text)
    stage.script = Script()

    done = stage.apply(text, PlanOptions(mode=PlanMode.DESTROY))

    assert done.diagnostics == ()
    assert stage.remote.objects == {}


@pytest.mark.parametrize("mode", [PlanMode.REFRESH_ONLY, PlanMode.DESTROY])
def test_what_is_found_gone_is_unknown_to_others(mode: PlanMode) -> None:
    stage = Stage()
    text = ONE + '\noutput "id" { value = "x-${scripted_thing.a.id}" }\n'
    stage.apply(text)
    stage.remote.objects.clear()

    done = stage.apply(text, PlanOptions(mode=mode))

    assert done.diagnostics == ()
    assert stage.remembered() == set()


def test_a_removed_block_forgets_without_destroying() -> None:
    stage = Stage()
    stage.apply(ONE)
    removed = """
    removed {
      from = scripted_thing.a
      lifecycle { destroy = false }
    }
    """

    assert stage.actions(stage.plan(removed)) == {"scripted_thing.a": "."}
    stage.apply(removed)
    assert stage.state.is_empty
    assert len(stage.remote.objects) == 1


def test_modules_have_their_own_names_and_hand_values_up() -> None:
    stage = Stage()
    child = """
    variable "name" { type = string }
    resource "scripted_thing" "a" { name = var.name }
    output "id" { value = scripted_thing.a.id }
    """
    root = """
    module "m" {
      source   = "./m"
      for_each = toset(["x", "y"])
      name     = each.key
    }
    resource "scripted_thing" "top" {
      name = "top"
      note = join(",", [for k, m in module.m : k])
      after = module.m["x"].id
    }
    """

    stage.apply(root, m=child)

    first = stage.current('module.m["x"].scripted_thing.a')
    assert first["name"] == "x"
    assert stage.current("scripted_thing.top")["note"] == "x,y"
    assert stage.actions(stage.plan(root, m=child)) == {}


def test_only_targets_and_what_they_need_are_planned() -> None:
    stage = Stage()
    text = (CHAIN % "one") + 'resource "scripted_thing" "c" { name = "c" }'

    planning = stage.plan(text, targets("scripted_thing.b"))

    assert set(stage.actions(planning)) == {"scripted_thing.a", "scripted_thing.b"}
    assert not planning.plan.is_complete


def test_a_replacement_can_be_asked_for() -> None:
    stage = Stage()
    stage.apply(ONE)
    instance = parse_instance("scripted_thing.a", Diagnostics())
    assert instance is not None

    planning = stage.plan(ONE, PlanOptions(replace=(instance,)))

    assert stage.actions(planning) == {"scripted_thing.a": "-/+"}
    assert planning.plan.changes[0].reason is Reason.REPLACE_BY_REQUEST


def test_a_data_source_waits_for_what_is_not_known() -> None:
    stage = Stage()
    text = """
    resource "scripted_thing" "a" { name = "one" }
    data "scripted_lookup" "found" { name = scripted_thing.a.id }
    output "found" { value = data.scripted_lookup.found.size }
    """

    planning = stage.plan(text)

    assert stage.actions(planning)["data.scripted_lookup.found"] == "<="
    assert planning.plan.changes[0].reason is Reason.READ_CONFIG_UNKNOWN
    stage.apply(text)


def test_a_failed_precondition_stops_the_resource_and_what_needs_it() -> None:
    stage = Stage()
    text = """
    variable "size" { default = 1 }
    resource "scripted_thing" "a" {
      name = "one"
      lifecycle {
        precondition {
          condition     = var.size > 2
          error_message = "Never so."
        }
      }
    }
    """

    planning = stage.plan(text)

    assert [(d.summary, d.detail) for d in planning.diagnostics] == [
        ("Resource precondition failed", "Never so.")
    ]


def test_a_cycle_is_told_with_the_places_that_make_it() -> None:
    stage = Stage()
    text = """
    locals {
      a = local.b
      b = local.a
    }
    """

    planning = stage.plan(text)

    (found,) = planning.diagnostics
    assert found.summary == "Cycle"
    assert "local.a needs local.b (main.tf line 3)" in found.detail
    assert "local.b needs local.a (main.tf line 4)" in found.detail


def test_protected_objects_are_not_destroyed() -> None:
    stage = Stage()
    text = """
    variable "keep" { default = true }
    resource "scripted_thing" "a" {
      name = "%s"
      lifecycle { prevent_destroy = var.keep }
    }
    """
    stage.apply(text % "one")

    planning = stage.plan(text % "two")

    assert [d.summary for d in planning.diagnostics] == ["Instance cannot be destroyed"]


def test_replace_triggered_by_follows_another_resource() -> None:
    stage = Stage()
    text = """
    resource "scripted_thing" "a" {
      name = "one"
      note = "%s"
    }
    resource "scripted_thing" "b" {
      name = "b"
      lifecycle { replace_triggered_by = [scripted_thing.a.note] }
    }
    """
    stage.apply(text % "x")

    planning = stage.plan(text % "y")

    assert stage.actions(planning) == {"scripted_thing.a": "~", "scripted_thing.b": "-/+"}


def test_destroy_ends_everything_and_the_outputs() -> None:
    stage = Stage()
    text = (CHAIN % "one") + 'output "o" { value = scripted_thing.b.id }'
    stage.apply(text)
    assert set(stage.state.outputs) == {"o"}

    stage.apply(text, PlanOptions(mode=PlanMode.DESTROY))

    assert stage.state.is_empty
    assert stage.remote.objects == {}


def test_what_was_read_is_forgotten_with_the_last_object_and_not_before() -> None:
    stage = Stage()
    text = (CHAIN % "one") + 'data "scripted_lookup" "found" { name = scripted_thing.b.id }'
    stage.apply(text)
    b = parse_target("scripted_thing.b", Diagnostics(), name="target")
    assert b is not None

    stage.apply(text, PlanOptions(mode=PlanMode.DESTROY, targets=(b,)))

    names = {str(address.resource) for address in stage.state.resources}
    assert names == {"scripted_thing.a", "data.scripted_lookup.found"}

    stage.apply(text, PlanOptions(mode=PlanMode.DESTROY))

    assert stage.state.resources == {}


def test_every_step_is_in_the_ledger_before_the_end() -> None:
    stage = Stage()

    stage.apply(CHAIN % "one")

    assert [address for address, _, _ in stage.ledger.entries] == [
        "scripted_thing.a",
        "scripted_thing.b",
    ]
    assert stage.ledger.settled == 2


def terms(stage: Stage, name: str) -> tuple[list[str], bool]:
    """Return what the state says an object is made after, and whether its successor is first."""
    for address, resource in stage.state.resources.items():
        if address.resource.name == name:
            [instance] = resource.instances.values()
            assert instance.current is not None
            needed = [str(one.resource) for one in instance.current.dependencies]
            return needed, instance.current.create_before_destroy
    raise AssertionError(name)


_MADE_AFTER = """
resource "scripted_thing" "a" { name = "a" }
resource "scripted_thing" "c" { name = "c" }
resource "scripted_thing" "b" {
  name       = "b"
  depends_on = [scripted_thing.%s]
  lifecycle { create_before_destroy = %s }
}
"""


def test_refreshing_adds_what_an_object_is_made_after_now() -> None:
    stage = Stage()
    stage.apply(_MADE_AFTER % ("a", "false"))
    text = _MADE_AFTER % ("c", "true")
    options = PlanOptions(mode=PlanMode.REFRESH_ONLY)

    planning = stage.plan(text, options)
    stage.apply(text, options)

    assert is_applyable(planning.plan)
    assert terms(stage, "b") == (["scripted_thing.a", "scripted_thing.c"], True)
    assert terms(stage, "c") == ([], True)
    assert terms(stage, "a") == ([], False)
    assert not is_applyable(stage.plan(text, options).plan)


def test_refreshing_a_target_leaves_the_others_terms_alone() -> None:
    stage = Stage()
    stage.apply(_MADE_AFTER % ("a", "false"))
    target = parse_target("scripted_thing.a", Diagnostics(), name="target")
    assert target is not None

    stage.apply(
        _MADE_AFTER % ("c", "true"),
        PlanOptions(mode=PlanMode.REFRESH_ONLY, targets=(target,)),
    )

    assert terms(stage, "b") == (["scripted_thing.a"], False)


@pytest.mark.parametrize("repeats", ["count = %d", 'for_each = toset(%d == 0 ? [] : ["k"])'])
def test_a_block_that_has_no_instances_left_has_none_while_they_still_end(repeats: str) -> None:
    text = """
    resource "scripted_thing" "a" {
      REPEATS
      name = "a"
      lifecycle { create_before_destroy = true }
    }
    resource "scripted_thing" "b" {
      name = "b"
      note = tostring(length(scripted_thing.a))
    }
    """.replace("REPEATS", repeats)
    stage = Stage()
    stage.apply(text % 1)

    done = stage.apply(text % 0)

    assert [one.summary for one in done.diagnostics] == []
    assert stage.current("scripted_thing.b")["note"] == "0"
    assert stage.remote.history[-2:] == ["update b", "delete a"]
