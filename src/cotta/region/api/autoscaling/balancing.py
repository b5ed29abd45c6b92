"""Groups' target groups, by their own operations and as traffic sources.

Only the group is changed when one is attached: its members are registered when they are looked
at next.  When one is detached they leave it at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.autoscaling.lookups import (
    find_group,
    page,
    require_group,
    target_group_arn,
)
from cotta.region.api.autoscaling.parameters import require_target_groups, traffic_arns
from cotta.region.api.calls import Reads, Writes
from cotta.region.membership import leave_target_groups
from cotta.region.model import LifecycleState, TargetHealth
from cotta.region.store.kinds import AUTO_SCALING_GROUPS, GROUP_INSTANCES
from cotta.region.targets import health_of, target_group_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import TargetGroupId
    from cotta.region.store.store import Reading, Writing


def attach_load_balancer_target_groups(call: Call, rows: Writing) -> Answer:
    """Have a group's members serve target groups."""
    return _attach(call, rows, call.parameters["TargetGroupARNs"])


def attach_traffic_sources(call: Call, rows: Writing) -> Answer:
    """Have a group's members serve target groups."""
    return _attach(call, rows, traffic_arns(call.parameters["TrafficSources"]))


def _attach(call: Call, rows: Writing, arns: Sequence[str]) -> Answer:
    group = require_group(rows, call.parameters["AutoScalingGroupName"])
    new = require_target_groups(rows, arns)
    together = tuple(dict.fromkeys((*group.target_groups, *new)))
    rows.put(AUTO_SCALING_GROUPS, replace(group, target_groups=together))
    return {}


def detach_load_balancer_target_groups(call: Call, rows: Writing) -> Answer:
    """Have a group's members serve target groups no longer."""
    return _detach(call, rows, call.parameters["TargetGroupARNs"])


def detach_traffic_sources(call: Call, rows: Writing) -> Answer:
    """Have a group's members serve target groups no longer."""
    return _detach(call, rows, traffic_arns(call.parameters["TrafficSources"]))


def _detach(call: Call, rows: Writing, arns: Sequence[str]) -> Answer:
    group = require_group(rows, call.parameters["AutoScalingGroupName"])
    # A target group may have been deleted before it is detached.
    gone = [target_group_id(arn) for arn in arns]
    for member in rows.all(GROUP_INSTANCES, group=group.name):
        leave_target_groups(rows, member.id, call.now, gone)
    kept = tuple(one for one in group.target_groups if one not in gone)
    rows.put(AUTO_SCALING_GROUPS, replace(group, target_groups=kept))
    return {}


def describe_load_balancer_target_groups(call: Call, rows: Reading) -> Answer:
    """List a group's target groups."""
    group = find_group(rows, call.parameters["AutoScalingGroupName"])
    shown, token = page(group.target_groups, call.parameters, key=str)
    return {
        "LoadBalancerTargetGroups": [
            {
                "LoadBalancerTargetGroupARN": target_group_arn(call, one),
                "State": _state(rows, group.name, one),
            }
            for one in shown
        ],
        "NextToken": token,
    }


def describe_traffic_sources(call: Call, rows: Reading) -> Answer:
    """List a group's target groups as traffic sources."""
    group = find_group(rows, call.parameters["AutoScalingGroupName"])
    kind = call.parameters.get("TrafficSourceType", "elbv2")
    listed = group.target_groups if kind == "elbv2" else ()
    shown, token = page(listed, call.parameters, key=str)
    return {
        "TrafficSources": [_encode_source(call, rows, group.name, one) for one in shown],
        "NextToken": token,
    }


def _encode_source(
    call: Call, rows: Reading, group_name: str, target_group: TargetGroupId
) -> dict[str, Any]:
    arn = target_group_arn(call, target_group)
    return {
        "Identifier": arn,
        "TrafficSource": arn,
        "Type": "elbv2",
        "State": _state(rows, group_name, target_group),
    }


def _state(rows: Reading, group_name: str, target_group: TargetGroupId) -> str:
    """Return how far a target group is: `Adding` until all members are in it."""
    members = {
        member.id
        for member in rows.all(GROUP_INSTANCES, group=group_name)
        if member.state is LifecycleState.IN_SERVICE
    }
    health = {one.target.target_id: one.state for one in health_of(rows, target_group)}
    if not members <= health.keys():
        return "Adding"
    is_serving = any(health[one] is TargetHealth.HEALTHY for one in members)
    return "InService" if is_serving else "Added"


OPERATIONS: Final[Operations] = {
    "AttachLoadBalancerTargetGroups": Writes(attach_load_balancer_target_groups),
    "AttachTrafficSources": Writes(attach_traffic_sources),
    "DescribeLoadBalancerTargetGroups": Reads(describe_load_balancer_target_groups),
    "DescribeTrafficSources": Reads(describe_traffic_sources),
    "DetachLoadBalancerTargetGroups": Writes(detach_load_balancer_target_groups),
    "DetachTrafficSources": Writes(detach_traffic_sources),
}
