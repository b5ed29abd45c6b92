"""`aws_lb_target_group`: where a load balancer sends requests, and how it knows who is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.adopting import make_or_adopt
from cotta.providers.aws.connection import prefix_of
from cotta.providers.aws.declare import Resource
from cotta.providers.aws.plain import UNKNOWN
from cotta.providers.aws.resources.balancing_calls import (
    TARGET_GROUP,
    attributes_of,
    found_tags,
    lookups_of,
    missing_is_none,
    modify_attributes,
    refuse_taken,
    update_balancing_tags,
)
from cotta.providers.aws.resources.lb_target_group_attributes import (
    changed_attributes,
    first_attributes,
    found_attributes,
)
from cotta.providers.aws.resources.lb_target_group_fields import FIELDS, check
from cotta.providers.aws.retrying import delete_when_free
from cotta.providers.aws.tags import as_list

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.planning import Draft


def _create(on: Connection, wanted: Fields) -> str:
    name = on.new_name(wanted, usual="tf-")
    if wanted["name"]:
        refuse_taken(on, "CreateTargetGroup", name, _by_name(on, name))

    def make() -> str:
        answer = on.call("elbv2", "CreateTargetGroup", Name=name, **_parameters(wanted))
        return str(answer["TargetGroups"][0]["TargetGroupArn"])

    def find() -> str | None:
        found = _by_name(on, name)
        return None if found is None else str(found["TargetGroupArn"])

    return make_or_adopt(make, find)


def _by_name(on: Connection, name: str) -> Any:
    return missing_is_none(on.pages("elbv2", "DescribeTargetGroups", "TargetGroups", Names=[name]))


def _parameters(wanted: Fields) -> Fields:
    kind = wanted["target_type"]
    given: Fields = {"TargetType": kind, "Tags": as_list(wanted["tags_all"]) or None}
    if kind != "lambda":
        given |= {
            "Port": wanted["port"],
            "Protocol": wanted["protocol"],
            "VpcId": wanted["vpc_id"],
        }
        if wanted["protocol"] in ("HTTP", "HTTPS"):
            given["ProtocolVersion"] = wanted["protocol_version"] or None
        if kind in ("instance", "ip"):
            given["IpAddressType"] = wanted["ip_address_type"] or None
    if wanted["health_check"]:
        given |= _health_check(wanted, wanted["health_check"][0])
    return given


def _health_check(wanted: Fields, check: Fields) -> Fields:
    given: Fields = {
        "HealthCheckEnabled": check["enabled"],
        "HealthCheckIntervalSeconds": check["interval"],
        "HealthyThresholdCount": check["healthy_threshold"],
        "UnhealthyThresholdCount": check["unhealthy_threshold"],
        "HealthCheckTimeoutSeconds": check["timeout"] or None,
    }
    if check["protocol"] != "TCP":
        given["HealthCheckPath"] = check["path"] or None
        if check["matcher"]:
            kind = "GrpcCode" if wanted["protocol_version"] == "GRPC" else "HttpCode"
            given["Matcher"] = {kind: check["matcher"]}
    if wanted["target_type"] != "lambda":
        given |= {"HealthCheckPort": check["port"], "HealthCheckProtocol": check["protocol"]}
    return given


def _settle(on: Connection, wanted: Fields, id_: str) -> None:
    modify_attributes(on, "TargetGroup", id_, first_attributes(wanted))


def _read(on: Connection, prior: Fields) -> Fields | None:
    arn = prior["id"]
    group = on.find(TARGET_GROUP, arn)
    if group is None:
        return None
    name, kind = group["TargetGroupName"], group["TargetType"]
    told: Fields = {
        "arn": arn,
        "arn_suffix": arn[arn.index(":targetgroup/") + 1 :],
        "health_check": [_found_check(group)],
        "ip_address_type": group.get("IpAddressType", ""),
        "load_balancer_arns": group.get("LoadBalancerArns", []),
        "name": name,
        "name_prefix": prefix_of(name),
        "target_type": kind,
    }
    for attribute, member in _OPTIONAL:
        if group.get(member) is not None or prior.get(attribute):
            told[attribute] = group.get(member)
    attributes = attributes_of(on, "TargetGroup", arn)
    return {
        **told,
        **found_attributes(attributes, kind, group.get("Protocol", "")),
        **found_tags(on, arn, prior),
    }


_OPTIONAL: Final = (
    ("port", "Port"),
    ("protocol", "Protocol"),
    ("protocol_version", "ProtocolVersion"),
    ("vpc_id", "VpcId"),
)


def _found_check(group: Any) -> Fields:
    matcher = group.get("Matcher") or {}
    return {
        "enabled": group.get("HealthCheckEnabled"),
        "healthy_threshold": group.get("HealthyThresholdCount"),
        "interval": group.get("HealthCheckIntervalSeconds"),
        "matcher": matcher.get("HttpCode") or matcher.get("GrpcCode") or "",
        "path": group.get("HealthCheckPath", ""),
        "port": group.get("HealthCheckPort"),
        "protocol": group.get("HealthCheckProtocol"),
        "timeout": group.get("HealthCheckTimeoutSeconds"),
        "unhealthy_threshold": group.get("UnhealthyThresholdCount"),
    }


def _update(on: Connection, prior: Fields, wanted: Fields) -> None:
    arn = prior["id"]
    if wanted["health_check"] and wanted["health_check"] != prior["health_check"]:
        check = _health_check(wanted, wanted["health_check"][0])
        on.call("elbv2", "ModifyTargetGroup", TargetGroupArn=arn, **check)
    modify_attributes(on, "TargetGroup", arn, changed_attributes(prior, wanted))
    update_balancing_tags(on, prior, wanted)


def _delete(on: Connection, prior: Fields) -> None:
    delete_when_free(on, "elbv2", "DeleteTargetGroup", "ResourceInUse", TargetGroupArn=prior["id"])


# To a function they mean nothing, so that no difference in them counts.
_NOT_OF_LAMBDA: Final = (
    "port", "protocol", "protocol_version", "stickiness", "target_failover", "target_group_health",
    "target_health_state", "vpc_id",
)  # fmt: skip
_WITHOUT_COOKIES: Final = ("TCP", "UDP", "TCP_UDP", "TLS", "GENEVE")


def _customise(draft: Draft) -> None:
    if draft.is_new:
        return
    planned = draft.planned
    if planned["target_type"] == "lambda":
        _keep(draft, *_NOT_OF_LAMBDA)
    elif planned["protocol"] not in ("HTTP", "HTTPS", UNKNOWN):
        _keep(draft, "protocol_version")
    had, will = draft.prior.get("stickiness"), planned["stickiness"]
    if planned["protocol"] in _WITHOUT_COOKIES and had and will and will is not UNKNOWN:
        will[0]["cookie_duration"] = had[0]["cookie_duration"]


def _keep(draft: Draft, *names: str) -> None:
    """Have attributes stay as they are, whatever the configuration says."""
    for name in names:
        draft.planned[name] = draft.prior.get(name)
    draft.replace[:] = [path for path in draft.replace if getattr(path[0], "name", "") not in names]


def _named(name: str) -> Resource:
    return Resource(
        name=name,
        fields=FIELDS,
        create=_create,
        settle=_settle,
        read=_read,
        update=_update,
        delete=_delete,
        customise=_customise,
        validate=check,
        lookups=lambda prior: lookups_of(TARGET_GROUP, prior["id"]),
    )


RESOURCES: Final = (_named("aws_lb_target_group"), _named("aws_alb_target_group"))
