"""Fleets as text, as tables, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final

from cotta.cli.views.region_status import plain_table
from cotta.fleets.foretell import time_left

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cotta.fleets.model import FleetMember, Group, Refresh

_COLUMNS: Final = ("INSTANCE", "IMAGE", "AGE", "VERSION", "STATE", "HEALTH", "ZONE", "UP", "DRIFT")
_ACTIVITIES: Final = 3
_MOST_PATHS: Final = 3


def encode_groups(groups: Sequence[Group], *, now: datetime, boot: timedelta) -> str:
    """Return the groups as a JSON document; times are ISO 8601, durations seconds.

    `boot` is how long an instance takes to serve, for the end of a refresh that has just begun.
    """
    records = []
    for group in groups:
        left = time_left(group, now=now, boot=boot)
        record = asdict(group)
        record["in_service"] = group.in_service
        record["seconds_left"] = None if left is None else round(left.total_seconds())
        for member, one in zip(record["members"], group.members, strict=True):
            member["is_in_service"] = one.is_in_service
        records.append(record)
    return json.dumps({"format_version": "1.0", "groups": records}, indent=2, default=_plain) + "\n"


def render_groups(groups: Sequence[Group], *, now: datetime, boot: timedelta) -> str:
    """Return the groups for people: a head, the refresh, a line per member, recent activities."""
    return "\n".join(_group(group, now, boot) for group in groups)


def _group(group: Group, now: datetime, boot: timedelta) -> str:
    lines = [
        (
            f"{group.name}: {group.in_service} of {group.desired} in service "
            f"(at least {group.minimum}, at most {group.maximum}){_template(group)}"
        )
    ]
    if group.refresh is not None:
        lines.append(f"  {_refresh(group.refresh, time_left(group, now=now, boot=boot))}")
    text = "\n".join(lines) + "\n"
    if group.members:
        table = plain_table([_COLUMNS, *(_cells(member, now) for member in group.members)])
        text += "".join(f"  {line}\n" for line in table.splitlines())
    return text + "".join(f"  {line}\n" for line in _activities(group))


def _template(group: Group) -> str:
    if not group.template:
        return ""
    said = f", template {group.template} version {group.version}"
    if group.latest_version and group.version != group.latest_version:
        said += f" (the latest is {group.latest_version})"
    return said


def _refresh(refresh: Refresh, left: timedelta | None) -> str:
    target = f" to version {refresh.version}" if refresh.version else ""
    said = f"Refresh{target}: {refresh.status.value}"
    if left is not None:
        said += f", {refresh.percentage} % done, {refresh.remaining} to go"
        said += f", about {render_duration(left)} more"
    return f"{said}. {refresh.reason}" if refresh.reason else said


def _cells(member: FleetMember, now: datetime) -> tuple[str, ...]:
    image = member.image
    name = "" if image is None else image.name or image.id
    age = "" if image is None or image.created_at is None else _since(image.created_at, now)
    state = member.lifecycle + (" (protected)" if member.is_protected else "")
    return (
        member.id,
        name,
        age,
        member.version,
        state,
        _health(member),
        member.zone,
        "" if member.launched_at is None else _since(member.launched_at, now),
        _drift(member),
    )


def _health(member: FleetMember) -> str:
    """Return the worst that is said of a member: its targets' word, if they don't take it."""
    for target in member.targets:
        if target.state != "healthy":
            return f"{target.state} at {target.target_group}"
    return member.health.lower()


def _drift(member: FleetMember) -> str:
    shown, more = ", ".join(member.drift[:_MOST_PATHS]), len(member.drift) - _MOST_PATHS
    return shown if more <= 0 else f"{shown} and {more} more"


def _activities(group: Group) -> list[str]:
    return [
        f"{one.started_at:%H:%M:%S} {one.status}: {one.description}"
        + (f" ({one.message})" if one.message else "")
        for one in group.activities[:_ACTIVITIES]
        if one.started_at is not None
    ]


def _since(then: datetime, now: datetime) -> str:
    return render_duration(max(now - then, timedelta()))


def render_duration(duration: timedelta) -> str:
    """Return a duration as people say it, in its two largest units: `40 s`, `3 min 5 s`, `2 d`."""
    seconds = round(duration.total_seconds())
    parts: list[str] = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, timedelta):
        return value.total_seconds()
    assert hasattr(value, "isoformat"), type(value)
    return value.isoformat()
