"""Whatever call goes wrong, in whatever way: nothing made is forgotten, and a rerun converges."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

import pytest

from cotta.addrs.parse import parse_instance
from cotta.addrs.providers import ProviderConfig
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.engine.apply_walk import apply_plan
from cotta.engine.record import set_object
from cotta.engine.world import PlanOptions
from cotta.plans.changes import PlanMode
from cotta.states.compare import copy_state
from tests.support.engine import SCRIPTED, Stage, a_configuration
from tests.support.scripted_provider import (
    ProviderBrokeError,
    Script,
    ScriptedProvider,
    Trouble,
    at,
)
from tests.support.scripted_provisioner import ScriptedProvisioner

if TYPE_CHECKING:
    from cotta.engine.world import World
    from cotta.states.model import State

_FIRST: Final = "lifecycle { create_before_destroy = true }"
_CREATE_FIRST: Final = """
resource "scripted_thing" "a" { name = "%s" }
resource "scripted_thing" "b" {
  name  = "b-${scripted_thing.a.name}"
  after = scripted_thing.a.id
  lifecycle { create_before_destroy = true }
}
resource "scripted_thing" "c" {
  name = "c"
  note = scripted_thing.b.id
}
"""
_DELETE_FIRST: Final = _CREATE_FIRST.replace(_FIRST, "")
_COUNTED: Final = """
resource "scripted_thing" "a" {
  count = %d
  name  = "a${count.index}"
}
resource "scripted_thing" "b" {
  name = "b"
  note = join(",", scripted_thing.a[*].id)
}
"""
_LOOKED_UP: Final = """
resource "scripted_thing" "a" {
  name = "a"
  note = "%s"
}
data "scripted_lookup" "a" {
  name       = "a"
  depends_on = [scripted_thing.a]
}
resource "scripted_thing" "b" { name = "b-${data.scripted_lookup.a.id}" }
"""
_PROVISIONED: Final = """
resource "scripted_thing" "a" {
  name = "a-%s"
  provisioner "local-exec" { command = "made ${self.id}" }
  provisioner "local-exec" {
    when    = destroy
    command = "about to destroy ${self.id}"
  }
}
resource "scripted_thing" "b" {
  name = "b-${scripted_thing.a.name}"
  lifecycle { create_before_destroy = %s }
  provisioner "local-exec" { command = "made ${self.id}" }
  provisioner "local-exec" {
    when    = destroy
    command = "about to destroy ${self.id}"
  }
}
"""
# What there is, and what is wanted then; None for the end of everything.
SCENARIOS: Final[dict[str, tuple[str, str | None]]] = {
    "create": ("", _CREATE_FIRST % "one"),
    "replace, create first": (_CREATE_FIRST % "one", _CREATE_FIRST % "two"),
    "replace, delete first": (_DELETE_FIRST % "one", _DELETE_FIRST % "two"),
    "the order of replacing changes": (_DELETE_FIRST % "one", _CREATE_FIRST % "two"),
    "shrink": (_COUNTED % 4, _COUNTED % 1),
    "grow": (_COUNTED % 1, _COUNTED % 4),
    "update and read": (_LOOKED_UP % "x", _LOOKED_UP % "y"),
    "nothing declared": (_CREATE_FIRST % "one", ""),
    "destroy": (_CREATE_FIRST % "one", None),
    "create, provisioned": ("", _PROVISIONED % ("one", "false")),
    "replace, provisioned": (_PROVISIONED % ("one", "false"), _PROVISIONED % ("two", "false")),
    "create first, provisioned": (_PROVISIONED % ("one", "true"), _PROVISIONED % ("two", "true")),
    "destroy, provisioned": (_PROVISIONED % ("one", "false"), None),
}
_DESTROY: Final = PlanOptions(mode=PlanMode.DESTROY)


def options_and_text(scenario: str) -> tuple[str, PlanOptions, str]:
    before, after = SCENARIOS[scenario]
    if after is None:
        return before, _DESTROY, before
    return before, PlanOptions(), after


def a_stage() -> Stage:
    return Stage(provisioner=ScriptedProvisioner())


def assert_converges(stage: Stage, options: PlanOptions, text: str, *, lost: set[str]) -> None:
    """Run without trouble until nothing is left to do, which must be after one run."""
    stage.script = Script()
    stage.provisioner = ScriptedProvisioner()
    stage.apply(text, options)

    assert stage.actions(stage.plan(text, options)) == {}
    assert stage.remembered() == set(stage.remote.objects) - lost


def calls_of(world: World) -> int:
    """Return how many calls there were that can go wrong."""
    provider = world.pool.unconfigured(SCRIPTED)
    assert isinstance(provider, ScriptedProvider)
    return sum(call.kind in ("read", "plan", "apply", "read_data") for call in provider.calls)


@pytest.mark.parametrize("trouble", [Trouble.FAIL, Trouble.PARTIAL, Trouble.LOSE, Trouble.LIE])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_is_forgotten_whichever_call_fails(scenario: str, trouble: Trouble) -> None:
    before, options, after = options_and_text(scenario)
    for number in count(1):
        stage = a_stage()
        stage.apply(before)
        planning = stage.plan(after, options)
        stage.script = at("any", number, trouble)

        world = stage.world(a_configuration(after))
        done = apply_plan(world, planning.plan, stage.ledger)

        stage.state = done.state
        missing = set(stage.remote.objects) - stage.remembered()
        # What a provider makes and says nothing of, nobody can remember.
        assert len(missing) <= (trouble is Trouble.LOSE), (number, done.diagnostics)
        assert_converges(stage, options, after, lost=missing)
        if number > calls_of(world):
            break
    assert number > 2


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if "provisioned" in name])
def test_nothing_is_forgotten_whichever_provisioner_fails(scenario: str) -> None:
    before, options, after = options_and_text(scenario)
    for number in count(1):
        stage = a_stage()
        stage.apply(before)
        planning = stage.plan(after, options)
        stage.provisioner = provisioner = ScriptedProvisioner(fails_at=number)

        done = apply_plan(stage.world(a_configuration(after)), planning.plan, stage.ledger)

        stage.state = done.state
        assert stage.remembered() == set(stage.remote.objects)
        assert done.has_errors == (len(provisioner.commands) >= number)
        assert_converges(stage, options, after, lost=set())
        if not done.has_errors:
            break
    assert number > 2


def recovered(stage: Stage) -> State:
    """Return the state with what was written down step by step, as the next command has it."""
    state = copy_state(stage.state)
    for text, deposed, stored in stage.ledger.entries[: stage.ledger.settled]:
        address = parse_instance(text, Diagnostics())
        assert address is not None
        set_object(state, address, ProviderConfig((), SCRIPTED), stored, deposed)
    return state


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_is_forgotten_when_a_provider_breaks(scenario: str) -> None:
    before, options, after = options_and_text(scenario)
    for number in count(1):
        stage = a_stage()
        stage.apply(before)
        stage.ledger.entries.clear()
        planning = stage.plan(after, options)
        stage.state = planning.plan.prior
        stage.script = at("any", number, Trouble.RAISE)
        # Others are under way when it breaks, and come to their end after it.
        stage.script.delays = {("any", later): 0.002 for later in range(number + 1, number + 4)}
        try:
            apply_plan(stage.world(a_configuration(after)), planning.plan, stage.ledger)
        except ProviderBrokeError:
            stage.state = recovered(stage)
            assert stage.remembered() == set(stage.remote.objects)
            assert_converges(stage, options, after, lost=set())
        else:
            break
    assert number > 2
