"""Instances started, stopped and rebooted by request, and how they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.instance_answers import encode_state
from cotta.region.api.ec2.instances import encode_change
from cotta.region.api.ec2.listings import Listing
from cotta.region.api.ec2.lookups import INSTANCE
from cotta.region.launching import BY_REQUEST, check_room, transition_reason
from cotta.region.lifecycle import CODES, Event, advance, can
from cotta.region.model import InstanceState
from cotta.region.store.kinds import INSTANCES
from cotta.region.wire.errors import ApiError
from cotta.region.zones import zone_id, zone_name

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.model import Instance
    from cotta.region.store.store import Reading, Writing

_UP: Final = frozenset({InstanceState.PENDING, InstanceState.RUNNING})
_DOWN: Final = frozenset({InstanceState.STOPPING, InstanceState.STOPPED})


def _wrong_state(instance: Instance, done: str) -> ApiError:
    return ApiError(
        "IncorrectInstanceState",
        f"The instance '{instance.id}' is not in a state from which it can be {done}: it is "
        f"{instance.state.value}.",
    )


def start_instances(call: Call, rows: Writing) -> Answer:
    """Have stopped instances run again; those that run already go on."""
    changes = []
    for before in INSTANCE.require_all(rows, call.parameters["InstanceIds"]):
        after = before
        if before.state not in _UP:
            if not can(before, Event.START_REQUESTED):
                raise _wrong_state(before, "started")
            check_room(rows, call.account, before.instance_type)
            started = advance(before, Event.START_REQUESTED, now=call.now)
            after = replace(started, boot=before.boot + 1, launched_at=call.now, stop_forced=False)
            rows.put(INSTANCES, after)
        changes.append(encode_change(before, after))
    return {"StartingInstances": changes}


def stop_instances(call: Call, rows: Writing) -> Answer:
    """Have instances shut down, to be started again; those that are down already stay so."""
    given = call.parameters
    if given.get("Hibernate", False):
        raise ApiError(
            "UnsupportedHibernationConfiguration",
            "Instances of the local region can't hibernate. Stop them without that.",
        )
    changes = []
    for before in INSTANCE.require_all(rows, given["InstanceIds"]):
        after = before
        if before.disable_api_stop:
            raise ApiError(
                "OperationNotPermitted",
                f"The instance '{before.id}' may not be stopped. Modify its 'disableApiStop' "
                "instance attribute and try again.",
            )
        is_forced = given.get("Force", False) or given.get("SkipOsShutdown", False)
        if before.state is InstanceState.STOPPING and is_forced:
            after = replace(before, stop_forced=True)
            rows.put(INSTANCES, after)
        elif before.state not in _DOWN:
            if not can(before, Event.STOP_REQUESTED):
                raise _wrong_state(before, "stopped")
            stopping = advance(before, Event.STOP_REQUESTED, now=call.now, reason=BY_REQUEST)
            after = replace(
                stopping, transition_reason=transition_reason(call.now), stop_forced=is_forced
            )
            rows.put(INSTANCES, after)
        changes.append(encode_change(before, after))
    return {"StoppingInstances": changes}


def reboot_instances(call: Call, rows: Writing) -> Answer:
    """Have running instances start again on what they have."""
    for instance in INSTANCE.require_all(rows, call.parameters["InstanceIds"]):
        if instance.state is not InstanceState.RUNNING:
            raise _wrong_state(instance, "rebooted")
        rows.put(INSTANCES, replace(instance, restarts=instance.restarts + 1))
    return {}


# --- status -----------------------------------------------------------------------------------


def describe_instance_status(call: Call, rows: Reading) -> Answer:
    """List how running instances are; with `IncludeAllInstances`, the others too."""
    given = call.parameters
    among = INSTANCE.require_all(rows, given.get("InstanceIds"))
    if not given.get("IncludeAllInstances", False):
        among = [one for one in among if one.state is InstanceState.RUNNING]
    shown, token = _STATUS_LISTING.find(call, rows, among)
    return {
        "InstanceStatuses": [_encode_status(one, call, rows) for one in shown],
        "NextToken": token,
    }


def _status(it: Instance) -> str:
    return "ok" if it.state is InstanceState.RUNNING else "not-applicable"


def _reachability(it: Instance) -> str | None:
    return "passed" if it.state is InstanceState.RUNNING else None


def _encode_status(it: Instance, call: Call, _rows: Reading) -> dict[str, Any]:
    reachability = _reachability(it)
    status = {
        "Status": _status(it),
        "Details": [{"Name": "reachability", "Status": reachability}] if reachability else [],
    }
    return {
        "InstanceId": it.id,
        "AvailabilityZone": zone_name(call.region, it.zone),
        "AvailabilityZoneId": zone_id(call.region, it.zone),
        "Events": [],
        "InstanceState": encode_state(it.state),
        "InstanceStatus": status,
        "SystemStatus": status,
        "AttachedEbsStatus": status,
    }


def _status_fields(call: Call, _rows: Reading) -> Fields[Instance]:
    return {
        "attached-ebs-status.status": _status,
        "availability-zone": lambda it: zone_name(call.region, it.zone),
        "availability-zone-id": lambda it: zone_id(call.region, it.zone),
        "event.code": lambda _: None,
        "event.description": lambda _: None,
        "event.instance-event-id": lambda _: None,
        "instance-state-code": lambda it: CODES[it.state],
        "instance-state-name": lambda it: it.state.value,
        "instance-status.reachability": _reachability,
        "instance-status.status": _status,
        "system-status.reachability": _reachability,
        "system-status.status": _status,
    }


_STATUS_LISTING: Final = Listing(
    of=INSTANCE,
    ids="InstanceIds",
    answer="InstanceStatuses",
    fields=_status_fields,
    encode=_encode_status,
)


# --- monitoring ---------------------------------------------------------------------------------


def _set_monitoring(call: Call, rows: Writing, state: str) -> Answer:
    instances = INSTANCE.require_all(rows, call.parameters["InstanceIds"])
    for instance in instances:
        rows.put(INSTANCES, replace(instance, monitoring=state))
    return {
        "InstanceMonitorings": [
            {"InstanceId": instance.id, "Monitoring": {"State": state}} for instance in instances
        ]
    }


def monitor_instances(call: Call, rows: Writing) -> Answer:
    """Write that instances are monitored closely; there are no metrics here."""
    return _set_monitoring(call, rows, "enabled")


def unmonitor_instances(call: Call, rows: Writing) -> Answer:
    """Write that instances are not monitored closely."""
    return _set_monitoring(call, rows, "disabled")


OPERATIONS: Final[Operations] = {
    "DescribeInstanceStatus": Reads(describe_instance_status),
    "MonitorInstances": Writes(monitor_instances),
    "RebootInstances": Writes(reboot_instances),
    "StartInstances": Writes(start_instances),
    "StopInstances": Writes(stop_instances),
    "UnmonitorInstances": Writes(unmonitor_instances),
}
