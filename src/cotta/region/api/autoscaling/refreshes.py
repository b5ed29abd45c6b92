"""Instance refreshes: started, described, cancelled, rolled back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.autoscaling.encoding import encode_configuration
from cotta.region.api.autoscaling.lookups import find_group, invalid, page, require_group
from cotta.region.api.autoscaling.parameters import check_configuration, read_configuration
from cotta.region.api.calls import Reads, Writes
from cotta.region.launching import read_launch
from cotta.region.membership import active_refresh, launch_parameters
from cotta.region.model import (
    AutoScalingGroup,
    Configuration,
    InstanceRefresh,
    LifecycleState,
    RefreshStatus,
)
from cotta.region.reconcile.refresh import turn_round
from cotta.region.store.kinds import GROUP_INSTANCES, INSTANCE_REFRESHES
from cotta.region.wire.errors import ApiError
from cotta.rollouts import Preferences, Protected, Standby, mistakes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing

# AWS keeps refreshes for six weeks.
_KEPT_FOR: Final = timedelta(weeks=6)
_FAR_FUTURE: Final = datetime(9999, 1, 1, tzinfo=UTC)
_DEFAULT_MIN_HEALTHY: Final = 90


def start_instance_refresh(call: Call, rows: Writing) -> Answer:
    """Begin to replace a group's instances."""
    given = call.parameters
    group = require_group(rows, given["AutoScalingGroupName"])
    if given.get("Strategy", "Rolling") != "Rolling":
        raise invalid(f"The local region has no strategy '{given['Strategy']}': it has Rolling.")
    if active_refresh(rows, group) is not None:
        raise ApiError(
            "InstanceRefreshInProgress",
            "An Instance Refresh is already in progress and blocks the execution of this Instance "
            "Refresh.",
        )
    configuration = None
    if given.get("DesiredConfiguration"):
        configuration = read_configuration(rows, given["DesiredConfiguration"])
        check_configuration(rows, configuration, group.subnets)
    preferences = _read_preferences(given.get("Preferences", {}), group)
    if preferences.auto_rollback:
        why = _why_irreversible(rows, group, configuration)
        if why is not None:
            raise invalid(f"AutoRollback can't be used: {why}")
    members = [
        one
        for one in rows.all(GROUP_INSTANCES, group=group.name)
        if one.state is not LifecycleState.TERMINATING
    ]
    refresh = InstanceRefresh(
        id=call.ids.uuid(),
        group=group.name,
        group_id=group.id,
        requested_at=call.now,
        preferences=preferences,
        configuration=configuration,
        to_update=len(members),
    )
    rows.remove_below(INSTANCE_REFRESHES, requested_at=(call.now - _KEPT_FOR).isoformat())
    rows.add(INSTANCE_REFRESHES, refresh)
    return {"InstanceRefreshId": refresh.id}


def _read_preferences(given: Mapping[str, Any], group: AutoScalingGroup) -> Preferences:
    """Return preferences; what is not given is the group's, or AWS's own."""
    if given.get("AlarmSpecification", {}).get("Alarms"):
        raise invalid("The local region has no CloudWatch alarms: leave AlarmSpecification out.")
    low, high = given.get("MinHealthyPercentage"), given.get("MaxHealthyPercentage")
    if high is not None and low is None:
        raise invalid(
            "If you specify MaxHealthyPercentage, you must also specify MinHealthyPercentage."
        )
    if low is None:
        low, high = group.min_healthy, group.max_healthy
    checkpoints = tuple(given.get("CheckpointPercentages", ()))
    if "CheckpointDelay" in given and not checkpoints:
        raise invalid(
            "If you specify CheckpointDelay, you must also specify CheckpointPercentages."
        )
    preferences = Preferences(
        min_healthy=_DEFAULT_MIN_HEALTHY if low is None else low,
        max_healthy=high,
        warmup=timedelta(seconds=given.get("InstanceWarmup", _default_warmup(group))),
        checkpoints=checkpoints,
        checkpoint_delay=timedelta(seconds=given.get("CheckpointDelay", 3600)),
        skip_matching=given.get("SkipMatching", False),
        standby=Standby(given.get("StandbyInstances", Standby.WAIT.value)),
        protected=Protected(given.get("ScaleInProtectedInstances", Protected.WAIT.value)),
        bake_time=timedelta(seconds=given.get("BakeTime", 0)),
        auto_rollback=given.get("AutoRollback", False),
    )
    for mistake in mistakes(preferences):
        raise invalid(mistake)
    return preferences


def _default_warmup(group: AutoScalingGroup) -> int:
    if group.default_instance_warmup_seconds is not None:
        return group.default_instance_warmup_seconds
    return group.health_check_grace_seconds


def _why_irreversible(
    rows: Reading, group: AutoScalingGroup, configuration: Configuration | None
) -> str | None:
    """Return why a refresh could not be rolled back; None if it could."""
    if configuration is None:
        return "there is no desired configuration specified for the instance refresh."
    for one in (group.configuration, configuration):
        if one.version in {"$Latest", "$Default"}:
            return (
                f"the launch template's version {one.version} may be another one by then. Give "
                "its number, for the group and for the desired configuration."
            )
        parameters = launch_parameters(one)
        try:
            image_id = read_launch(rows, parameters).image_id
        except ApiError as error:
            return error.message
        if image_id.startswith("resolve:ssm:"):
            return "the launch template names its image by an SSM parameter."
    return None


def cancel_instance_refresh(call: Call, rows: Writing) -> Answer:
    """Have a group's refresh end where it is."""
    refresh = _require_active(call, rows)
    cancelling = replace(refresh, status=RefreshStatus.CANCELLING)
    rows.put(INSTANCE_REFRESHES, cancelling)
    return {"InstanceRefreshId": refresh.id}


def rollback_instance_refresh(call: Call, rows: Writing) -> Answer:
    """Have a group's refresh turn round."""
    refresh = _require_active(call, rows)
    if refresh.status is RefreshStatus.ROLLBACK_IN_PROGRESS:
        raise invalid(f"The instance refresh {refresh.id} is being rolled back already.")
    if refresh.status is RefreshStatus.CANCELLING:
        raise _none_active(refresh.group)
    group = find_group(rows, refresh.group)
    why = _why_irreversible(rows, group, refresh.configuration)
    if why is not None:
        raise ApiError(
            "IrreversibleInstanceRefresh", f"The instance refresh can't be rolled back: {why}"
        )
    reason = "Rollback was initiated by a user request."
    rows.put(INSTANCE_REFRESHES, turn_round(refresh, reason, call.now))
    return {"InstanceRefreshId": refresh.id}


def _require_active(call: Call, rows: Reading) -> InstanceRefresh:
    group = require_group(rows, call.parameters["AutoScalingGroupName"])
    refresh = active_refresh(rows, group)
    if refresh is None:
        raise _none_active(group.name)
    return refresh


def _none_active(group_name: str) -> ApiError:
    return ApiError(
        "ActiveInstanceRefreshNotFound",
        f"No in progress or pending Instance Refresh found for Auto Scaling group {group_name}",
    )


# --- described --------------------------------------------------------------------------


def describe_instance_refreshes(call: Call, rows: Reading) -> Answer:
    """List the refreshes of a group, the latest first."""
    given = call.parameters
    group = find_group(rows, given["AutoScalingGroupName"])
    ids = given.get("InstanceRefreshIds")
    refreshes = [
        refresh
        for refresh in rows.all(INSTANCE_REFRESHES, group=group.name)
        if refresh.group_id == group.id and (not ids or refresh.id in ids)
    ]
    shown, token = page(refreshes, given, key=_key)
    return {"InstanceRefreshes": [_encode_refresh(one) for one in shown], "NextToken": token}


def _key(refresh: InstanceRefresh) -> str:
    left = (_FAR_FUTURE - refresh.requested_at).total_seconds()
    return f"{left:020.6f}{refresh.id}"


def _encode_refresh(refresh: InstanceRefresh) -> dict[str, Any]:
    rollback = refresh.rollback
    return {
        "InstanceRefreshId": refresh.id,
        "AutoScalingGroupName": refresh.group,
        "Status": refresh.status.value,
        "StatusReason": refresh.reason or None,
        "StartTime": refresh.started_at,
        "EndTime": refresh.ended_at,
        "PercentageComplete": refresh.percentage,
        "InstancesToUpdate": refresh.to_update,
        "Preferences": _encode_preferences(refresh.preferences),
        "DesiredConfiguration": (
            encode_configuration(refresh.configuration)
            if refresh.configuration is not None
            else None
        ),
        "RollbackDetails": (
            {
                "RollbackReason": rollback.reason,
                "RollbackStartTime": rollback.started_at,
                "PercentageCompleteOnRollback": rollback.percentage,
                "InstancesToUpdateOnRollback": rollback.to_update,
            }
            if rollback is not None
            else None
        ),
        "Strategy": "Rolling",
    }


def _encode_preferences(preferences: Preferences) -> dict[str, Any]:
    def seconds(duration: timedelta) -> int:
        return int(duration.total_seconds())

    has_checkpoints = bool(preferences.checkpoints)
    return {
        "MinHealthyPercentage": preferences.min_healthy,
        "MaxHealthyPercentage": preferences.max_healthy,
        "InstanceWarmup": seconds(preferences.warmup),
        "CheckpointPercentages": list(preferences.checkpoints) if has_checkpoints else None,
        "CheckpointDelay": seconds(preferences.checkpoint_delay) if has_checkpoints else None,
        "SkipMatching": preferences.skip_matching,
        "AutoRollback": preferences.auto_rollback,
        "ScaleInProtectedInstances": preferences.protected.value,
        "StandbyInstances": preferences.standby.value,
        "BakeTime": seconds(preferences.bake_time),
    }


OPERATIONS: Final[Operations] = {
    "CancelInstanceRefresh": Writes(cancel_instance_refresh),
    "DescribeInstanceRefreshes": Reads(describe_instance_refreshes),
    "RollbackInstanceRefresh": Writes(rollback_instance_refresh),
    "StartInstanceRefresh": Writes(start_instance_refresh),
}
