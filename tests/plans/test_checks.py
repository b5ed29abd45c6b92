"""What providers may plan and make, and what is a mistake of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.plans.checks import find_plan_faults
from cotta.plans.results import find_result_faults, find_unknown_parts
from cotta.schemas.blank import coerce
from cotta.schemas.model import Block, NestedBlock, Nesting
from cotta.values.types import NUMBER, STRING, ListType, MapType, SetType
from cotta.values.value import NOT_NULL, Null, Refinement, Unknown
from tests.support.schemas import a_block, an_attribute, nested
from tests.support.values import UNKNOWN_STRING, a_list, a_map, a_set, an_object

if TYPE_CHECKING:
    from cotta.values.value import Value

RULE = a_block(port=an_attribute(NUMBER, optional=True), made=an_attribute(STRING, computed=True))
BLOCK = a_block(
    set=an_attribute(STRING, optional=True),
    both=an_attribute(STRING, optional=True, computed=True),
    made=an_attribute(STRING, computed=True),
    hidden=an_attribute(STRING, optional=True, sensitive=True),
    once=an_attribute(STRING, optional=True, write_only=True),
    any=an_attribute("any", optional=True, computed=True),
    tags=an_attribute(MapType(STRING), optional=True, computed=True),
    names=an_attribute(SetType(STRING), optional=True, computed=True),
    objects=nested(Nesting.LIST, RULE.attributes),
    blocks={
        "rule": NestedBlock(nesting=Nesting.LIST, block=RULE),
        "place": NestedBlock(nesting=Nesting.MAP, block=RULE),
        "choice": NestedBlock(nesting=Nesting.SET, block=RULE),
        "root": NestedBlock(nesting=Nesting.SINGLE, block=RULE),
    },
)
NOTHING = Null(BLOCK.implied_type)


def thing(**given: Value) -> Value:
    return coerce(an_object(**given), BLOCK)


@pytest.mark.parametrize(
    ("prior", "config", "planned"),
    [
        (None, thing(set="a"), thing(set="a", both=UNKNOWN_STRING, made="known already")),
        (None, thing(set=UNKNOWN_STRING), thing(set=Unknown(STRING, NOT_NULL))),
        (thing(set="A"), thing(set="a"), thing(set="A")),
        (None, thing(once="s3cret"), thing()),
        (
            None,
            thing(rule=a_list(an_object(port=1))),
            thing(rule=a_list(an_object(port=1, made="x"))),
        ),
        (
            None,
            thing(place=a_map(a=an_object(port=1))),
            thing(place=a_map(a=an_object(port=1, made="x"))),
        ),
        (
            None,
            thing(choice=a_set(an_object(port=1))),
            thing(choice=a_set(an_object(port=1, made="x"))),
        ),
        (
            None,
            thing(objects=a_list(an_object(port=1))),
            thing(objects=a_list(an_object(port=1, made="x"))),
        ),
        (None, thing(root=an_object(port=1)), thing(root=an_object(port=1, made=UNKNOWN_STRING))),
        (
            None,
            thing(rule=Unknown(ListType(RULE.implied_type))),
            thing(rule=Unknown(ListType(RULE.implied_type))),
        ),
    ],
)
def test_a_plan_may_fill_in_what_is_computed_and_keep_what_there_is(
    prior: Value | None, config: Value, planned: Value
) -> None:
    assert find_plan_faults(BLOCK, prior or NOTHING, config, planned) == []


@pytest.mark.parametrize(
    ("config", "planned", "expected"),
    [
        (thing(), NOTHING, ["the object is absent from the plan, but the configuration wants it"]),
        (
            NOTHING,
            thing(),
            ["the object is in the plan, but the configuration does not want it"],
        ),
        (
            thing(set="a"),
            thing(set="b"),
            ['set is "b" in the plan, but is "a" in the config, and "old" before'],
        ),
        (
            thing(),
            thing(set="b"),
            ['set is "b" in the plan, but is not computed, and the configuration leaves it out'],
        ),
        (
            thing(both="a"),
            thing(both=UNKNOWN_STRING),
            ['both is not known yet in the plan, but is "a" in the config'],
        ),
        (
            thing(hidden="a"),
            thing(hidden="b"),
            ["hidden is sensitive, and its planned value is not the configured one"],
        ),
        (thing(once="a"), thing(once="a"), ["once is write-only, so it must be null in a plan"]),
        (
            thing(rule=a_list(an_object(port=1))),
            thing(rule=a_list(an_object(port=1), an_object(port=2))),
            ["rule has 2 elements in the plan, but 1 in the config"],
        ),
        (
            thing(rule=a_list(an_object(port=1))),
            thing(rule=a_list(an_object(port=2))),
            ["rule[0].port is 2 in the plan, but is 1 in the config"],
        ),
        (
            thing(place=a_map(a=an_object(port=1))),
            thing(place=a_map(b=an_object(port=1))),
            [
                'place["a"] is in the config, but not in the plan',
                'place["b"] is in the plan, but not in the config',
            ],
        ),
        (
            thing(choice=a_set(an_object(port=1))),
            thing(choice=a_set(an_object(port=2))),
            [
                "choice has an element that the config has not",
                "choice lacks an element that the config has",
            ],
        ),
        (
            thing(rule=a_list(an_object(port=1))),
            thing(rule=Unknown(ListType(RULE.implied_type))),
            ["rule is unknown as a whole, but only parts of its blocks may be"],
        ),
        (
            thing(rule=Unknown(ListType(RULE.implied_type))),
            thing(rule=a_list(an_object(port=1))),
            ["rule has blocks in the plan, although how many is not known yet"],
        ),
        (
            thing(objects=a_list(an_object(port=1))),
            thing(objects=Null(ListType(RULE.implied_type))),
            ["objects is absent from the plan, but the configuration wants it"],
        ),
    ],
)
def test_anything_else_in_a_plan_is_a_fault(
    config: Value, planned: Value, expected: list[str]
) -> None:
    prior = thing(set="old")

    assert sorted(find_plan_faults(BLOCK, prior, config, planned)) == expected


@pytest.mark.parametrize(
    ("planned", "actual"),
    [
        (thing(set="a", made=UNKNOWN_STRING), thing(set="a", made="x")),
        (thing(made=UNKNOWN_STRING), thing(made=Null(STRING))),
        (thing(made=UNKNOWN_STRING), thing(made=UNKNOWN_STRING)),
        (
            thing(names=a_set("a", UNKNOWN_STRING, UNKNOWN_STRING)),
            thing(names=a_set("a", "b")),
        ),
        (
            thing(rule=Unknown(ListType(RULE.implied_type))),
            thing(rule=a_list(an_object(port=1))),
        ),
        (
            thing(choice=a_set(an_object(port=1, made=UNKNOWN_STRING))),
            thing(choice=a_set(an_object(port=1, made="x"))),
        ),
        (NOTHING, NOTHING),
    ],
)
def test_a_result_may_make_known_what_was_not(planned: Value, actual: Value) -> None:
    assert find_result_faults(BLOCK, planned, actual) == []


@pytest.mark.parametrize(
    ("planned", "actual", "expected"),
    [
        (thing(), NOTHING, ["the object was planned to be present, but is absent"]),
        (NOTHING, thing(), ["the object was planned to be absent, but is present"]),
        (thing(set="a"), thing(set="b"), ['set was planned as "a", but is "b"']),
        (thing(set="a"), thing(), ['set was planned as "a", but is null']),
        (
            thing(set="a"),
            thing(set=UNKNOWN_STRING),
            ['set was planned as "a", but is not known yet'],
        ),
        (thing(), thing(made="x"), ['made was planned as null, but is "x"']),
        (
            thing(made=Unknown(STRING, Refinement(prefix="i-"))),
            thing(made="x"),
            ['made is "x", which is not what the plan said it might be'],
        ),
        (
            thing(any=Unknown(STRING)),
            thing(any=1),
            ["any is 1, which is not of the planned type"],
        ),
        (thing(any="1"), thing(any=1), ['any was planned as "1", but is 1']),
        (thing(hidden="a"), thing(hidden="b"), ["hidden is sensitive, and not as planned"]),
        (
            thing(),
            thing(once="a"),
            [
                "once is write-only, so it must be null in a result",
            ],
        ),
        (
            thing(tags=a_map(a="1", b="2")),
            thing(tags=a_map(b="3", c="4")),
            [
                'tags["a"] was planned, but has vanished',
                'tags["b"] was planned as "2", but is "3"',
                'tags["c"] was not planned, but has appeared',
            ],
        ),
        (
            thing(names=a_set("a")),
            thing(names=a_set("b")),
            ["names lacks an element that was planned"],
        ),
        (
            thing(names=a_set("a")),
            thing(names=a_set("a", "b")),
            ["names was planned with 1 elements, but has 2"],
        ),
        (
            thing(rule=a_list(an_object(port=1))),
            thing(rule=a_list(an_object(port=1), an_object(port=1))),
            ["rule was planned with 1 elements, but has 2"],
        ),
        (
            thing(rule=a_list(an_object(port=1))),
            thing(rule=a_list(an_object(port=2))),
            ["rule[0].port was planned as 1, but is 2"],
        ),
    ],
)
def test_anything_else_in_a_result_is_a_fault(
    planned: Value, actual: Value, expected: list[str]
) -> None:
    assert sorted(find_result_faults(BLOCK, planned, actual)) == expected


def test_what_is_made_is_known() -> None:
    assert find_unknown_parts(BLOCK, thing(made="x")) == []
    assert find_unknown_parts(BLOCK, thing(made=UNKNOWN_STRING)) == [
        "made is not known after the object was made"
    ]


def test_a_flat_block_needs_no_nested_ones() -> None:
    assert find_plan_faults(Block(), Null(Block().implied_type), an_object(), an_object()) == []
