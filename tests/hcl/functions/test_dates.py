"""Timestamps: the present, comparing, adding and writing them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotta.hcl.functions.instants import format_rfc3339, from_datetime, parse_rfc3339
from cotta.hcl.functions.tables import terraform_functions
from cotta.values.types import STRING
from cotta.values.value import NOT_NULL, Unknown
from tests.support.calling import result_of
from tests.support.surroundings import a_world

AT = '"2018-01-02T23:12:01Z"'


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (f'formatdate("DD MMM YYYY hh:mm ZZZ", {AT})', "02 Jan 2018 23:12 UTC"),
        (f'formatdate("EEEE, DD-MMM-YY hh:mm:ss ZZZ", {AT})', "Tuesday, 02-Jan-18 23:12:01 UTC"),
        (f"formatdate(\"h 'o''clock'\", {AT})", "23 o'clock"),
        (f'formatdate("H AA", {AT})', "11 PM"),
        ('formatdate("Z", "2018-01-02T23:12:01-08:00")', "-08:00"),
        ('timeadd("2024-02-28T23:00:00Z", "1h30m")', "2024-02-29T00:30:00Z"),
        ('timeadd("9999-12-31T23:59:59Z", "1s")', "10000-01-01T00:00:00Z"),
        ('timecmp("2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00")', 0),
        ("timestamp()", "2026-01-01T00:00:00Z"),
        ("plantimestamp()", Unknown(STRING, NOT_NULL)),
    ],
)
def test_result(call: str, expected: object) -> None:
    assert result_of(call) == expected


def test_the_time_of_the_plan_is_told_where_it_is_known() -> None:
    world = a_world(plan_time=datetime(2026, 2, 3, 4, 5, 6, 789, UTC), answers_impure=False)

    assert result_of("plantimestamp()", terraform_functions(world)) == "2026-02-03T04:05:06Z"


@pytest.mark.parametrize(
    ("call", "summary"),
    [
        (f'formatdate("dd", {AT})', "Invalid function argument"),
        (f'formatdate("\'x", {AT})', "Invalid function argument"),
        ('formatdate("D", "2018-01-02")', "Invalid function argument"),
        ('timeadd("x", "1s")', "Error in function call"),
        (f'timeadd({AT}, "1d")', "Error in function call"),
        (f'timecmp({AT}, "x")', "Invalid function argument"),
    ],
)
def test_refused(call: str, summary: str) -> None:
    assert str(result_of(call)).startswith(summary)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_instants_agree_with_pythons_own(moment: datetime, minutes: int) -> None:
    moment = moment.replace(tzinfo=UTC)
    instant = from_datetime(moment)

    assert format_rfc3339(instant) == moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    assert instant.iso_week == moment.isocalendar()[:2]
    assert instant.year_day == moment.timetuple().tm_yday
    assert instant.weekday == moment.isoweekday() % 7
    sign = "-" if minutes < 0 else "+"
    zone = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    parsed = parse_rfc3339(f"{moment:%H:%M:%S}".join([format_rfc3339(instant)[:11], zone]))
    assert parsed is not None
    assert parsed.unix == int(
        (moment.replace(microsecond=0) - timedelta(minutes=minutes)).timestamp()
    )
