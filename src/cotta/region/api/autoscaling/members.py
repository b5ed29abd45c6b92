"""Members of groups: described, protected, attached, detached, terminated."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.autoscaling.activities import encode_activity
from cotta.region.api.autoscaling.encoding import encode_member
from cotta.region.api.autoscaling.lookups import (
    find_group,
    invalid,
    page,
    require_group,
    require_member,
    require_members,
)
from cotta.region.api.calls import Reads, Writes
from cotta.region.membership import (
    GROUP_TAG,
    begin_end,
    leave_target_groups,
    note_activity,
)
from cotta.region.model import (
    AutoScalingGroup,
    GroupInstance,
    Instance,
    InstanceState,
    LifecycleState,
)
from cotta.region.reconcile.autoscaling import USER_CHECK, at
from cotta.region.store.kinds import AUTO_SCALING_GROUPS, GROUP_INSTANCES, INSTANCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing

_SERVING: Final = frozenset({LifecycleState.IN_SERVICE, LifecycleState.STANDBY})


def describe_auto_scaling_instances(call: Call, rows: Reading) -> Answer:
    """List the members of all groups; an id that is no member's is no mistake."""
    ids = call.parameters.get("InstanceIds")
    members = [one for one in rows.all(GROUP_INSTANCES) if not ids or one.id in ids]
    shown, token = page(members, call.parameters, key=GROUP_INSTANCES.key)
    return {
        "AutoScalingInstances": [_encode_alone(member, call) for member in shown],
        "NextToken": token,
    }


def _encode_alone(member: GroupInstance, call: Call) -> dict[str, Any]:
    """Return a member by itself: in capitals, for whatever reason, is its health here."""
    encoded = encode_member(member, call)
    return {
        **encoded,
        "AutoScalingGroupName": member.group,
        "HealthStatus": encoded["HealthStatus"].upper(),
    }


def set_instance_protection(call: Call, rows: Writing) -> Answer:
    """Protect members from scale-in, or no longer."""
    given = call.parameters
    group = require_group(rows, given["AutoScalingGroupName"])
    for member in require_members(rows, group, given["InstanceIds"]):
        if member.state not in _SERVING:
            raise invalid(
                f"The instance {member.id} is not in InService or EnteringStandby or Standby."
            )
        rows.put(GROUP_INSTANCES, replace(member, is_protected=given["ProtectedFromScaleIn"]))
    return {}


def set_instance_health(call: Call, rows: Writing) -> Answer:
    """Say how a member is; one that is unhealthy is replaced."""
    given = call.parameters
    status = given["HealthStatus"]
    if status.lower() not in {"healthy", "unhealthy"}:
        raise invalid(f"Valid instance health states are: Healthy, Unhealthy. '{status}' is not.")
    member = require_member(rows, given["InstanceId"])
    is_healthy = status.lower() == "healthy"
    group = find_group(rows, member.group)
    grace = timedelta(seconds=group.health_check_grace_seconds)
    is_in_grace = call.now < (member.in_service_at or member.joined_at) + grace
    if is_in_grace and not is_healthy and given.get("ShouldRespectGracePeriod", True):
        return {}
    complaint = "" if is_healthy else USER_CHECK
    rows.put(GROUP_INSTANCES, replace(member, is_healthy=is_healthy, complaint=complaint))
    return {}


def terminate_instance_in_auto_scaling_group(call: Call, rows: Writing) -> Answer:
    """End a member; another one follows unless the capacity shrinks by it."""
    given = call.parameters
    if "InstanceId" not in given:
        raise invalid("Name the instance that is to be terminated: InstanceId is missing.")
    member = require_member(rows, given["InstanceId"])
    group = require_group(rows, member.group)
    if member.state is LifecycleState.TERMINATING:
        raise invalid(f"The instance {member.id} is being terminated already.")
    cause = (
        f"At {at(call.now)} instance {member.id} was taken out of service in response to a user "
        "request"
    )
    if given["ShouldDecrementDesiredCapacity"]:
        before = group.desired_capacity
        group = _shrink(rows, group, 1)
        cause += f", shrinking the capacity from {before} to {group.desired_capacity}"
    activity = begin_end(rows, group, member, f"{cause}.", now=call.now, ids=call.ids)
    return {"Activity": encode_activity(activity, group, call)}


def _shrink(rows: Writing, group: AutoScalingGroup, count: int) -> AutoScalingGroup:
    if group.desired_capacity - count < group.min_size:
        raise invalid(
            f"Currently, desiredSize equals minSize ({group.min_size}). Terminating instance "
            "without replacement will violate group's min size constraint. Either set "
            "shouldDecrementDesiredCapacity flag to false or lower group's min size."
        )
    smaller = replace(group, desired_capacity=group.desired_capacity - count)
    rows.put(AUTO_SCALING_GROUPS, smaller)
    return smaller


# --- in and out -----------------------------------------------------------------------


def attach_instances(call: Call, rows: Writing) -> Answer:
    """Take running instances into a group, which is larger by them."""
    given = call.parameters
    group = require_group(rows, given["AutoScalingGroupName"])
    instances = [
        _require_free(rows, group, one) for one in dict.fromkeys(given.get("InstanceIds", ()))
    ]
    desired = group.desired_capacity + len(instances)
    if desired > group.max_size:
        raise invalid(
            f"AutoScalingGroup {group.name} has max-size={group.max_size} and would have the "
            f"desired capacity {desired} with the instances."
        )
    rows.put(AUTO_SCALING_GROUPS, replace(group, desired_capacity=desired))
    for instance in instances:
        cause = (
            f"At {at(call.now)} an instance was attached in response to a user request, increasing "
            f"the capacity from {group.desired_capacity} to {desired}."
        )
        note_activity(
            rows,
            group,
            f"Attaching an existing EC2 instance: {instance.id}",
            cause,
            now=call.now,
            ids=call.ids,
            zone=instance.zone,
            subnet=instance.subnet_id,
        )
        member = GroupInstance(
            id=instance.id,
            group=group.name,
            zone=instance.zone,
            instance_type=instance.instance_type,
            joined_at=call.now,
            in_service_at=call.now,
            state=LifecycleState.IN_SERVICE,
            is_protected=group.protects_new_instances,
            launched_from=instance.launched_from,
        )
        rows.add(GROUP_INSTANCES, member)
        rows.put(INSTANCES, replace(instance, tags={**instance.tags, GROUP_TAG: group.name}))
    return {}


def _require_free(rows: Reading, group: AutoScalingGroup, instance_id: str) -> Instance:
    instance = rows.find(INSTANCES, instance_id)
    if instance is None:
        raise invalid(f"Invalid Instance ID(s): [{instance_id}]. There is no such instance.")
    if instance.state is not InstanceState.RUNNING:
        raise invalid(
            f"Instance {instance_id} is not in the running state: it is {instance.state.value}."
        )
    member = rows.find(GROUP_INSTANCES, instance_id)
    if member is not None:
        raise invalid(f"Instance {instance_id} is already part of AutoScalingGroup: {member.group}")
    if instance.zone not in group.zones:
        raise invalid(
            f"Instance {instance_id} is not in a zone of the Auto Scaling group {group.name}."
        )
    return instance


def detach_instances(call: Call, rows: Writing) -> Answer:
    """Let go members, which run on; others follow unless the capacity shrinks by them."""
    given = call.parameters
    group = require_group(rows, given["AutoScalingGroupName"])
    members = require_members(rows, group, list(dict.fromkeys(given.get("InstanceIds", ()))))
    for member in members:
        if member.state not in _SERVING:
            raise invalid(
                f"The instance {member.id} is not in a state that it can be detached in: "
                f"{member.state.value}."
            )
    if given["ShouldDecrementDesiredCapacity"]:
        group = _shrink(rows, group, len(members))
    return {"Activities": _detach(call, rows, group, members)}


def _detach(
    call: Call, rows: Writing, group: AutoScalingGroup, members: Sequence[GroupInstance]
) -> list[dict[str, Any]]:
    activities = []
    for member in members:
        leave_target_groups(rows, member.id, call.now, group.target_groups)
        rows.remove(GROUP_INSTANCES, member.id)
        instance = rows.find(INSTANCES, member.id)
        if instance is not None:
            tags = {key: value for key, value in instance.tags.items() if key != GROUP_TAG}
            rows.put(INSTANCES, replace(instance, tags=tags))
        activity = note_activity(
            rows,
            group,
            f"Detaching EC2 instance: {member.id}",
            f"At {at(call.now)} instance {member.id} was detached in response to a user request.",
            now=call.now,
            ids=call.ids,
            zone=member.zone,
            subnet=instance.subnet_id if instance is not None else None,
        )
        activities.append(encode_activity(activity, group, call))
    return activities


OPERATIONS: Final[Operations] = {
    "AttachInstances": Writes(attach_instances),
    "DescribeAutoScalingInstances": Reads(describe_auto_scaling_instances),
    "DetachInstances": Writes(detach_instances),
    "SetInstanceHealth": Writes(set_instance_health),
    "SetInstanceProtection": Writes(set_instance_protection),
    "TerminateInstanceInAutoScalingGroup": Writes(terminate_instance_in_auto_scaling_group),
}
