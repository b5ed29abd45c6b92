"""Times written by an example of one, as Go does: `2006-01-02 15:04`.

The example stands for Monday 2 January 2006, 15:04:05, seven hours behind UTC.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.instants import MONTHS, WEEKDAYS, Instant, format_offset

if TYPE_CHECKING:
    from collections.abc import Callable


def _hour12(at: Instant) -> int:
    return (at.clock[0] + 11) % 12 + 1


def _offset_hours(at: Instant) -> str:
    return format_offset(at.offset, colon=False)[:3]


def _zone_name(at: Instant) -> str:
    """Return the zone's name; one that is not UTC has only its offset for a name."""
    if not at.offset:
        return "UTC"
    return _offset_hours(at) if at.offset % 3600 == 0 else format_offset(at.offset, colon=False)


_WRITERS: Final[dict[str, Callable[[Instant], str]]] = {
    "January": lambda at: MONTHS[at.date.month - 1],
    "Jan": lambda at: MONTHS[at.date.month - 1][:3],
    "Monday": lambda at: WEEKDAYS[at.weekday],
    "Mon": lambda at: WEEKDAYS[at.weekday][:3],
    "MST": _zone_name,
    "2006": lambda at: f"{at.date.year:04}",
    "06": lambda at: f"{at.date.year % 100:02}",
    "01": lambda at: f"{at.date.month:02}",
    "1": lambda at: str(at.date.month),
    "002": lambda at: f"{at.year_day:03}",
    "__2": lambda at: f"{at.year_day:3}",
    "02": lambda at: f"{at.date.day:02}",
    "_2": lambda at: f"{at.date.day:2}",
    "2": lambda at: str(at.date.day),
    "15": lambda at: f"{at.clock[0]:02}",
    "03": lambda at: f"{_hour12(at):02}",
    "3": lambda at: str(_hour12(at)),
    "04": lambda at: f"{at.clock[1]:02}",
    "4": lambda at: str(at.clock[1]),
    "05": lambda at: f"{at.clock[2]:02}",
    "5": lambda at: str(at.clock[2]),
    "PM": lambda at: "AM" if at.clock[0] < 12 else "PM",
    "pm": lambda at: "am" if at.clock[0] < 12 else "pm",
    "-07:00:00": lambda at: format_offset(at.offset, colon=True) + ":00",
    "-070000": lambda at: format_offset(at.offset, colon=False) + "00",
    "-07:00": lambda at: format_offset(at.offset, colon=True),
    "-0700": lambda at: format_offset(at.offset, colon=False),
    "-07": _offset_hours,
    "Z07:00:00": lambda at: format_offset(at.offset, colon=True) + ":00" if at.offset else "Z",
    "Z070000": lambda at: format_offset(at.offset, colon=False) + "00" if at.offset else "Z",
    "Z07:00": lambda at: format_offset(at.offset, colon=True) if at.offset else "Z",
    "Z0700": lambda at: format_offset(at.offset, colon=False) if at.offset else "Z",
    "Z07": lambda at: _offset_hours(at) if at.offset else "Z",
}

# "Jan" is no month at the beginning of another word in small letters ("January"
# is), "_2006" is an underscore and a year, and a fraction ends with its digits.
_PART: Final = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|_(?=2006)|__2|_2|2006|002"
    r"|0[1-6]|15|[1-5]|PM|pm"
    r"|[-Z](?:07:00:00|070000|07:00|0700|07)"
    r"|[.,](?:0+|9+)(?![0-9])"
)


def format_by_layout(instant: Instant, layout: str) -> str:
    """Return the instant as the example of a layout shows."""

    def write(found: re.Match[str]) -> str:
        part = found[0]
        if part[0] in ".,":
            digits = f"{instant.fraction:09}"[: len(part) - 1].ljust(len(part) - 1, "0")
            if part[1] == "0":
                return part[0] + digits
            digits = digits.rstrip("0")
            return part[0] + digits if digits else ""
        writer = _WRITERS.get(part)
        return writer(instant) if writer is not None else part

    return _PART.sub(write, layout)


_DIRECTIVES: Final = {
    "B": "January", "b": "Jan", "m": "01", "A": "Monday", "a": "Mon", "d": "02", "H": "15",
    "I": "03", "M": "04", "S": "05", "Y": "2006", "y": "06", "p": "PM", "Z": "MST", "z": "-0700",
}  # fmt: skip


def layout_of_strftime(format: str) -> str:
    """Return the layout of a format with `%Y` and the like.

    As in Packer, text between the directives is part of the layout, so that
    "15" in it means the hour.
    """
    layout = []
    for chunk in format.split("%"):
        if not chunk:
            continue
        example = _DIRECTIVES.get(chunk[0])
        layout.append(f"%{chunk}" if example is None else example + chunk[1:])
    return "".join(layout)
