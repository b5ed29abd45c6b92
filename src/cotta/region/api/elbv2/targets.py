"""The targets of a group: registered, taken out, and how they are."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.elbv2.lookups import require_group
from cotta.region.model import InstanceState, TargetHealth
from cotta.region.store.kinds import INSTANCES, TARGETS
from cotta.region.targets import Health, deregister, health_of, register
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import TargetGroup
    from cotta.region.store.store import Reading, Writing


def register_targets(call: Call, rows: Writing) -> Answer:
    """Put instances, or addresses, into a target group."""
    given = call.parameters
    group = require_group(rows, given["TargetGroupArn"])
    for one in given["Targets"]:
        if group.target_type == "instance":
            _check_instance(rows, group, one["Id"])
        else:
            _check_address(one["Id"])
        register(rows, group, one["Id"], port=one.get("Port"), now=call.now)
    return {}


def deregister_targets(call: Call, rows: Writing) -> Answer:
    """Take targets out of a group; they drain first."""
    given = call.parameters
    group = require_group(rows, given["TargetGroupArn"])
    for one in given["Targets"]:
        if not rows.all(TARGETS, target_group=group.id, target_id=one["Id"]):
            _check_known(rows, group, one["Id"])
        deregister(rows, group, one["Id"], port=one.get("Port"), now=call.now)
    return {}


def describe_target_health(call: Call, rows: Reading) -> Answer:
    """Say how targets are: all of a group, or those named."""
    given = call.parameters
    group = require_group(rows, given["TargetGroupArn"])
    found = health_of(rows, group.id)
    if named := given.get("Targets"):
        chosen = []
        for one in named:
            port = one.get("Port", group.port)
            _check_known(rows, group, one["Id"])
            matching = [
                health
                for health in found
                if (health.target.target_id, health.target.port) == (one["Id"], port)
            ]
            chosen += [_encode(group, health) for health in matching] or [
                _encode_unregistered(one["Id"], port)
            ]
        return {"TargetHealthDescriptions": chosen}
    return {"TargetHealthDescriptions": [_encode(group, one) for one in found]}


def _check_known(rows: Reading, group: TargetGroup, target_id: str) -> None:
    if group.target_type == "instance":
        if rows.find(INSTANCES, target_id) is None:
            raise ApiError("InvalidTarget", f"The following targets are not valid: '{target_id}'")
    else:
        _check_address(target_id)


def _check_instance(rows: Reading, group: TargetGroup, target_id: str) -> None:
    instance = rows.find(INSTANCES, target_id)
    if instance is None or instance.vpc_id != group.vpc_id:
        raise ApiError("InvalidTarget", f"The following targets are not valid: '{target_id}'")
    if instance.state not in {InstanceState.PENDING, InstanceState.RUNNING}:
        raise ApiError(
            "InvalidTarget",
            f"The following targets are not in a running state and cannot be registered: "
            f"'{target_id}'",
        )


def _check_address(target_id: str) -> None:
    try:
        address = ipaddress.ip_address(target_id)
    except ValueError:
        raise ApiError(
            "InvalidTarget", f"The IP address '{target_id}' is not a valid IPv4 address"
        ) from None
    if address.version != 4 or not address.is_private:
        raise ApiError(
            "InvalidTarget", f"The IP address '{target_id}' is not within a private range"
        )


def _encode(group: TargetGroup, health: Health) -> Mapping[str, Any]:
    target = health.target
    port = group.health_check.port
    described: dict[str, Any] = {"Id": target.target_id, "Port": target.port}
    if group.target_type == "ip":
        described["AvailabilityZone"] = "all"
    return {
        "Target": described,
        "HealthCheckPort": str(target.port) if port == "traffic-port" else port,
        "TargetHealth": {
            "State": health.state.value,
            "Reason": health.reason,
            "Description": health.description,
        },
    }


def _encode_unregistered(target_id: str, port: int) -> Mapping[str, Any]:
    return {
        "Target": {"Id": target_id, "Port": port},
        "TargetHealth": {
            "State": TargetHealth.UNUSED.value,
            "Reason": "Target.NotRegistered",
            "Description": "Target is not registered to the target group",
        },
    }


OPERATIONS: Final[Operations] = {
    "DeregisterTargets": Writes(deregister_targets),
    "DescribeTargetHealth": Reads(describe_target_health),
    "RegisterTargets": Writes(register_targets),
}
