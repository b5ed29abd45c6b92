"""When a refresh under way will be over: its own pace, or a simulated course before it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.rollouts import simulate

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from cotta.fleets.model import Group


def time_left(group: Group, *, now: datetime, boot: timedelta) -> timedelta | None:
    """Return how long a group's refresh will still take; None if none is under way.

    Once something has been replaced the rest goes on as before; until then the roll is
    simulated, with `boot` from a launch until an instance is in service.
    """
    refresh = group.refresh
    if refresh is None or refresh.status.is_final:
        return None
    size = max(group.desired, 1)
    done = size - refresh.remaining
    if done > 0 and refresh.started_at is not None:
        return (now - refresh.started_at) / done * refresh.remaining
    course = simulate(size, refresh.preferences, boots=lambda _: boot)
    return course.duration * min(refresh.remaining or size, size) / size
