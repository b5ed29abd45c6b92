"""The scripted provider does go wrong when it is told to."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from cotta.plans.proposed import propose
from cotta.providers.interface import ApplyRequest, ApplyResponse, PlanRequest, errors_of
from cotta.schemas.blank import coerce
from cotta.values.value import Null, ObjectValue
from tests.support.scripted_provider import (
    THING,
    Call,
    ProviderBrokeError,
    ScriptedProvider,
    Trouble,
    at,
)
from tests.support.values import an_object

if TYPE_CHECKING:
    from cotta.values.value import Value

NOTHING = Null(THING.implied_type)
CONFIG = coerce(an_object(name="web"), THING)


def create(provider: ScriptedProvider) -> ApplyResponse:
    planned = provider.plan(_request())
    return provider.apply(
        ApplyRequest(type="scripted_thing", prior=NOTHING, planned=planned.planned, config=CONFIG)
    )


def _request() -> PlanRequest:
    proposed = propose(THING, NOTHING, CONFIG)
    return PlanRequest(type="scripted_thing", prior=NOTHING, proposed=proposed, config=CONFIG)


def _known(value: Value, name: str) -> Value:
    assert isinstance(value, ObjectValue)
    return value.attributes[name]


def test_left_alone_it_makes_what_was_asked() -> None:
    provider = ScriptedProvider()

    answer = create(provider)

    assert _known(answer.state, "name") == "web"
    assert provider.world.objects == {"obj-1": answer.state}
    assert provider.calls == [
        Call("plan", "scripted_thing", "web"),
        Call("apply", "scripted_thing", "web"),
    ]


def test_a_failure_makes_nothing() -> None:
    provider = ScriptedProvider(script=at("apply", 1, Trouble.FAIL))

    answer = create(provider)

    assert errors_of(answer.complaints)
    assert answer.state == NOTHING
    assert provider.world.objects == {}


def test_a_partial_failure_makes_the_object_and_says_so() -> None:
    provider = ScriptedProvider(script=at("any", 2, Trouble.PARTIAL))

    answer = create(provider)

    assert errors_of(answer.complaints)
    assert provider.world.objects == {"obj-1": answer.state}


def test_a_lost_object_exists_all_the_same() -> None:
    provider = ScriptedProvider(script=at("apply", 1, Trouble.LOSE))

    answer = create(provider)

    assert answer.state == NOTHING
    assert list(provider.world.objects) == ["obj-1"]


def test_a_lie_is_not_what_was_planned() -> None:
    answer = create(ScriptedProvider(script=at("apply", 1, Trouble.LIE)))

    assert not errors_of(answer.complaints)
    assert _known(answer.state, "name") == "a lie"


def test_a_bug_is_an_exception() -> None:
    with pytest.raises(ProviderBrokeError):
        create(ScriptedProvider(script=at("plan", 1, Trouble.RAISE)))


def test_a_call_that_hangs_comes_back_when_asked_to_stop() -> None:
    provider = ScriptedProvider(script=at("apply", 1, Trouble.HANG))
    answers: list[ApplyResponse] = []
    worker = threading.Thread(target=lambda: answers.append(create(provider)))
    worker.start()

    provider.stop()
    worker.join(10)

    assert [errors_of(answer.complaints) for answer in answers] == [True]
