"""What preferences mean for fleets of every size, and which make no sense."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.rollouts import Bounds, Preferences, bounds, mistakes


@pytest.mark.parametrize(
    ("desired", "low", "high", "expected"),
    [
        (10, 90, None, Bounds(9, 10)),
        (10, 100, None, Bounds(10, 11)),
        (10, 100, 110, Bounds(10, 11)),
        (10, 90, 110, Bounds(9, 11)),
        (10, 0, None, Bounds(0, 10)),
        (10, 100, 200, Bounds(10, 20)),
        # 2.7 must stay: rounded up nobody could leave, so one is let off.
        (3, 90, None, Bounds(2, 3)),
        # An explicit maximum lets one launch ahead instead.
        (3, 90, 100, Bounds(3, 4)),
        (3, 90, 110, Bounds(3, 4)),
        (1, 90, None, Bounds(0, 1)),
        (1, 100, None, Bounds(1, 2)),
        (15, 66, 110, Bounds(10, 16)),
        (0, 90, 110, Bounds(0, 0)),
    ],
)
def test_bounds(desired: int, low: int, high: int | None, expected: Bounds) -> None:
    assert bounds(desired, Preferences(min_healthy=low, max_healthy=high)) == expected


@given(st.integers(1, 10_000), st.integers(0, 100), st.one_of(st.none(), st.integers(100, 200)))
def test_something_can_always_be_replaced(desired: int, low: int, high: int | None) -> None:
    found = bounds(desired, Preferences(min_healthy=low, max_healthy=high))

    assert 0 <= found.floor < found.ceiling
    assert found.floor <= desired <= found.ceiling


@pytest.mark.parametrize(
    ("preferences", "words"),
    [
        (Preferences(min_healthy=101), "MinHealthyPercentage must be between 0 and 100"),
        (Preferences(max_healthy=99), "MaxHealthyPercentage must be between 100 and 200"),
        (Preferences(min_healthy=20, max_healthy=121), "cannot be greater than 100"),
        (Preferences(checkpoints=(0, 100)), "CheckpointPercentages must be between 1 and 100"),
        (Preferences(checkpoints=(50, 20)), "unique and in ascending order, and [50, 20] is not"),
        (Preferences(checkpoints=(50, 50)), "unique and in ascending order"),
        (Preferences(checkpoint_delay=timedelta(days=3)), "CheckpointDelay"),
        (Preferences(bake_time=timedelta(seconds=172_801)), "172801 is not"),
        (Preferences(warmup=timedelta(seconds=-1)), "InstanceWarmup"),
    ],
)
def test_what_makes_no_sense_is_said(preferences: Preferences, words: str) -> None:
    (mistake,) = mistakes(preferences)

    assert words in mistake


def test_the_defaults_make_sense() -> None:
    assert mistakes(Preferences()) == []
    assert mistakes(Preferences(min_healthy=0, max_healthy=100)) == []
    assert mistakes(Preferences(checkpoints=(1, 50, 100))) == []
