"""Members of Auto Scaling groups: launched, put into service, taken out, with activities.

For requests and for the controller alike.  Rows alone are written: machines follow.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.region.launching import launch, read_launch, terminate
from cotta.region.model import (
    Activity,
    GroupInstance,
    InstanceState,
    LifecycleState,
    StateReason,
    SubnetId,
)
from cotta.region.reconcile.refresh import ACTIVE
from cotta.region.store.kinds import (
    ACTIVITIES,
    AUTO_SCALING_GROUPS,
    GROUP_INSTANCES,
    INSTANCE_REFRESHES,
    INSTANCES,
    TARGET_GROUPS,
    TARGETS,
)
from cotta.region.targets import deregister, register
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cotta.region.model import (
        Account,
        AutoScalingGroup,
        Configuration,
        InstanceRefresh,
        TargetGroupId,
    )
    from cotta.region.store.store import Reading, Writing
    from cotta.system.ids import IdSource

GROUP_TAG: Final = "aws:autoscaling:groupName"

BY_GROUP: Final = StateReason(
    "Client.UserInitiatedShutdown",
    "Client.UserInitiatedShutdown: User initiated shutdown (by Auto Scaling)",
)

# AWS keeps activities for six weeks.
_KEPT_FOR: Final = timedelta(weeks=6)

_FIRST_RETRY: Final = timedelta(seconds=5)
_LONGEST_RETRY: Final = timedelta(minutes=5)

_MOVING: Final = frozenset({InstanceState.PENDING, InstanceState.RUNNING})


def launch_member(
    rows: Writing,
    group: AutoScalingGroup,
    *,
    zone: str,
    subnet: SubnetId | None,
    cause: str,
    refresh_id: str | None,
    configuration: Configuration,
    now: datetime,
    ids: IdSource,
    account: Account,
) -> bool:
    """Write a new member and its instance, or a failed activity that says why not; say which."""
    prune_activities(rows, now)
    activity = _begin(
        group, "Launching a new EC2 instance", cause, now=now, ids=ids, zone=zone, subnet=subnet
    )
    try:
        wanted = read_launch(rows, launch_parameters(configuration))
        tags = {**wanted.tags, "instance": {**wanted.tags["instance"], **_tags(group)}}
        given = wanted.subnet_id
        wanted = replace(
            wanted,
            least=1,
            most=1,
            subnet_id=subnet or given,
            zone=None if subnet or given else zone,
            tags=tags,
        )
        (instance,) = launch(rows, wanted, now=now, ids=ids, account=account)
    except ApiError as error:
        _fail(rows, activity, error.message, now)
        back_off(rows, group.name, now)
        return False
    member = GroupInstance(
        id=instance.id,
        group=group.name,
        zone=instance.zone,
        instance_type=instance.instance_type,
        joined_at=now,
        is_protected=group.protects_new_instances,
        launched_from=instance.launched_from,
        refresh_id=refresh_id,
        activity_id=activity.id,
    )
    rows.add(GROUP_INSTANCES, member)
    description = f"Launching a new EC2 instance: {instance.id}"
    rows.add(ACTIVITIES, replace(activity, description=description, subnet_id=instance.subnet_id))
    return True


def launch_parameters(configuration: Configuration) -> dict[str, Any]:
    """Return what RunInstances would be given for an instance of a group."""
    parameters: dict[str, Any] = {
        "LaunchTemplate": {
            "LaunchTemplateId": configuration.template_id,
            "Version": configuration.version,
        },
    }
    if configuration.overrides:
        first = configuration.overrides[0]
        for name in ("InstanceType", "ImageId"):
            if name in first:
                parameters[name] = first[name]
    return parameters


def _tags(group: AutoScalingGroup) -> dict[str, str]:
    propagated = {tag.key: tag.value for tag in group.tags if tag.propagates}
    return {**propagated, GROUP_TAG: group.name}


def back_off(rows: Writing, group_name: str, now: datetime) -> None:
    """Have a group wait before it launches again, longer after each failure in a row."""
    group = rows.find(AUTO_SCALING_GROUPS, group_name)
    assert group is not None, group_name
    if group.retry_at is not None and now < group.retry_at:
        # Several launches of one moment count as one failure.
        return
    failures = group.failed_launches + 1
    failed = replace(group, failed_launches=failures, retry_at=now + launch_pause(failures))
    rows.put(AUTO_SCALING_GROUPS, failed)


def launch_pause(failures: int) -> timedelta:
    """Return how long a group waits after so many failed launches in a row, one at least."""
    doublings = min(max(failures - 1, 0), 10)
    return min(_FIRST_RETRY * (1 << doublings), _LONGEST_RETRY)


def enter_service(
    rows: Writing, group: AutoScalingGroup, member: GroupInstance, now: datetime
) -> None:
    """Put a member into service; who sees that launches work forgets those that didn't."""
    end_activity(rows, member.activity_id, now)
    rows.put(
        GROUP_INSTANCES,
        replace(member, state=LifecycleState.IN_SERVICE, in_service_at=now, activity_id=None),
    )
    if group.failed_launches:
        rows.put(AUTO_SCALING_GROUPS, replace(group, failed_launches=0, retry_at=None))


def fail_launch(rows: Writing, member: GroupInstance, reason: str, now: datetime) -> None:
    """Give up a member that did not come up; its instance is ended with it."""
    activity = rows.find(ACTIVITIES, member.activity_id or "")
    if activity is not None:
        _fail(rows, activity, reason, now)
    back_off(rows, member.group, now)
    failed = replace(member, state=LifecycleState.TERMINATING, is_healthy=False, activity_id=None)
    rows.put(GROUP_INSTANCES, failed)
    terminate_instance(rows, failed, now)


def begin_end(
    rows: Writing,
    group: AutoScalingGroup,
    member: GroupInstance,
    cause: str,
    *,
    now: datetime,
    ids: IdSource,
) -> Activity:
    """Take a member out of service: no new requests come to it, and then its instance ends."""
    launching = rows.find(ACTIVITIES, member.activity_id or "")
    if launching is not None and launching.ended_at is None:
        rows.put(ACTIVITIES, replace(launching, status="Cancelled", ended_at=now, progress=100))
    instance = rows.find(INSTANCES, member.id)
    activity = _begin(
        group,
        f"Terminating EC2 instance: {member.id}",
        cause,
        now=now,
        ids=ids,
        zone=member.zone,
        subnet=instance.subnet_id if instance is not None else None,
    )
    leave_target_groups(rows, member.id, now)
    is_draining = bool(targets_of(rows, member.id))
    if is_draining:
        activity = replace(activity, status="WaitingForELBConnectionDraining")
    rows.add(ACTIVITIES, activity)
    ending = replace(member, state=LifecycleState.TERMINATING, activity_id=activity.id)
    rows.put(GROUP_INSTANCES, ending)
    if not is_draining or instance is None or instance.state not in _MOVING:
        terminate_instance(rows, ending, now)
    return activity


def terminate_instance(rows: Writing, member: GroupInstance, now: datetime) -> None:
    """Have a member's instance terminated, if there still is one."""
    activity = rows.find(ACTIVITIES, member.activity_id or "")
    if activity is not None and activity.status != "InProgress" and activity.ended_at is None:
        rows.put(ACTIVITIES, replace(activity, status="InProgress"))
    if rows.find(INSTANCES, member.id) is not None:
        terminate(rows, [member.id], now, BY_GROUP)


def forget(rows: Writing, member: GroupInstance, now: datetime) -> None:
    """End the membership of what has ended."""
    leave_target_groups(rows, member.id, now)
    end_activity(rows, member.activity_id, now)
    rows.remove(GROUP_INSTANCES, member.id)


# --- groups ---------------------------------------------------------------------------


def active_refresh(rows: Reading, group: AutoScalingGroup) -> InstanceRefresh | None:
    """Return the instance refresh that a group is in, if any."""
    for status in ACTIVE:
        for refresh in rows.all(INSTANCE_REFRESHES, group=group.name, status=status.value):
            if refresh.group_id == group.id:
                return refresh
    return None


def delete_group(rows: Writing, group: AutoScalingGroup, now: datetime) -> None:
    """Forget a group without members; what was done to it can still be read for a while."""
    rows.remove(AUTO_SCALING_GROUPS, group.name)
    prune_activities(rows, now)


# --- target groups --------------------------------------------------------------------


def targets_of(rows: Reading, instance_id: str) -> list[TargetGroupId]:
    """Return the target groups that an instance is in, or still drains from."""
    return [target.target_group for target in rows.all(TARGETS, target_id=instance_id)]


def enter_target_groups(
    rows: Writing, instance_id: str, groups: Iterable[TargetGroupId], now: datetime
) -> None:
    """Put an instance into target groups, at the port of each."""
    for one in groups:
        target_group = rows.find(TARGET_GROUPS, one)
        if target_group is not None:
            register(rows, target_group, instance_id, port=None, now=now)


def leave_target_groups(
    rows: Writing,
    instance_id: str,
    now: datetime,
    groups: Iterable[TargetGroupId] | None = None,
) -> None:
    """Take an instance out of target groups, all that it is in by default."""
    for one in targets_of(rows, instance_id) if groups is None else groups:
        target_group = rows.find(TARGET_GROUPS, one)
        if target_group is not None:
            deregister(rows, target_group, instance_id, port=None, now=now)


# --- activities -----------------------------------------------------------------------


def note_activity(
    rows: Writing,
    group: AutoScalingGroup,
    description: str,
    cause: str,
    *,
    now: datetime,
    ids: IdSource,
    zone: str | None = None,
    subnet: SubnetId | None = None,
) -> Activity:
    """Write down something that was done at once; return it."""
    begun = _begin(group, description, cause, now=now, ids=ids, zone=zone, subnet=subnet)
    done = replace(begun, status="Successful", progress=100, ended_at=now)
    rows.add(ACTIVITIES, done)
    return done


def end_activity(rows: Writing, activity_id: str | None, now: datetime) -> None:
    """Write down that an activity has come to a good end."""
    activity = rows.find(ACTIVITIES, activity_id or "")
    if activity is not None and activity.ended_at is None:
        rows.put(ACTIVITIES, replace(activity, status="Successful", progress=100, ended_at=now))


def prune_activities(rows: Writing, now: datetime) -> int:
    """Forget activities that are older than AWS would show; return how many."""
    return rows.remove_below(ACTIVITIES, started_at=(now - _KEPT_FOR).isoformat())


def _begin(
    group: AutoScalingGroup,
    description: str,
    cause: str,
    *,
    now: datetime,
    ids: IdSource,
    zone: str | None,
    subnet: SubnetId | None,
) -> Activity:
    return Activity(
        id=ids.uuid(),
        group=group.name,
        group_id=group.id,
        started_at=now,
        description=description,
        cause=cause,
        zone=zone,
        subnet_id=subnet,
    )


def _fail(rows: Writing, activity: Activity, reason: str, now: datetime) -> None:
    message = f"{reason.rstrip('.')}. Launching EC2 instance failed."
    rows.put(
        ACTIVITIES,
        replace(
            activity,
            description=f"{activity.description}.  Status Reason: {message}",
            status="Failed",
            status_message=message,
            progress=100,
            ended_at=now,
        ),
    )
