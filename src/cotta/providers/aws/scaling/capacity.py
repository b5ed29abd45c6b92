"""Waiting until a group has the instances that it is to have."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.waits import WaitEndedError
from cotta.fleets.follow import console_tail
from cotta.providers.aws.complaints import RollError
from cotta.providers.aws.declare import parse_duration
from cotta.providers.aws.scaling.balancing import healthy_targets
from cotta.providers.aws.scaling.lookups import GROUP

if TYPE_CHECKING:
    from datetime import datetime

    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields

_USUAL: Final = timedelta(minutes=10)
# AWS writes an activity's time in whole seconds, and its clock need not be ours.
_SKEW: Final = timedelta(seconds=5)


def wait_for_new_group(on: Connection, wanted: Fields, name: str) -> None:
    """Wait until a new group has at least what it is to have, in service and healthy."""
    least = max(wanted["min_size"], wanted["desired_capacity"] or 0)
    balanced = wanted["wait_for_elb_capacity"] or wanted["min_elb_capacity"] or 0
    _wait(on, wanted, name, on.clock.now() - _SKEW, least, balanced, is_exact=False)


def wait_for_changed_group(on: Connection, prior: Fields, wanted: Fields, since: datetime) -> None:
    """Wait until a group has exactly what it is to have, if that has changed."""
    if all(prior[name] == wanted[name] for name in ("min_size", "desired_capacity")):
        return
    desired = max(wanted["min_size"], wanted["desired_capacity"] or 0)
    balanced = wanted["wait_for_elb_capacity"] or 0
    _wait(on, wanted, prior["id"], since - _SKEW, desired, balanced, is_exact=True)


def _wait(
    on: Connection,
    wanted: Fields,
    name: str,
    since: datetime,
    count: int,
    balanced: int,
    *,
    is_exact: bool,
) -> None:
    at_most = parse_duration(wanted["wait_for_capacity_timeout"] or "")
    at_most = _USUAL if at_most is None else at_most
    if not at_most:
        return
    told: set[str] = set()

    def look() -> bool | None:
        group = on.find(GROUP, name)
        if group is None:
            return None
        serving = [each for each in group["Instances"] if _is_serving(each)]
        _tell(on, name, serving, count, told)
        if not wanted["ignore_failed_scaling_activities"]:
            _raise_failed(on, name, since)
        enough = len(serving) == count if is_exact else len(serving) >= count
        if enough and balanced:
            there = len(healthy_targets(on, group))
            enough = there == balanced if is_exact else there >= balanced
        return True if enough else None

    try:
        on.wait(look, f"{count} instances of {name} in service", at_most=at_most)
    except WaitEndedError as error:
        if error.is_stopped:
            raise
        raise RollError("Waiting for capacity failed", _explain(on, name, count, at_most)) from None


def _is_serving(instance: dict[str, Any]) -> bool:
    is_healthy = str(instance["HealthStatus"]).lower() == "healthy"
    return is_healthy and str(instance["LifecycleState"]) == "InService"


def _tell(
    on: Connection, name: str, serving: list[dict[str, Any]], count: int, told: set[str]
) -> None:
    for each in serving:
        if each["InstanceId"] not in told:
            told.add(each["InstanceId"])
            on.say(f"{name}: {each['InstanceId']} in service ({len(told)} of {count})")


def _raise_failed(on: Connection, name: str, since: datetime) -> None:
    answer = on.call(
        "autoscaling", "DescribeScalingActivities", AutoScalingGroupName=name, MaxRecords=20
    )
    for activity in answer["Activities"]:
        if activity["StatusCode"] == "Failed" and activity["StartTime"] >= since:
            raise RollError(
                "Scaling activity failed",
                f"The group {name} tried: {activity['Description'].rstrip('.')}. It came to "
                f"nothing: {activity.get('StatusMessage', 'AWS gave no reason').rstrip('.')}. "
                "To wait all the same, set ignore_failed_scaling_activities.",
            )


def _explain(on: Connection, name: str, count: int, waited: timedelta) -> str:
    group = on.find(GROUP, name) or {"Instances": []}
    serving = [each for each in group["Instances"] if _is_serving(each)]
    seconds = f"{waited.total_seconds():.0f} s"
    sentences = [f"After {seconds} {name} has {len(serving)} of {count} instances in service."]
    for each in group["Instances"]:
        if not _is_serving(each):
            sentences.append(
                f"{each['InstanceId']} is {each['LifecycleState']} and {each['HealthStatus']}."
            )
            tail = console_tail(on.session, each["InstanceId"], 10)
            if tail:
                sentences.append("Its console ends with:\n    " + "\n    ".join(tail))
            break
    return " ".join(sentences)
