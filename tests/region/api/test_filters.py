"""Filters look at times as answers show them."""

from __future__ import annotations

from datetime import timedelta

from cotta.region.api.filters import select
from tests.support.times import NOON


def test_a_time_is_found_by_what_an_answer_shows() -> None:
    times = [NOON, NOON + timedelta(milliseconds=250)]
    filters = [{"Name": "launch-time", "Values": ["2026-01-01T12:00:00.250Z"]}]

    assert select(times, filters, {"launch-time": lambda time: time}) == times[1:]
