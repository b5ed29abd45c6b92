from __future__ import annotations

import pytest

from cotta.addrs.parse import parse_instance
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.engine.world import PlanOptions
from cotta.plans.changes import PlanMode
from cotta.values.value import ObjectValue
from tests.support.engine import Stage

WHY = PlanOptions(explains=True)


def causes(stage: Stage, text: str, options: PlanOptions = WHY, **modules: str) -> dict[str, str]:
    """Return the causes of each change: line, words, and the change they go back to."""
    planning = stage.plan(text, options, **modules)
    assert not planning.has_errors, [(d.summary, d.detail) for d in planning.diagnostics]
    found = {}
    for change in planning.plan.changes:
        if change.causes or change.action.value != " ":
            words = [
                (f"{one.place.first.line}: " if one.place is not None else "")
                + one.text
                + (f" <- {one.change}" if one.change else "")
                for one in change.causes
            ]
            found[str(change.address)] = "\n".join(words)
    return found


def after(before: str, then: str, **modules: str) -> dict[str, str]:
    """Return the causes of what `then` changes, once `before` has been applied."""
    stage = Stage()
    stage.apply(before, None, **modules)
    return causes(stage, then, WHY, **modules)


A = 'resource "scripted_thing" "a" {\n  name = "%s"\n  note = "%s"\n}\n'
B = 'resource "scripted_thing" "b" {\n  name = "b"\n  note = scripted_thing.a.%s\n}\n'


def test_nothing_is_explained_that_nobody_asked_for() -> None:
    (change,) = Stage().plan(A % ("a", "x")).plan.changes

    assert change.causes == ()


def test_what_is_declared_is_created() -> None:
    assert causes(Stage(), A % ("a", "x")) == {
        "scripted_thing.a": "1: the configuration declares it, and there was no such object"
    }


def test_a_new_value_is_where_it_is_written() -> None:
    assert after(A % ("a", "x"), A % ("a", "y")) == {"scripted_thing.a": "3: note has a new value"}


def test_a_new_value_names_what_it_comes_from() -> None:
    before = 'variable "v" { default = "x" }\n' + (A % ("a", "${var.v}!"))

    assert after(before, before.replace('"x"', '"y"')) == {
        "scripted_thing.a": "4: note has a new value, from var.v"
    }


def test_a_reference_goes_back_to_the_change_it_leads_to() -> None:
    before = A % ("a", "x") + B % "note"

    assert after(before, before.replace('"x"', '"y"')) == {
        "scripted_thing.a": "3: note has a new value",
        "scripted_thing.b": "7: note refers to scripted_thing.a.note <- scripted_thing.a",
    }


def test_a_reference_to_what_stays_is_no_cause() -> None:
    before = A % ("a", "x") + B % "name"
    then = before.replace('"x"', '"y"').replace(
        "scripted_thing.a.name", '"${scripted_thing.a.name}!"'
    )

    assert after(before, then)["scripted_thing.b"] == (
        "7: note has a new value, from scripted_thing.a.name"
    )


def test_what_cannot_change_in_place_says_so() -> None:
    assert after(A % ("a", "x"), A % ("b", "x")) == {
        "scripted_thing.a": ("2: name, which can't be changed in place, has a new value")
    }


def test_a_chain_of_names_between_is_told_by_its_end() -> None:
    before = (
        A % ("a", "x")
        + "locals {\n  one = scripted_thing.a.note\n  two = local.one\n}\n"
        + B.replace("scripted_thing.a.%s", "local.two")
    )

    assert after(before, before.replace('"x"', '"y"'))["scripted_thing.b"] == (
        "11: note refers to local.two, and that over 1 more to scripted_thing.a.note "
        "(main.tf line 6) <- scripted_thing.a"
    )


def test_references_are_followed_into_modules_and_out() -> None:
    inner = (
        'variable "in" {}\nresource "scripted_thing" "i" {\n  name = "i"\n  note = var.in\n}\n'
        'output "out" { value = scripted_thing.i.note }\n'
    )
    before = (
        A % ("a", "x")
        + 'module "m" {\n  source = "./m"\n  in = scripted_thing.a.note\n}\n'
        + B.replace("scripted_thing.a.%s", "module.m.out")
    )

    found = after(before, before.replace('"x"', '"y"'), m=inner)

    assert found["module.m.scripted_thing.i"] == (
        "4: note refers to var.in, and that to scripted_thing.a.note (main.tf line 7) "
        "<- scripted_thing.a"
    )
    assert found["scripted_thing.b"] == (
        "11: note refers to module.m.out, and that to scripted_thing.i.note (m.tf line 6) "
        "<- module.m.scripted_thing.i"
    )


def test_instances_go_back_to_the_instance_of_the_same_key() -> None:
    before = (
        'resource "scripted_thing" "a" {\n  count = 2\n  name = "a${count.index}"\n'
        '  note = "x"\n}\n'
        'resource "scripted_thing" "b" {\n  count = 2\n  name = "b${count.index}"\n'
        "  note = scripted_thing.a[count.index].note\n}\n"
    )

    found = after(before, before.replace('"x"', '"y"'))

    assert found["scripted_thing.b[1]"] == (
        "9: note refers to scripted_thing.a <- scripted_thing.a[1]"
    )


@pytest.mark.parametrize(
    ("before", "then", "address", "cause"),
    [
        ("count = 2", "count = 1", "[1]", "2: count is 1, so there is none with the key 1"),
        ("count = 1", "count = 2", "[1]", "2: there was none with the key 1 before"),
        (
            'for_each = toset(["x", "y"])',
            'for_each = toset(["x"])',
            '["y"]',
            '2: for_each has no key "y" any more',
        ),
        (
            "count = 1",
            'for_each = toset(["x"])',
            "[0]",
            "2: the block has for_each now, and none of its keys is 0",
        ),
        (
            'for_each = toset(["x"])',
            "",
            '["x"]',
            "1: the block has neither count nor for_each any more",
        ),
        (
            "",
            "count = 1",
            "[0]",
            "2: the block has count now, and scripted_thing.a keeps its object",
        ),
    ],
)
def test_repetition_explains_what_comes_and_goes(
    before: str, then: str, address: str, cause: str
) -> None:
    text = 'resource "scripted_thing" "a" {\n  %s\n  name = "n"\n}\n'

    assert after(text % before, text % then)[f"scripted_thing.a{address}"] == cause


def test_a_module_explains_the_instances_it_has_no_more_and_those_that_are_new() -> None:
    inner = 'resource "scripted_thing" "i" { name = "i" }'
    text = 'module "m" {\n  source = "./m"\n  for_each = toset([%s])\n}\n'

    found = after(text % '"x", "y"', text % '"x", "z"', m=inner)

    assert found == {
        'module.m["y"].scripted_thing.i': '3: there is no module.m["y"] any more',
        'module.m["z"].scripted_thing.i': '3: there was no module.m["z"] before',
    }


def test_what_nothing_declares_and_what_a_block_removes_is_told() -> None:
    removed = "removed {\n  from = scripted_thing.a\n  lifecycle { destroy = %s }\n}\n"

    assert after(A % ("a", "x"), "") == {
        "scripted_thing.a": "nothing declares scripted_thing.a any more"
    }
    for destroys in ("true", "false"):
        assert after(A % ("a", "x"), removed % destroys) == {
            "scripted_thing.a": "1: a removed block names it"
        }


def test_a_moved_block_is_the_cause_of_a_move() -> None:
    moved = "moved {\n  from = scripted_thing.a\n  to = scripted_thing.z\n}\n"
    then = moved + (A % ("a", "x")).replace('"a" {', '"z" {')

    assert after(A % ("a", "x"), then) == {
        "scripted_thing.z": "1: a moved block gives scripted_thing.a this address"
    }


def test_an_import_block_is_the_cause_of_an_import() -> None:
    stage = Stage()
    stage.apply(A % ("a", "x"))
    id_ = stage.current("scripted_thing.a")["id"]
    stage.state.resources.clear()

    found = causes(
        stage, f'import {{\n  to = scripted_thing.a\n  id = "{id_}"\n}}\n' + A % ("a", "x")
    )

    assert found == {"scripted_thing.a": "1: an import block takes it over"}


def test_the_command_is_a_cause() -> None:
    stage = Stage()
    stage.apply(A % ("a", "x"))
    address = parse_instance("scripted_thing.a", Diagnostics())
    assert address is not None
    replace = PlanOptions(explains=True, replace=(address,))

    assert causes(stage, A % ("a", "x"), replace) == {
        "scripted_thing.a": "the command says -replace=scripted_thing.a"
    }
    destroy = PlanOptions(explains=True, mode=PlanMode.DESTROY)
    assert causes(stage, A % ("a", "x"), destroy) == {
        "scripted_thing.a": "everything that is managed is to end"
    }


def test_a_trigger_goes_back_to_what_it_names() -> None:
    before = A % ("a", "x") + (
        'resource "scripted_thing" "b" {\n  name = "b"\n'
        "  lifecycle { replace_triggered_by = [scripted_thing.a.note] }\n}\n"
    )

    assert after(before, before.replace('"x"', '"y"'))["scripted_thing.b"] == (
        "7: replace_triggered_by names scripted_thing.a.note <- scripted_thing.a"
    )


def test_create_before_destroy_says_who_wants_it() -> None:
    before = A % ("a", "x") + (
        'resource "scripted_thing" "b" {\n  name = "b"\n  after = scripted_thing.a.id\n'
        "  lifecycle { create_before_destroy = true }\n}\n"
    )

    found = after(before, before.replace('"a"\n', '"c"\n'))

    assert found["scripted_thing.a"] == (
        "2: name, which can't be changed in place, has a new value\n"
        "7: it is created before it is destroyed, as scripted_thing.b is, which needs it"
    )


def test_drift_is_a_cause_of_its_own() -> None:
    stage = Stage()
    before = A % ("a", "x") + B % "note"
    stage.apply(before)
    id_ = str(stage.current("scripted_thing.a")["id"])
    found = stage.remote.objects[id_]
    stage.remote.objects[id_] = ObjectValue({**found.attributes, "note": "drifted"})

    assert causes(stage, before) == {"scripted_thing.a": "3: note was changed by something else"}
    stage.remote.objects.pop(id_)
    assert causes(stage, before)["scripted_thing.a"] == "1: it was gone when it was looked at"


def test_of_a_whole_resource_what_comes_or_goes_is_the_likelier_cause() -> None:
    before = (
        'resource "scripted_thing" "a" {\n  count = 2\n  name = "a${count.index}"\n'
        '  note = "x"\n}\n'
        'resource "scripted_thing" "b" {\n  name = "b"\n'
        '  note = join(",", [for one in scripted_thing.a : one.name])\n}\n'
    )
    then = before.replace("count = 2", "count = 1").replace('"x"', '"y"')

    assert after(before, then)["scripted_thing.b"] == (
        "8: note refers to scripted_thing.a <- scripted_thing.a[1]"
    )
