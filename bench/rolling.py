"""A fleet of ten thousand, replaced in simulated time."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bench.measure import Figure, median_seconds
from cotta.rollouts import Course, Preferences, simulate

SIZE: Final = 10_000

_BOOT: Final = timedelta(seconds=30)


def figures() -> list[Figure]:
    """Measure rollouts in large batches and one by one."""
    return [
        _figure("in tenths", Preferences(), "≥ 20,000"),
        _figure("one by one", Preferences(min_healthy=100), "≥ 5,000"),
    ]


def _figure(how: str, preferences: Preferences, wanted: str) -> Figure:
    def work() -> Course:
        return simulate(SIZE, preferences, boots=lambda _: _BOOT)

    steps, seconds = work().steps, median_seconds(work, runs=3)
    return Figure(
        f"simulated rollout of {SIZE:,}, {how}",
        f"{SIZE / seconds:,.0f} instances/s ({steps:,} steps in {seconds:.2f} s)",
        wanted=f"{wanted} instances/s",
    )
