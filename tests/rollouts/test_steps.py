"""Which step comes next, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cotta.rollouts import (
    Fleet,
    Member,
    Outcome,
    Preferences,
    Progress,
    Protected,
    Stage,
    Standby,
    Step,
    next_step,
    survey,
)
from cotta.rollouts.steps import begin
from tests.support.times import NOON

DEFAULTS = Preferences()
LAUNCH_FIRST = Preferences(min_healthy=100)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def names(prefix: str, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in range(count))


def a_fleet(desired: int, **counts: int) -> Fleet:
    sets: dict[str, Any] = {place: names(place, count) for place, count in counts.items()}
    return Fleet(desired=desired, **sets)


def step_of(
    fleet: Fleet,
    preferences: Preferences = DEFAULTS,
    *,
    now: datetime = NOON,
    progress: Progress | None = None,
) -> Step:
    return next_step(fleet, preferences, now, progress or begin(NOON))


def test_terminate_first_ends_and_launches_together() -> None:
    step = step_of(a_fleet(10, old_ready=10), Preferences(min_healthy=80))

    assert step.terminate == ("old_ready0", "old_ready1")
    assert step.launch == 2
    assert (step.outcome, step.percentage, step.to_update) == (Outcome.ROLLING, 0, 10)


def test_launch_first_ends_nothing_until_the_new_one_is_ready() -> None:
    begins = step_of(a_fleet(3, old_ready=3), LAUNCH_FIRST)
    boots = step_of(a_fleet(3, old_ready=3, launching=1), LAUNCH_FIRST)
    warms = step_of(a_fleet(3, old_ready=3, warming=1), LAUNCH_FIRST)
    is_up = step_of(a_fleet(3, old_ready=3, ready=1), LAUNCH_FIRST)

    assert (begins.launch, begins.terminate) == (1, ())
    assert (boots.launch, boots.terminate) == (0, ())
    assert (warms.launch, warms.terminate) == (0, ())
    assert (is_up.launch, is_up.terminate) == (1, ("old_ready0",))


def test_reasons_name_an_example() -> None:
    booting = step_of(a_fleet(3, old_ready=3, launching=1), LAUNCH_FIRST)
    warming = step_of(a_fleet(3, old_ready=3, warming=1), LAUNCH_FIRST)

    assert booting.reason == (
        "Waiting for remaining instances to be available. For example: launching0 has "
        "insufficient data to evaluate its health with Amazon EC2."
    )
    assert warming.reason == (
        "Waiting for instances to warm up before continuing. For example: warming0 is warming up."
    )


def test_it_is_complete_when_all_are_new_and_ready() -> None:
    warming = step_of(a_fleet(4, ready=3, warming=1))
    complete = step_of(a_fleet(4, ready=4))

    assert (warming.outcome, warming.percentage, warming.to_update) == (Outcome.ROLLING, 75, 1)
    assert (complete.outcome, complete.percentage, complete.to_update) == (
        Outcome.SUCCESSFUL,
        100,
        0,
    )


def test_nothing_to_replace_is_complete_at_once() -> None:
    assert step_of(a_fleet(0)).outcome is Outcome.SUCCESSFUL
    assert step_of(a_fleet(2, kept=2)).outcome is Outcome.SUCCESSFUL


def test_the_unhealthy_are_ended_and_filled_up_whatever_the_bounds() -> None:
    step = step_of(a_fleet(3, old_ready=2, sick=1), LAUNCH_FIRST)

    # One in the place of the sick, one ahead of the first old one's end.
    assert (step.terminate, step.launch) == (("sick0",), 2)


def test_old_ones_that_serve_nobody_go_without_waiting() -> None:
    step = step_of(a_fleet(3, old_ready=1, old_unready=2), LAUNCH_FIRST)

    assert step.terminate == ("old_unready0", "old_unready1")
    assert step.launch == 3


class TestCheckpoints:
    CAREFUL = Preferences(min_healthy=50, checkpoints=(20, 50, 100))

    def test_a_batch_shrinks_to_land_on_one(self) -> None:
        step = step_of(a_fleet(10, old_ready=10), self.CAREFUL)

        assert (len(step.terminate), step.launch) == (2, 2)

    def test_it_pauses_there_and_goes_on_after_the_delay(self) -> None:
        fleet = a_fleet(10, old_ready=8, ready=2)

        paused = step_of(fleet, self.CAREFUL)
        still = step_of(fleet, self.CAREFUL, now=NOON + 59 * MINUTE, progress=paused.progress)
        onward = step_of(fleet, self.CAREFUL, now=NOON + HOUR, progress=paused.progress)

        assert (paused.terminate, paused.launch) == ((), 0)
        assert paused.reason == (
            "Checkpoint of 20 percent reached. Continuing at 2026-01-01T13:00:00Z."
        )
        assert paused.again == NOON + HOUR
        assert still == paused
        # 50 percent: three more.
        assert len(onward.terminate) == 3

    def test_several_may_be_reached_at_once(self) -> None:
        preferences = Preferences(min_healthy=50, checkpoints=(10, 40, 100))

        step = step_of(a_fleet(2, old_ready=1, ready=1), preferences)

        assert step.reason.startswith("Checkpoint of 40 percent")

    def test_what_is_lost_meanwhile_is_filled_up(self) -> None:
        step = step_of(a_fleet(10, old_ready=7, ready=2, sick=1), self.CAREFUL)

        assert (step.terminate, step.launch) == (("sick0",), 1)

    def test_the_last_below_100_ends_it(self) -> None:
        preferences = Preferences(min_healthy=50, checkpoints=(20, 50))

        step = step_of(a_fleet(10, old_ready=5, ready=5), preferences)

        assert (step.outcome, step.percentage) == (Outcome.SUCCESSFUL, 50)

    def test_a_fleet_that_is_made_larger_reaches_one_again(self) -> None:
        paused = step_of(a_fleet(10, old_ready=5, ready=5), self.CAREFUL)
        later = NOON + HOUR
        larger = step_of(
            a_fleet(20, old_ready=5, ready=5, launching=10),
            self.CAREFUL,
            now=later,
            progress=paused.progress,
        )
        again = step_of(
            a_fleet(20, old_ready=5, ready=15),
            self.CAREFUL,
            now=later + MINUTE,
            progress=larger.progress,
        )

        assert paused.progress.passed == 2
        assert larger.progress.passed == 1
        assert again.reason.startswith("Checkpoint of 50 percent")


class TestProtected:
    def test_the_held_are_waited_for_an_hour(self) -> None:
        fleet = a_fleet(3, ready=2, held=1)

        waits = step_of(fleet)
        gives_up = step_of(fleet, now=NOON + HOUR, progress=waits.progress)

        assert (waits.outcome, waits.launch, waits.again) == (Outcome.ROLLING, 0, NOON + HOUR)
        assert "held0 is protected. Remove instance scale-in protection" in waits.reason
        assert gives_up.outcome is Outcome.FAILED

    def test_the_others_are_replaced_meanwhile(self) -> None:
        step = step_of(a_fleet(3, old_ready=2, held=1))

        assert step.terminate == ("old_ready0",)
        assert step.progress.held_since is None

    def test_the_kept_count_as_ready_and_not_as_to_replace(self) -> None:
        step = step_of(a_fleet(4, kept=1, ready=1, old_ready=2), Preferences(min_healthy=100))

        assert (step.percentage, step.to_update) == (33, 2)

    def test_standby_is_ended_waited_for_or_left(self) -> None:
        ends = step_of(a_fleet(1, ready=1, idle=1))
        waits = step_of(a_fleet(1, ready=1, held_standby=1))

        assert ends.terminate == ("idle0",)
        assert "held_standby0 is in standby" in waits.reason


def test_the_protected_that_serve_nobody_are_not_relied_upon() -> None:
    members = [
        Member(id="a", stage=Stage.LAUNCHING, is_new=False, is_protected=True),
        Member(id="b", stage=Stage.IN_SERVICE, is_new=False, ready_at=NOON),
        Member(id="c", stage=Stage.IN_SERVICE, is_new=False, ready_at=NOON),
    ]
    preferences = Preferences(min_healthy=60, protected=Protected.IGNORE)

    fleet = survey(members, 3, preferences, NOON)

    assert (fleet.size, fleet.in_use) == (3, 2)
    assert step_of(fleet, preferences).terminate == ()


def test_a_fleet_that_never_gets_healthy_fails_after_an_hour() -> None:
    fleet = a_fleet(3, old_ready=3, launching=1)
    begun = step_of(fleet, LAUNCH_FIRST)

    late = step_of(fleet, LAUNCH_FIRST, now=NOON + HOUR, progress=begun.progress)

    assert begun.again == NOON + HOUR
    assert (late.outcome, late.launch, late.terminate) == (Outcome.FAILED, 0, ())
    assert late.reason.startswith("No instance became ready for too long. Waiting for remaining")


def test_what_moves_is_not_late() -> None:
    begun = step_of(a_fleet(3, old_ready=3, launching=1), LAUNCH_FIRST)
    moved = step_of(
        a_fleet(3, old_ready=2, ready=1, launching=1),
        LAUNCH_FIRST,
        now=NOON + 59 * MINUTE,
        progress=begun.progress,
    )

    later = step_of(
        a_fleet(3, old_ready=2, ready=1, launching=1),
        LAUNCH_FIRST,
        now=NOON + 2 * HOUR - 2 * MINUTE,
        progress=moved.progress,
    )

    assert later.outcome is Outcome.ROLLING


def test_nothing_lasts_for_more_than_14_days() -> None:
    progress = replace(begin(NOON), moved_at=NOON + timedelta(days=14))

    step = step_of(
        a_fleet(3, old_ready=3), LAUNCH_FIRST, now=NOON + timedelta(days=14), progress=progress
    )

    assert step.outcome is Outcome.FAILED


def test_baking_waits_with_everything_new_and_heals() -> None:
    preferences = Preferences(bake_time=10 * MINUTE)

    baking = step_of(a_fleet(3, ready=3), preferences)
    healing = step_of(
        a_fleet(3, ready=2, sick=1), preferences, now=NOON + MINUTE, progress=baking.progress
    )
    baked = step_of(
        a_fleet(3, ready=3), preferences, now=NOON + 10 * MINUTE, progress=healing.progress
    )

    assert (baking.outcome, baking.again) == (Outcome.BAKING, NOON + 10 * MINUTE)
    assert (healing.outcome, healing.launch, healing.terminate) == (Outcome.BAKING, 1, ("sick0",))
    assert baked.outcome is Outcome.SUCCESSFUL


def test_a_fleet_that_is_made_smaller_loses_the_old_first() -> None:
    step = step_of(a_fleet(2, ready=2, old_ready=2), LAUNCH_FIRST)
    surplus = step_of(a_fleet(2, ready=2, warming=1, launching=1), LAUNCH_FIRST)

    assert (step.terminate, step.launch) == (("old_ready0", "old_ready1"), 0)
    assert surplus.terminate == ("launching0", "warming0")


@pytest.mark.parametrize(
    ("changes", "preferences", "place"),
    [
        ({}, Preferences(), "old_ready"),
        # It served before the rollout began, whatever its age.
        ({"ready_at": NOON + MINUTE}, Preferences(), "old_ready"),
        ({"is_new": True}, Preferences(), "ready"),
        ({"is_new": True, "ready_at": NOON + MINUTE}, Preferences(), "warming"),
        ({"is_new": True, "stage": Stage.LAUNCHING}, Preferences(), "launching"),
        ({"stage": Stage.LAUNCHING}, Preferences(), "old_unready"),
        ({"is_healthy": False, "is_protected": True}, Preferences(), "sick"),
        ({"is_protected": True}, Preferences(), "held"),
        ({"is_protected": True}, Preferences(protected=Protected.IGNORE), "kept"),
        ({"is_protected": True}, Preferences(protected=Protected.REFRESH), "old_ready"),
        ({"is_protected": True, "is_new": True}, Preferences(), "ready"),
        ({"stage": Stage.STANDBY}, Preferences(), "held_standby"),
        ({"stage": Stage.STANDBY}, Preferences(standby=Standby.TERMINATE), "idle"),
        ({"stage": Stage.STANDBY}, Preferences(standby=Standby.IGNORE), None),
        ({"stage": Stage.STANDBY, "is_new": True}, Preferences(), None),
    ],
)
def test_survey(changes: dict[str, Any], preferences: Preferences, place: str | None) -> None:
    member = Member(id="i", stage=Stage.IN_SERVICE, is_new=False, ready_at=NOON)

    fleet = survey([replace(member, **changes)], 1, preferences, NOON)

    sets: dict[str, Any] = {place: ["i"]} if place is not None else {}
    assert fleet == Fleet(desired=1, warm_at=fleet.warm_at, **sets)
