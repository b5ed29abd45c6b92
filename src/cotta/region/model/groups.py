"""Auto Scaling groups, their refreshes and activities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cotta.region.model.ids import ActivityId, GroupName, RefreshId


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoScalingGroup:
    """A group of instances that is kept at its size."""

    name: GroupName
    arn: str
    created_at: datetime
    min_size: int
    max_size: int
    desired_capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceRefresh:
    """One replacement of a group's instances, from its start to its end."""

    id: RefreshId
    group: GroupName
    started_at: datetime
    status: str = "Pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something a group did, and why."""

    id: ActivityId
    group: GroupName
    started_at: datetime
    cause: str
    status: str = "PreInService"
