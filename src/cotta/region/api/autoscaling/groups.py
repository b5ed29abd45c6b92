"""Groups: made, changed, described, deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.autoscaling.encoding import encode_group
from cotta.region.api.autoscaling.lookups import find_group, invalid, page, require_group
from cotta.region.api.autoscaling.parameters import check_configuration, read_fields
from cotta.region.api.calls import Reads, Writes
from cotta.region.api.filters import select
from cotta.region.membership import active_refresh, delete_group
from cotta.region.model import AutoScalingGroup, RefreshStatus
from cotta.region.reconcile.autoscaling import at
from cotta.region.store.kinds import (
    ACTIVITIES,
    AUTO_SCALING_GROUPS,
    GROUP_INSTANCES,
    INSTANCE_REFRESHES,
)
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Values
    from cotta.region.store.store import Reading, Writing

_LONGEST_NAME: Final = 255


def create_auto_scaling_group(call: Call, rows: Writing) -> Answer:
    """Make a group; its instances follow."""
    given = call.parameters
    name = _check_name(given["AutoScalingGroupName"])
    if rows.find(AUTO_SCALING_GROUPS, name) is not None:
        raise ApiError(
            "AlreadyExists",
            f"AutoScalingGroup by this name already exists - A group with the name {name} already "
            "exists",
        )
    fields = read_fields(rows, given)
    if "configuration" not in fields:
        raise invalid(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, "
            "InstanceId or MixedInstancesPolicy parameter."
        )
    if "zones" not in fields:
        raise invalid("At least one Availability Zone or VPC Subnet is required.")
    sizes = _check_sizes(
        given["MinSize"], given["MaxSize"], given.get("DesiredCapacity", given["MinSize"])
    )
    wish = (
        f"At {at(call.now)} a user request created an AutoScalingGroup changing the desired "
        f"capacity from 0 to {sizes['desired_capacity']}."
    )
    group = AutoScalingGroup(
        name=name, id=call.ids.uuid(), created_at=call.now, wish=wish, **sizes, **fields
    )
    check_configuration(rows, group.configuration, group.subnets)
    rows.add(AUTO_SCALING_GROUPS, group)
    return {}


def _check_name(name: str) -> str:
    if not 1 <= len(name) <= _LONGEST_NAME or ":" in name:
        raise invalid(
            f"The name of a group has between 1 and {_LONGEST_NAME} characters, and no colon."
        )
    return name


def _check_sizes(least: int, most: int, desired: int) -> dict[str, Any]:
    if least < 0:
        raise invalid(f"Min bound, {least}, must not be negative.")
    if most < least:
        raise invalid(f"Max bound, {most}, must be greater than or equal to min bound, {least}")
    if not least <= desired <= most:
        raise invalid(
            f"Desired capacity:{desired} must be between the specified min size:{least} and max "
            f"size:{most}"
        )
    return {"min_size": least, "max_size": most, "desired_capacity": desired}


def update_auto_scaling_group(call: Call, rows: Writing) -> Answer:
    """Change a group; its instances follow, those that are there keep their configuration."""
    given = call.parameters
    group = require_group(rows, given["AutoScalingGroupName"])
    fields = read_fields(rows, given)
    sizes = _new_sizes(group, given)
    wish = group.wish
    if sizes["desired_capacity"] != group.desired_capacity:
        wish = (
            f"At {at(call.now)} a user request update of AutoScalingGroup constraints to min: "
            f"{sizes['min_size']}, max: {sizes['max_size']}, desired: "
            f"{sizes['desired_capacity']} changing the desired capacity from "
            f"{group.desired_capacity} to {sizes['desired_capacity']}."
        )
    changed = replace(group, **sizes, **fields, wish=wish)
    if "configuration" in fields or "subnets" in fields:
        check_configuration(rows, changed.configuration, changed.subnets)
        # What did not work before may work now.
        changed = replace(changed, failed_launches=0, retry_at=None)
    rows.put(AUTO_SCALING_GROUPS, changed)
    return {}


def _new_sizes(group: AutoScalingGroup, given: Mapping[str, Any]) -> dict[str, Any]:
    least, most = given.get("MinSize", group.min_size), given.get("MaxSize", group.max_size)
    desired = given.get("DesiredCapacity")
    if desired is None:
        # Bounds that close in on it take it along.
        desired = min(max(group.desired_capacity, least), max(most, least))
    return _check_sizes(least, most, desired)


def set_desired_capacity(call: Call, rows: Writing) -> Answer:
    """Change how many instances a group has."""
    group = require_group(rows, call.parameters["AutoScalingGroupName"])
    desired = call.parameters["DesiredCapacity"]
    for is_wrong, which, bound in (
        (desired > group.max_size, "above max", group.max_size),
        (desired < group.min_size, "below min", group.min_size),
    ):
        if is_wrong:
            raise invalid(
                f"New SetDesiredCapacity value {desired} is {which} value {bound} for the "
                "AutoScalingGroup."
            )
    if desired != group.desired_capacity:
        wish = (
            f"At {at(call.now)} a user request explicitly set group desired capacity changing the "
            f"desired capacity from {group.desired_capacity} to {desired}."
        )
        rows.put(AUTO_SCALING_GROUPS, replace(group, desired_capacity=desired, wish=wish))
    return {}


def delete_auto_scaling_group(call: Call, rows: Writing) -> Answer:
    """Delete an empty group, or with `ForceDelete` a group with its instances."""
    group = find_group(rows, call.parameters["AutoScalingGroupName"])
    members = rows.all(GROUP_INSTANCES, group=group.name)
    is_forced = call.parameters.get("ForceDelete", False)
    if members and not is_forced:
        raise ApiError(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot "
            "instance request(s) still in the group.",
        )
    refresh = active_refresh(rows, group)
    if refresh is not None:
        cancelled = replace(
            refresh,
            status=RefreshStatus.CANCELLED,
            reason="The Auto Scaling group was deleted.",
            ended_at=call.now,
        )
        rows.put(INSTANCE_REFRESHES, cancelled)
    if members:
        rows.put(
            AUTO_SCALING_GROUPS,
            replace(group, is_deleting=True, min_size=0, max_size=0, desired_capacity=0),
        )
        return {}
    if _is_active(rows, group):
        raise ApiError(
            "ScalingActivityInProgress",
            "You cannot delete an AutoScalingGroup while there are scaling activities in progress "
            "for that group.",
        )
    delete_group(rows, group, call.now)
    return {}


def _is_active(rows: Reading, group: AutoScalingGroup) -> bool:
    return any(
        activity.ended_at is None and activity.group_id == group.id
        for activity in rows.all(ACTIVITIES, group=group.name)
    )


def describe_auto_scaling_groups(call: Call, rows: Reading) -> Answer:
    """List groups with their members; a name that no group has is no mistake."""
    given = call.parameters
    names = given.get("AutoScalingGroupNames")
    groups = [group for group in rows.all(AUTO_SCALING_GROUPS) if not names or group.name in names]
    chosen = _filter(groups, given)
    shown, token = page(chosen, given, key=AUTO_SCALING_GROUPS.key)
    encoded = [encode_group(group, call, rows) for group in shown]
    if not given.get("IncludeInstances", True):
        encoded = [{**group, "Instances": []} for group in encoded]
    return {"AutoScalingGroups": encoded, "NextToken": token}


def _filter(groups: list[AutoScalingGroup], given: Mapping[str, Any]) -> list[AutoScalingGroup]:
    try:
        return select(groups, given.get("Filters"), {}, _tag_fields)
    except ApiError as error:
        raise invalid(error.message) from None


def _tag_fields(group: AutoScalingGroup, name: str) -> Values:
    if name == "tag-key":
        return [tag.key for tag in group.tags]
    if name == "tag-value":
        return [tag.value for tag in group.tags]
    return [tag.value for tag in group.tags if name == f"tag:{tag.key}"]


OPERATIONS: Final[Operations] = {
    "CreateAutoScalingGroup": Writes(create_auto_scaling_group),
    "DeleteAutoScalingGroup": Writes(delete_auto_scaling_group),
    "DescribeAutoScalingGroups": Reads(describe_auto_scaling_groups),
    "SetDesiredCapacity": Writes(set_desired_capacity),
    "UpdateAutoScalingGroup": Writes(update_auto_scaling_group),
}
