"""Waiting, in a time that only waiting moves."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from cotta.clouds.waits import WaitEndedError, wait_for
from cotta.system.clock import FixedClock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_what_is_found_is_returned() -> None:
    answers = iter([None, None, "there"])

    assert wait_for(lambda: next(answers), "it", at_most=MINUTE, clock=FixedClock(NOON)) == "there"


def test_a_wait_is_bounded_and_says_what_for() -> None:
    clock = FixedClock(NOON)

    with pytest.raises(WaitEndedError, match="waiting for the image did not end within 60 s"):
        wait_for(lambda: None, "the image", at_most=MINUTE, clock=clock)

    assert clock.now() - NOON == MINUTE


def test_pauses_grow_to_their_longest() -> None:
    clock = FixedClock(NOON)
    looks: list[float] = []

    with pytest.raises(WaitEndedError):
        wait_for(
            lambda: looks.append((clock.now() - NOON).total_seconds()),
            "it",
            at_most=MINUTE,
            clock=clock,
            longest_pause=timedelta(seconds=5),
        )

    pauses = [later - earlier for earlier, later in itertools.pairwise(looks)]
    assert pauses[0] == pytest.approx(0.1)
    assert max(pauses) == pytest.approx(5)


def test_a_person_ends_it_soon() -> None:
    clock = FixedClock(NOON)

    def stopped() -> bool:
        return clock.now() - NOON >= timedelta(seconds=20)

    with pytest.raises(WaitEndedError) as ended:
        wait_for(lambda: None, "it", at_most=MINUTE, clock=clock, stopped=stopped)

    assert ended.value.is_stopped
    assert clock.now() - NOON < timedelta(seconds=21)
