"""Points in time as the language's texts have them: RFC 3339, any year, nanoseconds.

Python's own `datetime` ends at the year 9999 and at microseconds, and Go's
time does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

_DAY: Final = 86_400
_BILLION: Final = 1_000_000_000

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS: Final = (
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Date:
    """A day of the Gregorian calendar, extended without end both ways."""

    year: int
    month: int
    day: int


def days_since_epoch(date: Date) -> int:
    """Return the days from 1970-01-01 to the date."""
    # Years are counted from March, so that the leap day is a year's last.
    year = date.year - (date.month <= 2)
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((date.month + 9) % 12) + 2) // 5 + date.day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


def date_of(days: int) -> Date:
    """Return the date so many days after 1970-01-01."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return Date(year_of_era + era * 400 + (month <= 2), month, day)


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time: nanoseconds since 1970 in UTC, and the zone's offset in seconds."""

    nanoseconds: int
    offset: int = 0

    @property
    def _local_seconds(self) -> int:
        return self.nanoseconds // _BILLION + self.offset

    @property
    def unix(self) -> int:
        """The seconds since 1970."""
        return self.nanoseconds // _BILLION

    @property
    def date(self) -> Date:
        """The date in the instant's own zone."""
        return date_of(self._local_seconds // _DAY)

    @property
    def clock(self) -> tuple[int, int, int]:
        """Hour, minute and second in the instant's own zone."""
        seconds = self._local_seconds % _DAY
        return seconds // 3600, seconds // 60 % 60, seconds % 60

    @property
    def fraction(self) -> int:
        """The nanoseconds after the second."""
        return self.nanoseconds % _BILLION

    @property
    def weekday(self) -> int:
        """The day of the week; Sunday is 0."""
        return (self._local_seconds // _DAY + 4) % 7

    @property
    def year_day(self) -> int:
        """The day of the year; 1 January is 1."""
        return self._local_seconds // _DAY - days_since_epoch(Date(self.date.year, 1, 1)) + 1

    @property
    def iso_week(self) -> tuple[int, int]:
        """The year and week of ISO 8601."""
        days = self._local_seconds // _DAY
        # A week belongs to the year that its Thursday is in.
        thursday = days + 3 - (self.weekday + 6) % 7
        year = date_of(thursday).year
        return year, (thursday - days_since_epoch(Date(year, 1, 1))) // 7 + 1


def from_datetime(moment: datetime) -> Instant:
    """Return the instant in UTC."""
    from datetime import UTC, datetime, timedelta

    passed = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return Instant(passed // timedelta(microseconds=1) * 1000)


_STRICT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)([T ])(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_LOOSE: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)([T ])(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))",
    re.ASCII,
)


def parse_rfc3339(text: str, *, separators: str = "T") -> Instant | None:
    """Return the instant that the text stands for; None if it is no RFC 3339 timestamp."""
    match = _STRICT.fullmatch(text)
    if match is None or match[4] not in separators:
        return None
    return _instant(match, most_hours=23, most_minutes=59)


def parse_rfc3339_loosely(text: str, *, separators: str = "T") -> Instant | None:
    """Return the instant as Go's general parser reads it.

    An hour may have one digit, a fraction may follow a comma, and the zone
    may be up to 24:60 away.
    """
    match = _LOOSE.fullmatch(text)
    if match is None or match[4] not in separators:
        return None
    return _instant(match, most_hours=24, most_minutes=60)


def _instant(match: re.Match[str], *, most_hours: int, most_minutes: int) -> Instant | None:
    date = Date(int(match[1]), int(match[2]), int(match[3]))
    seconds = seconds_of_day(match[5], match[6], match[7])
    if not is_date(date) or seconds is None:
        return None
    offset = 0
    if match[9]:
        hours, minutes = int(match[10]), int(match[11])
        if hours > most_hours or minutes > most_minutes:
            return None
        offset = (hours * 60 + minutes) * (-60 if match[9] == "-" else 60)
    return at_local_time(date, seconds, match[8] or "", offset)


def is_date(date: Date) -> bool:
    """Say whether there is such a date."""
    return 1 <= date.month <= 12 and 1 <= date.day <= _days_in(date.year, date.month)


def seconds_of_day(hour: str, minute: str, second: str) -> int | None:
    """Return the seconds since midnight; None if the day has no such time."""
    numbers = int(hour), int(minute), int(second)
    if numbers[0] > 23 or numbers[1] > 59 or numbers[2] > 59:
        return None
    return numbers[0] * 3600 + numbers[1] * 60 + numbers[2]


def at_local_time(date: Date, seconds: int, fraction: str, offset: int) -> Instant:
    """Return the instant of a local time; digits of `fraction` beyond nine are dropped."""
    unix = days_since_epoch(date) * _DAY + seconds - offset
    return Instant(unix * _BILLION + int(fraction[:9].ljust(9, "0")), offset)


def format_offset(offset: int, *, colon: bool) -> str:
    """Return the offset as `+hh:mm`, or `+hhmm` without the colon."""
    minutes = abs(offset) // 60
    sign = "-" if offset < 0 else "+"
    return f"{sign}{minutes // 60:02}{':' if colon else ''}{minutes % 60:02}"


def format_rfc3339(instant: Instant) -> str:
    """Return the instant to the second, in its own zone."""
    date, (hour, minute, second) = instant.date, instant.clock
    zone = format_offset(instant.offset, colon=True) if instant.offset else "Z"
    year = f"{date.year:04}" if date.year >= 0 else f"-{-date.year:04}"
    return f"{year}-{date.month:02}-{date.day:02}T{hour:02}:{minute:02}:{second:02}{zone}"
