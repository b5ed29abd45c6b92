"""Timestamps: the present, comparing, adding and writing them."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.instants import (
    MONTHS,
    WEEKDAYS,
    Instant,
    format_offset,
    format_rfc3339,
    from_datetime,
    parse_rfc3339,
    parse_rfc3339_loosely,
)
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.operations import UNKNOWN_STRING
from cotta.values.types import NUMBER, STRING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.hcl.functions.surroundings import Surroundings
    from cotta.values.value import Value


_NO_TIMESTAMP: Final = (
    'a timestamp must be written as RFC 3339 says, such as "2006-01-02T15:04:05Z"'
)


def _given(instant: Instant | None, argument: int) -> Instant:
    if instant is None:
        raise ArgumentError(argument, _NO_TIMESTAMP)
    return instant


# --- writing --------------------------------------------------------------------


def _utc_or(instant: Instant, *, utc: str, colon: bool) -> str:
    return format_offset(instant.offset, colon=colon) if instant.offset else utc


_WRITERS: Final[dict[str, Callable[[Instant], str]]] = {
    "YYYY": lambda at: f"{at.date.year:04}",
    "YY": lambda at: f"{at.date.year % 100:02}",
    "MMMM": lambda at: MONTHS[at.date.month - 1],
    "MMM": lambda at: MONTHS[at.date.month - 1][:3],
    "MM": lambda at: f"{at.date.month:02}",
    "M": lambda at: str(at.date.month),
    "DD": lambda at: f"{at.date.day:02}",
    "D": lambda at: str(at.date.day),
    "EEEE": lambda at: WEEKDAYS[at.weekday],
    "EEE": lambda at: WEEKDAYS[at.weekday][:3],
    "hh": lambda at: f"{at.clock[0]:02}",
    "h": lambda at: str(at.clock[0]),
    "HH": lambda at: f"{(at.clock[0] + 11) % 12 + 1:02}",
    "H": lambda at: str((at.clock[0] + 11) % 12 + 1),
    "AA": lambda at: "AM" if at.clock[0] < 12 else "PM",
    "aa": lambda at: "am" if at.clock[0] < 12 else "pm",
    "mm": lambda at: f"{at.clock[1]:02}",
    "m": lambda at: str(at.clock[1]),
    "ss": lambda at: f"{at.clock[2]:02}",
    "s": lambda at: str(at.clock[2]),
    "ZZZZZ": lambda at: format_offset(at.offset, colon=True),
    "ZZZZ": lambda at: format_offset(at.offset, colon=False),
    "ZZZ": lambda at: _utc_or(at, utc="UTC", colon=False),
    "Z": lambda at: _utc_or(at, utc="Z", colon=True),
}

# A quoted literal with '' for a quote; a run of one letter; whatever else.
_TOKEN: Final = re.compile(r"'((?:[^']|'')*)('?)|([A-Za-z])\3*|[^A-Za-z']+", re.DOTALL)


def _formatdate(format: str, time: str) -> Value:
    instant = _given(parse_rfc3339(time), 1)
    parts: list[str] = []
    for token in _TOKEN.finditer(format):
        text = token[0]
        if text.startswith("'"):
            if not token[2]:
                raise ArgumentError(0, "a literal that begins with ' does not end")
            # A literal of nothing is a quote too.
            parts.append(token[1].replace("''", "'") or "'")
        elif token[3] is None:
            parts.append(text)
        else:
            writer = _WRITERS.get(text)
            if writer is None:
                raise ArgumentError(
                    0,
                    f'"{text}" is no part of a date format; letters that stand for themselves '
                    "must be between ' quotes",
                )
            parts.append(writer(instant))
    return "".join(parts)


# --- reckoning --------------------------------------------------------------------

_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_STEP: Final = re.compile(r"([0-9]*)(\.[0-9]*)?(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_LONGEST: Final = 1 << 63


def _parse_duration(text: str) -> int | None:
    """Return the nanoseconds that Go reads in a text like `-1h30m`; None if it reads none."""
    sign = -1 if text[:1] == "-" else 1
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0
    total = 0
    at = 0
    while at < len(rest):
        step = _STEP.match(rest, at)
        if step is None or (not step[1] and step[2] in (None, ".")):
            return None
        unit = _UNITS[step[3]]
        total += int(step[1] or "0") * unit
        if step[2] and len(step[2]) > 1:
            # Go takes as many digits as fit in an integer, then goes through a float.
            digits = step[2][1:19]
            total += int(int(digits) * (unit / 10.0 ** len(digits)))
        if total > _LONGEST:
            return None
        at = step.end()
    if not rest or (sign > 0 and total == _LONGEST):
        return None
    return sign * total


def _timeadd(timestamp: str, duration: str) -> Value:
    instant = parse_rfc3339(timestamp)
    if instant is None:
        raise FunctionError(_NO_TIMESTAMP)
    step = _parse_duration(duration)
    if step is None:
        raise FunctionError('a duration is a row of numbers with units, such as "1h30m" or "-1.5s"')
    return format_rfc3339(Instant(instant.nanoseconds + step, instant.offset))


def _timecmp(timestamp_a: str, timestamp_b: str) -> Value:
    left = _given(parse_rfc3339_loosely(timestamp_a), 0).nanoseconds
    right = _given(parse_rfc3339_loosely(timestamp_b), 1).nanoseconds
    return (left > right) - (left < right)


def _timestamp(surroundings: Surroundings) -> Value:
    if not surroundings.answers_impure:
        return UNKNOWN_STRING
    return format_rfc3339(from_datetime(surroundings.now()))


def _plantimestamp(surroundings: Surroundings) -> Value:
    if surroundings.plan_time is None:
        return UNKNOWN_STRING
    return format_rfc3339(from_datetime(surroundings.plan_time))


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="formatdate",
        description="Returns a timestamp written in another format, such as "
        '"DD MMM YYYY hh:mm ZZZ".',
        parameters=(Parameter("format", STRING), Parameter("time", STRING)),
        result=STRING,
        implementation=_formatdate,
    ),
    Function(
        name="timeadd",
        description='Returns the timestamp a duration, such as "1h30m", after another.',
        parameters=(Parameter("timestamp", STRING), Parameter("duration", STRING)),
        result=STRING,
        implementation=_timeadd,
    ),
    Function(
        name="timecmp",
        description="Returns -1, 0 or 1 as the first timestamp is before, at or after the second.",
        parameters=(Parameter("timestamp_a", STRING), Parameter("timestamp_b", STRING)),
        result=NUMBER,
        implementation=_timecmp,
    ),
)


def functions(surroundings: Surroundings) -> tuple[Function, ...]:
    """Return the functions that tell the time."""
    return (
        Function(
            name="plantimestamp",
            description="Returns the time of the plan in UTC; the same in the whole plan "
            "and its apply.",
            result=STRING,
            implementation=partial(_plantimestamp, surroundings),
        ),
        Function(
            name="timestamp",
            description="Returns the time of the call in UTC.",
            result=STRING,
            implementation=partial(_timestamp, surroundings),
            impure=True,
        ),
    )
