"""Availability zones: letters in the records, names after the region that a client signs for."""

from __future__ import annotations

import re
from typing import Final

from cotta.region.wire.errors import ApiError

ZONES: Final = ("a", "b", "c")

# What the words of a region's name become in ids; any other is its first letter.
_SHORT: Final = {
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
}


def zone_name(region: str, letter: str) -> str:
    """Return a zone's name: `us-east-1a`."""
    return f"{region}{letter}"


def zone_id(region: str, letter: str) -> str:
    """Return a zone's id, which is the same in every account: `use1-az1`, `apse2-az1`."""
    *words, number = region.split("-")
    place = "".join(_SHORT.get(word, word[:1]) for word in words[1:])
    return f"{''.join(words[:1])}{place}{number}-az{ZONES.index(letter) + 1}"


def zone_letter(name: str) -> str:
    """Return the letter of a zone by its name or its id; `ApiError` if there is none."""
    if match := re.fullmatch(r"[a-z]+(?:-[a-z]+)+-\d+([a-z])", name):
        letter = match[1]
    elif match := re.fullmatch(r"[a-z]+\d+-az(\d)", name):
        letter = chr(ord("a") + int(match[1]) - 1)
    else:
        letter = ""
    if letter not in ZONES:
        raise ApiError("InvalidParameterValue", f"Invalid availability zone: [{name}]")
    return letter
