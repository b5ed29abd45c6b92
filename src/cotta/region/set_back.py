"""What becomes of rows that are of the future because the clock was set back.

Whatever waits, waits until so long after a time in a row: a grace period, a warm-up, an instance
that is still shown. Where that time is an hour ahead, the wait would be an hour longer. So
what has happened is taken to have happened just now, in the order in which it has: a wait begins
anew at most, and an image that is made now is newer than those that there are.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.ec2.image_attributes import COOLDOWN
from cotta.region.membership import launch_pause
from cotta.region.model import AutoScalingGroup, Image, Target
from cotta.region.store.kinds import KINDS, SESSIONS, TARGET_GROUPS
from cotta.region.targets import deregistration_delay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cotta.region.store.store import Reading, Writing

# What is ahead on purpose: an end that somebody has chosen, and ends of waits.
_AHEAD: Final = frozenset({"deprecated_at", "drain_until", "protected_until", "retry_at"})

# The API shows milliseconds of some times.
_APART: Final = timedelta(milliseconds=1)


def take_back(rows: Writing, now: datetime) -> int:
    """Have no row say that something happened after `now`; return how many were changed.

    Ends of waits are at most the wait's own length ahead then.  What somebody has chosen as a time
    stays: until when credentials are valid, from when on an image is deprecated.
    """
    found = [(kind, rows.all(kind)) for kind in KINDS if kind is not SESSIONS]
    times = {time for _, records in found for one in records for time in _happened(one)}
    ahead = sorted((time for time in times if time > now), reverse=True)
    before = max((time for time in times if time <= now), default=now - _APART * (len(ahead) + 1))
    apart = min(_APART, (now - before) / (len(ahead) + 1))
    moved = {time: now - place * apart for place, time in enumerate(ahead)}
    changed = 0
    for kind, records in found:
        for record in records:
            settled = _with_end(rows, _moved(record, moved), now)
            if settled != record:
                rows.put(kind, settled)
                changed += 1
    return changed


def _happened(value: object) -> Iterator[datetime]:
    """Yield the times in a record that are not ahead on purpose."""
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _happened(one)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in _AHEAD:
                yield from _happened(getattr(value, field.name))


def _moved(value: Any, moved: Mapping[datetime, datetime]) -> Any:
    """Return a record with other times; the very same one if it has none of them."""
    if isinstance(value, datetime):
        return moved.get(value, value)
    if isinstance(value, tuple):
        return tuple([_moved(one, moved) for one in value])
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {}
    for field in fields(value):
        before = getattr(value, field.name)
        if field.name not in _AHEAD and (after := _moved(before, moved)) != before:
            changes[field.name] = after
    return replace(value, **changes) if changes else value


def _with_end(rows: Reading, record: Any, now: datetime) -> Any:
    """Return a record whose wait ends no later than if it began now."""
    match record:
        case Target(drain_until=datetime() as until):
            group = rows.find(TARGET_GROUPS, record.target_group)
            most = deregistration_delay(group) if group is not None else timedelta()
            return replace(record, drain_until=min(until, now + most))
        case AutoScalingGroup(retry_at=datetime() as until):
            most = launch_pause(record.failed_launches)
            return replace(record, retry_at=min(until, now + most))
        case Image(protected_until=datetime() as until):
            return replace(record, protected_until=min(until, now + COOLDOWN))
        case _:
            return record
