"""Scaling activities: what was done to a group, and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.autoscaling.lookups import find_group, group_arn, invalid, page
from cotta.region.api.calls import Reads
from cotta.region.store.kinds import ACTIVITIES, AUTO_SCALING_GROUPS
from cotta.region.zones import zone_name

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import Activity, AutoScalingGroup
    from cotta.region.store.store import Reading

# Pages are in the order of keys, and activities come with the latest first.
_FAR_FUTURE: Final = datetime(9999, 1, 1, tzinfo=UTC)


def describe_scaling_activities(call: Call, rows: Reading) -> Answer:
    """List the activities of a group, or of all, the latest first."""
    given = call.parameters
    if given.get("Filters"):
        raise invalid("The local region has no filters for scaling activities.")
    with_deleted = given.get("IncludeDeletedGroups", False)
    name, ids = given.get("AutoScalingGroupName"), given.get("ActivityIds")
    if name and not with_deleted:
        find_group(rows, name)
    groups = {group.name: group for group in rows.all(AUTO_SCALING_GROUPS)}
    activities = rows.all(ACTIVITIES, group=name) if name else rows.all(ACTIVITIES)
    chosen = [
        activity
        for activity in activities
        if (not ids or activity.id in ids)
        and (with_deleted or _is_of(activity, groups.get(activity.group)))
    ]
    shown, token = page(chosen, given, key=_key)
    return {
        "Activities": [
            encode_activity(activity, groups.get(activity.group), call) for activity in shown
        ],
        "NextToken": token,
    }


def _is_of(activity: Activity, group: AutoScalingGroup | None) -> bool:
    return group is not None and activity.group_id == group.id


def _key(activity: Activity) -> str:
    left = (_FAR_FUTURE - activity.started_at).total_seconds()
    return f"{left:020.6f}{activity.id}"


def encode_activity(
    activity: Activity, group: AutoScalingGroup | None, call: Call
) -> dict[str, Any]:
    """Return an activity; `group` is the one that has its group's name now."""
    details = {
        "Subnet ID": activity.subnet_id,
        "Availability Zone": (
            zone_name(call.region, activity.zone) if activity.zone is not None else None
        ),
    }
    is_there = _is_of(activity, group)
    return {
        "ActivityId": activity.id,
        "AutoScalingGroupName": activity.group,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": activity.started_at,
        "EndTime": activity.ended_at,
        "StatusCode": activity.status,
        "StatusMessage": activity.status_message,
        "Progress": activity.progress,
        "Details": json.dumps({key: value for key, value in details.items() if value}),
        "AutoScalingGroupState": None if is_there else "Deleted",
        "AutoScalingGroupARN": (group_arn(call, group) if is_there and group is not None else None),
    }


OPERATIONS: Final[Operations] = {
    "DescribeScalingActivities": Reads(describe_scaling_activities),
}
