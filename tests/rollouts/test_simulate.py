"""Whole rollouts, played: bounds that hold at every step, whatever happens, and an end."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.rollouts import Course, Outcome, Preferences, Protected, bounds, next_step, simulate
from cotta.rollouts.simulate import (
    START,
    Happening,
    Lose,
    Moment,
    Protect,
    Resize,
    World,
    after,
    play,
)
from cotta.rollouts.steps import begin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def at_once(number: int) -> timedelta:
    return 30 * SECOND


@st.composite
def preferences(draw: st.DrawFn) -> Preferences:
    low = draw(st.integers(0, 100))
    return Preferences(
        min_healthy=low,
        max_healthy=draw(st.one_of(st.none(), st.integers(100, min(200, low + 100)))),
        warmup=draw(st.sampled_from([timedelta(), MINUTE])),
        checkpoints=tuple(sorted(draw(st.sets(st.integers(1, 100), max_size=4)))),
        checkpoint_delay=draw(st.sampled_from([timedelta(), HOUR])),
        protected=draw(st.sampled_from(Protected)),
        bake_time=draw(st.sampled_from([timedelta(), HOUR])),
    )


@st.composite
def happenings(draw: st.DrawFn) -> list[tuple[timedelta, Happening]]:
    one = st.one_of(
        st.builds(Resize, st.integers(0, 30)),
        st.builds(Lose, st.integers(0, 60)),
        st.builds(Protect, st.integers(0, 60), st.booleans()),
    )
    seconds = st.integers(0, 7200).map(lambda number: number * SECOND)
    return draw(st.lists(st.tuples(seconds, one), max_size=12))


def assert_safe(moment: Moment, wanted: Preferences) -> None:
    """No step goes below the floor or above the ceiling, or further out than it found things."""
    within, left = bounds(moment.fleet.desired, wanted), after(moment)
    assert left.ready >= min(within.floor, moment.fleet.in_use)
    assert left.size <= max(within.ceiling, moment.fleet.size)


@given(st.integers(0, 40), preferences())
def test_undisturbed_a_rollout_is_bounded_and_succeeds(size: int, wanted: Preferences) -> None:
    within = bounds(size, wanted)
    last = wanted.checkpoints[-1] if wanted.checkpoints else 100

    course = simulate(size, wanted, boots=at_once)

    assert course.outcome is Outcome.SUCCESSFUL
    assert course.lowest_ready >= within.floor
    assert course.lowest_in_service >= within.floor
    assert course.peak_size <= within.ceiling
    assert course.launched == -(-size * last // 100)


@given(st.integers(0, 30), preferences(), happenings(), st.randoms(use_true_random=False))
def test_whatever_happens_no_step_breaks_the_bounds_and_it_ends(
    size: int,
    wanted: Preferences,
    events: list[tuple[timedelta, Happening]],
    chance: random.Random,
) -> None:
    def boots(number: int) -> timedelta | None:
        return None if chance.random() < 0.2 else chance.randrange(1, 300) * SECOND

    moment = None
    for moment in play(size, wanted, boots=boots, happenings=events):
        assert_safe(moment, wanted)

    assert moment is not None
    assert moment.step.outcome in {Outcome.SUCCESSFUL, Outcome.FAILED}


def play_killed(
    size: int, wanted: Preferences, events: Iterable[tuple[timedelta, Happening]], chance: Any
) -> Iterator[Moment]:
    """Play a rollout whose decider is killed now and then between what it does and writes."""
    world = World(size, wanted, at_once)
    for at, event in events:
        world.schedule(START + at, event)
    progress = begin(START)
    while True:
        fleet = world.fleet()
        step = next_step(fleet, wanted, world.now, progress)
        yield Moment(at=world.now - START, fleet=fleet, step=step, in_service=world.in_service)
        if step.outcome in {Outcome.SUCCESSFUL, Outcome.FAILED}:
            return
        dies = chance.random() < 0.3
        if not dies:
            progress = step.progress
            world.perform(step)
            world.go_on(step.again)
        elif chance.random() < 0.5:
            world.perform(step)
        else:
            progress = step.progress


@given(st.integers(0, 20), preferences(), happenings(), st.randoms(use_true_random=False))
def test_a_decider_that_is_killed_goes_on_within_the_bounds(
    size: int,
    wanted: Preferences,
    events: list[tuple[timedelta, Happening]],
    chance: random.Random,
) -> None:
    moment = None
    for moment in play_killed(size, wanted, events, chance):
        assert_safe(moment, wanted)

    assert moment is not None
    assert moment.step.outcome in {Outcome.SUCCESSFUL, Outcome.FAILED}


@pytest.mark.parametrize(
    ("wanted", "lowest", "peak", "minutes"),
    [
        (Preferences(), 9, 10, 5.0),
        (Preferences(min_healthy=100), 10, 11, 5.0),
        (Preferences(min_healthy=100, max_healthy=150), 10, 15, 1.0),
        (Preferences(min_healthy=0), 0, 10, 0.5),
        (Preferences(min_healthy=50, warmup=4 * MINUTE), 5, 10, 9.0),
        (Preferences(checkpoints=(50, 100)), 9, 10, 65.0),
        (Preferences(bake_time=10 * MINUTE), 9, 10, 15.0),
    ],
)
def test_course_of_ten(wanted: Preferences, lowest: int, peak: int, minutes: float) -> None:
    course = simulate(10, wanted, boots=at_once)

    assert (course.lowest_ready, course.peak_size) == (lowest, peak)
    assert course.duration == timedelta(minutes=minutes)


def test_instances_that_never_get_healthy_end_it_with_every_old_one_there() -> None:
    course = simulate(3, Preferences(min_healthy=100), boots=lambda _: None)

    assert course.outcome is Outcome.FAILED
    assert (course.lowest_ready, course.peak_size) == (3, 4)
    # A new one is tried when the one before has fallen ill, for an hour.
    assert (course.duration, course.launched) == (HOUR, 12)


def test_the_same_course_comes_out_every_time() -> None:
    def course() -> Course:
        chance = random.Random(7)
        return simulate(50, Preferences(), boots=lambda _: chance.randrange(5, 90) * SECOND)

    assert course() == course()


@pytest.mark.slow
@pytest.mark.parametrize(
    "wanted",
    [
        Preferences(min_healthy=90, max_healthy=110, warmup=MINUTE),
        Preferences(min_healthy=100, checkpoints=(1, 10, 100), max_healthy=102),
        Preferences(protected=Protected.IGNORE),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_ten_thousand_with_troubles(wanted: Preferences, seed: int) -> None:
    chance = random.Random(seed)
    kinds: list[Happening] = [
        *(Lose(chance.randrange(15_000)) for _ in range(300)),
        *(Protect(chance.randrange(10_000), chance.random() < 0.7) for _ in range(100)),
        *(Resize(chance.randrange(8_000, 12_000)) for _ in range(5)),
    ]
    events = [(chance.randrange(3600) * SECOND, kind) for kind in kinds]

    def boots(number: int) -> timedelta | None:
        return None if chance.random() < 0.01 else chance.randrange(20, 200) * SECOND

    moment = None
    for moment in play(10_000, wanted, boots=boots, happenings=events):
        assert_safe(moment, wanted)

    assert moment is not None
    assert moment.step.outcome in {Outcome.SUCCESSFUL, Outcome.FAILED}
