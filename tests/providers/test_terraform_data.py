"""terraform_data plans and applies as terraform's own does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.providers.builtin.provider import BuiltinProvider
from cotta.providers.interface import ApplyRequest, MoveRequest, PlanRequest, PlanResponse
from cotta.system.ids import CountedIds
from cotta.values.paths import AttributePath
from cotta.values.types import NUMBER, STRING
from cotta.values.value import ANY_NULL, NOT_NULL, Null, Unknown
from tests.support.values import a_map, a_tuple, an_object

if TYPE_CHECKING:
    from cotta.values.value import Value

PROVIDER = BuiltinProvider(CountedIds(), lambda _path: None)
SCHEMA = PROVIDER.schema().resources["terraform_data"].block
NOTHING = Null(SCHEMA.implied_type)
NEW_ID = Unknown(STRING, NOT_NULL)
OLD = an_object(id="i", input=1, output=1, triggers_replace=ANY_NULL)


def a_config(input: Value = ANY_NULL, triggers: Value = ANY_NULL) -> Value:
    return an_object(id=Null(STRING), input=input, output=ANY_NULL, triggers_replace=triggers)


def plan(prior: Value, proposed: Value) -> PlanResponse:
    return PROVIDER.plan(
        PlanRequest(type="terraform_data", prior=prior, proposed=proposed, config=proposed)
    )


def test_a_new_object_has_an_unknown_id_and_an_output_of_its_inputs_type() -> None:
    assert plan(NOTHING, a_config(1)).planned == an_object(
        id=NEW_ID, input=1, output=Unknown(NUMBER), triggers_replace=ANY_NULL
    )


def test_without_an_input_the_output_is_null_at_once() -> None:
    assert plan(NOTHING, a_config()).planned == an_object(
        id=NEW_ID, input=ANY_NULL, output=ANY_NULL, triggers_replace=ANY_NULL
    )


def test_a_new_input_is_an_update_of_the_output() -> None:
    wanted = an_object(id="i", input="x", output=1, triggers_replace=ANY_NULL)

    assert plan(OLD, wanted) == PlanResponse(
        planned=an_object(id="i", input="x", output=Unknown(STRING), triggers_replace=ANY_NULL)
    )


def test_new_triggers_replace() -> None:
    wanted = an_object(id="i", input=1, output=1, triggers_replace=a_tuple(1))

    assert plan(OLD, wanted) == PlanResponse(
        planned=an_object(id=NEW_ID, input=1, output=Unknown(NUMBER), triggers_replace=a_tuple(1)),
        replace=((AttributePath("triggers_replace"),),),
    )


def test_nothing_new_is_no_change() -> None:
    assert plan(OLD, OLD) == PlanResponse(planned=OLD)


def test_destroying_needs_no_more_than_saying_so() -> None:
    assert plan(OLD, NOTHING) == PlanResponse(planned=NOTHING)


def test_applying_makes_an_id_and_copies_the_input() -> None:
    planned = an_object(id=NEW_ID, input=1, output=Unknown(NUMBER), triggers_replace=ANY_NULL)

    answer = BuiltinProvider(CountedIds(), lambda _path: None).apply(
        ApplyRequest(type="terraform_data", prior=NOTHING, planned=planned, config=a_config(1))
    )

    assert answer.state == an_object(
        id=CountedIds().uuid(), input=1, output=1, triggers_replace=ANY_NULL
    )


def test_a_null_resource_can_become_one() -> None:
    answer = PROVIDER.move(
        MoveRequest(
            source_provider="registry.terraform.io/hashicorp/null",
            source_type="null_resource",
            source_version=0,
            source_state={"id": "7", "triggers": {"a": "b"}},
            type="terraform_data",
        )
    )

    assert answer.complaints == ()
    assert answer.state == an_object(
        id="7", input=ANY_NULL, output=ANY_NULL, triggers_replace=a_map(a="b")
    )


def test_what_only_the_provider_sets_is_refused() -> None:
    config = an_object(id="x", input=ANY_NULL, output=ANY_NULL, triggers_replace=ANY_NULL)

    found = PROVIDER.validate_resource("terraform_data", config)

    assert [(f.summary, f.path) for f in found] == [
        ('"id" attribute is read-only', (AttributePath("id"),))
    ]
