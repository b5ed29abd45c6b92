"""How careful a rollout is, and what that means for a fleet of a given size.

The law is the API reference of EC2 Auto Scaling, `RefreshPreferences`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

LONGEST_DELAY: Final = timedelta(days=2)


class Protected(Enum):
    """What to do with instances that are protected from scale-in, by AWS's names."""

    REFRESH = "Refresh"
    IGNORE = "Ignore"
    WAIT = "Wait"


class Standby(Enum):
    """What to do with instances on standby, by AWS's names."""

    TERMINATE = "Terminate"
    IGNORE = "Ignore"
    WAIT = "Wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How a rollout is to go; the defaults are AWS's.

    Percentages are of the desired capacity.  `max_healthy` None is 100 and lets an
    instance end before its successor is there, where both bounds can't be kept.
    The last of `checkpoints` is the share to replace; none at all means everything.
    `warmup` passes between the moment an instance is in service and the moment it counts.
    """

    min_healthy: int = 90
    max_healthy: int | None = None
    warmup: timedelta = timedelta()
    checkpoints: tuple[int, ...] = ()
    checkpoint_delay: timedelta = timedelta(hours=1)
    skip_matching: bool = False
    standby: Standby = Standby.WAIT
    protected: Protected = Protected.WAIT
    bake_time: timedelta = timedelta()
    auto_rollback: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """How few instances must be ready, and how many there may be, while a fleet is replaced."""

    floor: int
    ceiling: int


def bounds(desired: int, preferences: Preferences) -> Bounds:
    """Return the bounds for a fleet of `desired` instances; `ceiling` > `floor` unless it is empty.

    The floor is rounded up.  AWS does not say how it rounds the ceiling: it is
    rounded down here, so that never more run than were allowed.
    """
    floor = _percent_up(desired, preferences.min_healthy)
    ceiling = desired * (preferences.max_healthy or 100) // 100
    if desired == 0 or ceiling > floor:
        return Bounds(floor, ceiling)
    # 3 wanted, 90 % must stay and 100 % may be there: both bounds are 3, and nothing could
    # ever be replaced.  So one instance is let off: ahead of the old one's end if
    # a maximum was given or nothing may be missing, else at the same time.
    if preferences.max_healthy is None and preferences.min_healthy < 100:
        return Bounds(floor - 1, ceiling)
    return Bounds(floor, ceiling + 1)


def share(goal: int, percentage: int) -> int:
    """Return how many of `goal` instances are at least a percentage of them."""
    return _percent_up(goal, percentage)


def mistakes(preferences: Preferences) -> list[str]:
    """Return what is wrong with preferences, a sentence each; nothing if they make sense."""
    found = []
    low, high = preferences.min_healthy, preferences.max_healthy
    if not 0 <= low <= 100:
        found.append(f"MinHealthyPercentage must be between 0 and 100, and {low} is not.")
    if high is not None and not 100 <= high <= 200:
        found.append(f"MaxHealthyPercentage must be between 100 and 200, and {high} is not.")
    if high is not None and high - low > 100:
        found.append(
            "The difference between MinHealthyPercentage and MaxHealthyPercentage cannot be "
            f"greater than 100, and {high} - {low} is {high - low}."
        )
    if preferences.warmup < timedelta():
        found.append("InstanceWarmup must not be negative.")
    found += _mistakes_of_checkpoints(preferences.checkpoints)
    for name, delay in (
        ("CheckpointDelay", preferences.checkpoint_delay),
        ("BakeTime", preferences.bake_time),
    ):
        if not timedelta() <= delay <= LONGEST_DELAY:
            found.append(
                f"{name} must be between 0 and 172800 seconds, and "
                f"{delay.total_seconds():.0f} is not."
            )
    return found


def _mistakes_of_checkpoints(checkpoints: tuple[int, ...]) -> list[str]:
    found = [
        f"CheckpointPercentages must be between 1 and 100, and {one} is not."
        for one in checkpoints
        if not 1 <= one <= 100
    ]
    if list(checkpoints) != sorted(set(checkpoints)):
        given = ", ".join(str(one) for one in checkpoints)
        found.append(
            f"CheckpointPercentages must be unique and in ascending order, and [{given}] is not."
        )
    return found


def _percent_up(whole: int, percentage: int) -> int:
    return -(-whole * percentage // 100)
