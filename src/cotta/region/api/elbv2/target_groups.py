"""Target groups: made, described, changed, removed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.elbv2.lookups import (
    arn_of,
    by_name,
    check_name,
    choose,
    parse_arn,
    require_balancer,
    require_group,
    validation_error,
)
from cotta.region.api.tags import decode_tags
from cotta.region.model import HealthCheck, TargetGroup, TargetGroupId
from cotta.region.numbers import is_decimal
from cotta.region.store.kinds import TARGET_GROUPS, TARGETS, VPCS
from cotta.region.targets import groups_in_use
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import LoadBalancerId
    from cotta.region.store.store import Reading, Writing

_PROTOCOLS: Final = ("HTTP",)
_TARGET_TYPES: Final = ("instance", "ip")
_CODE: Final = "[2-4][0-9][0-9]"
_CODES: Final = re.compile(f"{_CODE}(-{_CODE})?(,{_CODE}(-{_CODE})?)*")

# The request's members for a health check, our field, and what AWS allows.
_CHECK_NUMBERS: Final[Mapping[str, tuple[str, int, int]]] = {
    "HealthCheckIntervalSeconds": ("interval_seconds", 5, 300),
    "HealthCheckTimeoutSeconds": ("timeout_seconds", 2, 120),
    "HealthyThresholdCount": ("healthy_threshold", 2, 10),
    "UnhealthyThresholdCount": ("unhealthy_threshold", 2, 10),
}


def create_target_group(call: Call, rows: Writing) -> Answer:
    """Make a target group; the same one again is the one that is there."""
    given = call.parameters
    group = TargetGroup(
        id=TargetGroupId(f"{check_name(given['Name'], 'Target group')}/{call.ids.hexadecimal(16)}"),
        name=given["Name"],
        protocol=_protocol(given.get("Protocol")),
        port=_port(given.get("Port")),
        vpc_id=_vpc(rows, given.get("VpcId")),
        created_at=call.now,
        target_type=_target_type(given.get("TargetType", "instance")),
        protocol_version=_version(given.get("ProtocolVersion") or "HTTP1"),
        health_check=_health_check(given, HealthCheck()),
        tags=decode_tags(given.get("Tags", ())),
    )
    for there in rows.all(TARGET_GROUPS, name=group.name):
        if replace(group, id=there.id, created_at=there.created_at, attributes=there.attributes,
                   tags=there.tags) != there:  # fmt: skip
            raise ApiError(
                "DuplicateTargetGroupName",
                f"A target group with the same name '{group.name}' exists, but with different "
                "settings",
            )
        return {"TargetGroups": _encode_all(call, rows, [there])}
    rows.add(TARGET_GROUPS, group)
    return {"TargetGroups": _encode_all(call, rows, [group])}


def describe_target_groups(call: Call, rows: Reading) -> Answer:
    """List target groups: all, those of a load balancer, or those named."""
    given = call.parameters
    arns, names = given.get("TargetGroupArns"), given.get("Names")
    groups = rows.all(TARGET_GROUPS)
    if arns:
        groups = [require_group(rows, arn) for arn in arns]
    elif names:
        try:
            groups = by_name(groups, names, lambda it: it.name)
        except KeyError:
            raise ApiError("TargetGroupNotFound", "One or more target groups not found") from None
    elif arn := given.get("LoadBalancerArn"):
        owner = require_balancer(rows, arn).id
        used = groups_in_use(rows)
        groups = [group for group in groups if used.get(group.id) == owner]
    shown, marker = choose(call, groups, TARGET_GROUPS.key)
    return {"TargetGroups": _encode_all(call, rows, shown), "NextMarker": marker}


def modify_target_group(call: Call, rows: Writing) -> Answer:
    """Change how a group's targets are checked."""
    given = call.parameters
    group = require_group(rows, given["TargetGroupArn"])
    changed = replace(group, health_check=_health_check(given, group.health_check))
    rows.put(TARGET_GROUPS, changed)
    return {"TargetGroups": _encode_all(call, rows, [changed])}


def delete_target_group(call: Call, rows: Writing) -> Answer:
    """Remove a target group that no listener sends to, and its targets; nothing if it is gone."""
    arn = call.parameters["TargetGroupArn"]
    _, identity = parse_arn(arn)
    group = rows.find(TARGET_GROUPS, identity)
    if group is None:
        return {}
    if group.id in groups_in_use(rows):
        raise ApiError(
            "ResourceInUse",
            f"Target group '{arn}' is currently in use by a listener or a rule",
        )
    for target in rows.all(TARGETS, target_group=group.id):
        rows.remove(TARGETS, TARGETS.key(target))
    rows.remove(TARGET_GROUPS, group.id)
    return {}


def _protocol(given: str | None) -> str:
    if given not in _PROTOCOLS:
        raise validation_error(
            f"Protocol '{given or ''}' must be HTTP: the local region's load balancers speak "
            "HTTP to their targets"
        )
    return given


def _port(given: int | None) -> int:
    if given is None:
        raise validation_error("A port must be specified")
    return given


def _vpc(rows: Reading, given: str | None) -> Any:
    if given is None:
        raise validation_error("A VPC ID must be specified")
    if rows.find(VPCS, given) is None:
        raise validation_error(f"The VPC ID '{given}' is not found")
    return given


def _target_type(given: str) -> str:
    if given not in _TARGET_TYPES:
        raise validation_error(
            f"Target type '{given}' is not provided by the local region; there are instance and ip"
        )
    return given


def _version(given: str) -> str:
    if given != "HTTP1":
        raise validation_error(f"Protocol version '{given}' is not provided here; there is HTTP1")
    return given


def _health_check(given: Mapping[str, Any], before: HealthCheck) -> HealthCheck:
    changes: dict[str, Any] = {}
    for name, (field, least, most) in _CHECK_NUMBERS.items():
        value = given.get(name)
        if value is not None:
            if not least <= value <= most:
                raise validation_error(f"{name} '{value}' must be in the range [{least}-{most}]")
            changes[field] = value
    for name, field in (("HealthCheckPath", "path"), ("HealthCheckEnabled", "is_enabled")):
        if given.get(name) is not None:
            changes[field] = given[name]
    if (protocol := given.get("HealthCheckProtocol")) is not None:
        if protocol != "HTTP":
            raise validation_error(f"Health check protocol '{protocol}' must be HTTP here")
        changes["protocol"] = protocol
    if (port := given.get("HealthCheckPort")) is not None:
        changes["port"] = _check_port(port)
    if "Matcher" in given:
        changes["matcher"] = _matcher(given["Matcher"])
    check = replace(before, **changes)
    if not check.path.startswith("/") or len(check.path) > 1024 or " " in check.path:
        raise validation_error(f"Health check path '{check.path}' must begin with '/'")
    if check.timeout_seconds >= check.interval_seconds:
        raise validation_error(
            f"Health check interval '{check.interval_seconds}' must be greater than the timeout "
            f"'{check.timeout_seconds}'"
        )
    return check


def _check_port(given: str) -> str:
    if given != "traffic-port" and not is_decimal(given, 1, 65535):
        raise validation_error(
            f"Health check port '{given}' must be 'traffic-port' or a number from 1 to 65535"
        )
    return given


def _matcher(given: Mapping[str, Any]) -> str:
    codes = str(given.get("HttpCode", ""))
    if not _CODES.fullmatch(codes):
        raise validation_error(f"Health check matcher HTTP code '{codes}' must be within '200-499'")
    return codes


def _encode_all(call: Call, rows: Reading, groups: Sequence[TargetGroup]) -> list[dict[str, Any]]:
    used = groups_in_use(rows)
    return [_encode(call, group, used.get(group.id)) for group in groups]


def _encode(call: Call, group: TargetGroup, owner: LoadBalancerId | None) -> dict[str, Any]:
    check = group.health_check
    return {
        "TargetGroupArn": arn_of(call, "targetgroup", group.id),
        "TargetGroupName": group.name,
        "Protocol": group.protocol,
        "ProtocolVersion": group.protocol_version,
        "Port": group.port,
        "VpcId": group.vpc_id,
        "TargetType": group.target_type,
        "IpAddressType": "ipv4",
        "HealthCheckProtocol": check.protocol,
        "HealthCheckPort": check.port,
        "HealthCheckEnabled": check.is_enabled,
        "HealthCheckIntervalSeconds": check.interval_seconds,
        "HealthCheckTimeoutSeconds": check.timeout_seconds,
        "HealthyThresholdCount": check.healthy_threshold,
        "UnhealthyThresholdCount": check.unhealthy_threshold,
        "HealthCheckPath": check.path,
        "Matcher": {"HttpCode": check.matcher},
        "LoadBalancerArns": [arn_of(call, "loadbalancer", owner)] if owner else [],
    }


OPERATIONS: Final[Operations] = {
    "CreateTargetGroup": Writes(create_target_group),
    "DeleteTargetGroup": Writes(delete_target_group),
    "DescribeTargetGroups": Reads(describe_target_groups),
    "ModifyTargetGroup": Writes(modify_target_group),
}
