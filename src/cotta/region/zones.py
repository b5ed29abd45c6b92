"""Availability zones: letters in the records, names after the region that a client signs for."""

from __future__ import annotations

import re
from typing import Final

from cotta.region.wire.errors import ApiError

ZONES: Final = ("a", "b", "c")


def zone_name(region: str, letter: str) -> str:
    """Return a zone's name: `us-east-1a`."""
    return f"{region}{letter}"


def zone_id(region: str, letter: str) -> str:
    """Return a zone's id, which is the same in every account: `use1-az1`."""
    continent, *directions, number = region.split("-")
    place = "".join(direction[0] for direction in directions)
    return f"{continent}{place}{number}-az{ZONES.index(letter) + 1}"


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
