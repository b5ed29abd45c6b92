"""Stretches of time as Go writes them: `5m`, `1h30m`, `1.5s`, `200ms`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

_UNITS: Final = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_PART: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_WHOLE: Final = re.compile(rf"[-+]?(?:{_PART.pattern})+")


def parse_duration(text: str) -> timedelta | None:
    """Return the stretch of time; None if the text is none."""
    if text in ("0", ""):
        return timedelta()
    if _WHOLE.fullmatch(text) is None:
        return None
    seconds = sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(text))
    try:
        return timedelta(seconds=-seconds if text.startswith("-") else seconds)
    except OverflowError:
        return None
