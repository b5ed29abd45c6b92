"""Clocks and ids: what both implementations of each promise."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from cotta.system.clock import Clock, FixedClock, SystemClock
from cotta.system.ids import CountedIds, IdSource, RandomIds

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("clock", [SystemClock(), FixedClock(NOON)])
def test_sleeping_takes_its_time(clock: Clock) -> None:
    before = clock.now()

    clock.sleep(timedelta(milliseconds=5))
    clock.sleep(timedelta(milliseconds=-5))

    assert clock.now() - before >= timedelta(milliseconds=5)
    assert clock.now().tzinfo is UTC


def test_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(NOON)

    clock.sleep(timedelta(hours=1))

    assert clock.now() == clock.now() == NOON + timedelta(hours=1)


@pytest.mark.parametrize("ids", [RandomIds(), CountedIds()])
def test_ids_are_of_their_form_and_never_the_same(ids: IdSource) -> None:
    hexadecimal = [ids.hexadecimal(8) for _ in range(50)]
    uuids = [ids.uuid() for _ in range(50)]

    assert all(re.fullmatch("[0-9a-f]{8}", text) for text in hexadecimal)
    assert all(
        re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text)
        for text in uuids
    )
    assert len(set(hexadecimal)) == len(set(uuids)) == 50


def test_counted_ids_are_the_same_in_every_run() -> None:
    ids = CountedIds()

    assert (ids.hexadecimal(4), ids.hexadecimal(4)) == ("0001", "0002")
    assert ids.uuid() == "00000000-0000-4000-8000-000000000003"
