"""The time, as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        ...

    def sleep(self, duration: timedelta) -> None:
        """Return after `duration`."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC)

    def sleep(self, duration: timedelta) -> None:
        """Return after `duration`."""
        time.sleep(max(duration.total_seconds(), 0))


class FixedClock:
    """A clock that stands still, except that sleeping moves it."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self._now

    def sleep(self, duration: timedelta) -> None:
        """Return at once, `duration` later."""
        self._now += max(duration, timedelta())
