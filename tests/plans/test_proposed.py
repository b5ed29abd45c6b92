"""What is proposed, for attributes and blocks of every nesting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.plans.proposed import open_computed, propose, propose_data
from cotta.schemas.blank import coerce
from cotta.schemas.model import Block, NestedBlock, Nesting
from cotta.values.types import NUMBER, STRING
from cotta.values.value import Null, ObjectValue, Unknown, same, type_of
from tests.support.schemas import a_block, an_attribute, nested
from tests.support.values import UNKNOWN_STRING, a_list, a_map, a_set, an_object

if TYPE_CHECKING:
    from cotta.schemas.model import Attribute
    from cotta.values.value import Value

INNER: dict[str, Attribute] = {
    "set": an_attribute(STRING, optional=True),
    "both": an_attribute(STRING, optional=True, computed=True),
    "made": an_attribute(STRING, computed=True),
}
FLAT = Block(attributes=INNER)


def holding(nesting: Nesting, *, as_block: bool) -> Block:
    """Return a schema with one nested `in`, as a block or as an attribute."""
    if as_block:
        return a_block(blocks={"in": NestedBlock(nesting=nesting, block=FLAT)})
    return Block(attributes={"in": nested(nesting, INNER)})


def proposed(block: Block, prior: Value | None, config: Value) -> Value:
    before = Null(block.implied_type) if prior is None else coerce(prior, block)
    found = propose(block, before, coerce(config, block))
    assert type_of(found) == block.implied_type
    return found


def one(**attributes: Value) -> ObjectValue:
    return an_object(**attributes)


@pytest.mark.parametrize(
    ("prior", "config", "expected"),
    [
        (None, one(set="a"), one(set="a")),
        (one(set="a", both="b", made="c"), one(set="x"), one(set="x", both="b", made="c")),
        (one(set="a", both="b", made="c"), one(both="y"), one(both="y", made="c")),
        (one(set="a", made="c"), one(set=UNKNOWN_STRING), one(set=UNKNOWN_STRING, made="c")),
    ],
)
def test_the_configuration_wins_and_computed_parts_are_kept(
    prior: Value | None, config: Value, expected: Value
) -> None:
    assert proposed(FLAT, prior, config) == coerce(expected, FLAT)


@pytest.mark.parametrize("as_block", [True, False])
@pytest.mark.parametrize(
    ("nesting", "prior", "config", "expected"),
    [
        (
            Nesting.SINGLE,
            one(set="a", made="m"),
            one(set="b"),
            one(set="b", made="m"),
        ),
        (
            Nesting.LIST,
            a_list(one(set="a", made="m")),
            a_list(one(set="b"), one(set="c")),
            a_list(one(set="b", made="m"), one(set="c", made=Null(STRING))),
        ),
        (
            Nesting.MAP,
            a_map(x=one(set="a", made="m"), y=one(set="a", made="n")),
            a_map(y=one(set="b"), z=one(set="c")),
            a_map(y=one(set="b", made="n"), z=one(set="c", made=Null(STRING))),
        ),
        (
            Nesting.SET,
            a_set(one(set="a", both="p", made="m"), one(set="b", both="q", made="n")),
            a_set(one(set="b"), one(set="c")),
            a_set(
                one(set="b", both="q", made="n"), one(set="c", both=Null(STRING), made=Null(STRING))
            ),
        ),
        (
            Nesting.SET,
            a_set(one(set="a", both="p", made="m")),
            a_set(one(set="a", both="other")),
            a_set(one(set="a", both="other", made=Null(STRING))),
        ),
    ],
)
def test_nested_objects_are_paired(
    as_block: bool, nesting: Nesting, prior: Value, config: Value, expected: Value
) -> None:
    block = holding(nesting, as_block=as_block)

    found = proposed(block, ObjectValue({"in": prior}), ObjectValue({"in": config}))

    assert found == coerce(ObjectValue({"in": expected}), block)


@pytest.mark.parametrize("as_block", [True, False])
@pytest.mark.parametrize("nesting", list(Nesting))
def test_objects_that_are_unknown_as_a_whole_stay_so(nesting: Nesting, as_block: bool) -> None:
    block = holding(nesting, as_block=as_block)
    kind = block.implied_type.attributes["in"]

    found = proposed(block, None, ObjectValue({"in": Unknown(kind)}))

    assert same(found, ObjectValue({"in": Unknown(kind)}))


def test_a_block_taken_out_is_gone_although_parts_of_it_are_computed() -> None:
    block = holding(Nesting.SINGLE, as_block=True)

    found = proposed(block, ObjectValue({"in": one(set="a", made="m")}), ObjectValue({}))

    assert found == ObjectValue({"in": Null(FLAT.implied_type)})


@pytest.mark.parametrize(
    ("prior", "expected"),
    [
        (one(both="b", made="m"), one(both="b", made="m", set=Null(STRING))),
        (one(set="a", made="m"), Null(FLAT.implied_type)),
    ],
)
def test_an_optional_computed_object_is_kept_unless_it_was_configured(
    prior: Value, expected: Value
) -> None:
    block = Block(attributes={"in": nested(Nesting.SINGLE, INNER, computed=True)})

    found = proposed(block, ObjectValue({"in": prior}), ObjectValue({}))

    assert found == ObjectValue({"in": expected})


def test_a_data_source_has_everything_unknown_that_it_computes() -> None:
    block = a_block(**INNER, blocks={"filter": NestedBlock(nesting=Nesting.LIST, block=FLAT)})
    config = coerce(one(set="a", filter=a_list(one(set="x"))), block)

    found = propose_data(block, config)

    inside = one(set="x", both=Unknown(STRING), made=Unknown(STRING))
    assert found == one(
        set="a",
        both=Unknown(STRING),
        made=Unknown(STRING),
        filter=a_list(inside, of=FLAT.implied_type),
    )


def test_a_new_object_has_everything_unknown_that_is_computed_and_not_set() -> None:
    block = a_block(
        count=an_attribute(NUMBER, computed=True),
        objects=nested(Nesting.MAP, INNER),
        blocks={"rule": NestedBlock(nesting=Nesting.SET, block=FLAT)},
    )
    config = coerce(one(objects=a_map(a=one(both="x")), rule=a_set(one(set="s"))), block)

    found = open_computed(block, config)

    assert found == one(
        count=Unknown(NUMBER),
        objects=a_map(FLAT.implied_type, a=one(set=Null(STRING), both="x", made=Unknown(STRING))),
        rule=a_set(one(set="s", both=Unknown(STRING), made=Unknown(STRING)), of=FLAT.implied_type),
    )
