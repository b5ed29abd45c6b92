"""A target group's attributes: keys with texts on the wire, arguments and blocks here.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.resources.balancing_calls import as_text, from_text

if TYPE_CHECKING:
    from cotta.providers.aws.declare import Fields

# Argument, key and type; the last one is of functions, the others of instances and addresses.
_PLAIN: Final[tuple[tuple[str, str, type], ...]] = (
    ("connection_termination", "deregistration_delay.connection_termination.enabled", bool),
    ("deregistration_delay", "deregistration_delay.timeout_seconds", str),
    ("load_balancing_algorithm_type", "load_balancing.algorithm.type", str),
    ("load_balancing_anomaly_mitigation", "load_balancing.algorithm.anomaly_mitigation", str),
    ("load_balancing_cross_zone_enabled", "load_balancing.cross_zone.enabled", str),
    ("preserve_client_ip", "preserve_client_ip.enabled", str),
    ("proxy_protocol_v2", "proxy_protocol_v2.enabled", bool),
    ("slow_start", "slow_start.duration_seconds", int),
)
_OF_LAMBDA: Final[tuple[tuple[str, str, type], ...]] = (
    ("lambda_multi_value_headers_enabled", "lambda.multi_value_headers.enabled", bool),
)
_HEALTH: Final = "target_group_health."
_UNHEALTHY: Final = "target_health_state.unhealthy."


def _of_type(kind: str) -> tuple[tuple[str, str, type], ...]:
    if kind in ("instance", "ip"):
        return _PLAIN
    return _OF_LAMBDA if kind == "lambda" else ()


def first_attributes(wanted: Fields) -> dict[str, str]:
    """Return what to set on a new group: what it is not already."""
    kind = wanted["target_type"]
    values = {key: as_text(wanted[name]) for name, key, _ in _of_type(kind) if wanted[name]}
    if kind in ("instance", "ip"):
        for block, encode in _BLOCKS.items():
            if wanted[block]:
                values |= encode(wanted[block][0], wanted["protocol"])
    return values


def changed_attributes(prior: Fields, wanted: Fields) -> dict[str, str]:
    """Return what to set on a group to bring it from what it is to what is wanted."""
    kind = wanted["target_type"]
    values = {
        key: as_text(_zero(type_) if wanted[name] is None else wanted[name])
        for name, key, type_ in _of_type(kind)
        if (wanted[name] or None) != (prior[name] or None)
    }
    if kind in ("instance", "ip"):
        for block, encode in _BLOCKS.items():
            if wanted[block] != prior[block] and wanted[block]:
                values |= encode(wanted[block][0], wanted["protocol"])
            elif wanted[block] != prior[block] and block == "stickiness":
                values["stickiness.enabled"] = "false"
    return {key: value for key, value in values.items() if value != ""}


def _zero(type_: type) -> Any:
    return type_()


def found_attributes(attributes: dict[str, str], kind: str, protocol: str) -> Fields:
    """Return the arguments and blocks that a group's attributes stand for."""
    told: Fields = {
        name: from_text(attributes[key], type_)
        for name, key, type_ in _of_type(kind)
        if key in attributes
    }
    return {
        **told,
        "stickiness": [_found_stickiness(attributes, protocol)],
        "target_failover": [_found_failover(attributes, protocol)],
        "target_group_health": [_found_health(attributes, protocol)],
        "target_health_state": [_found_state(attributes, protocol)],
    }


def _stickiness(block: Fields, protocol: str) -> dict[str, str]:
    values = {
        "stickiness.enabled": as_text(bool(block["enabled"])),
        "stickiness.type": block["type"],
    }
    if protocol in ("HTTP", "HTTPS"):
        if block["type"] == "lb_cookie":
            values["stickiness.lb_cookie.duration_seconds"] = as_text(block["cookie_duration"])
        elif block["type"] == "app_cookie":
            values["stickiness.app_cookie.cookie_name"] = block["cookie_name"] or ""
            values["stickiness.app_cookie.duration_seconds"] = as_text(block["cookie_duration"])
    return values


def _found_stickiness(attributes: dict[str, str], protocol: str) -> Fields:
    kind = attributes.get("stickiness.type", "")
    told: Fields = {
        "cookie_duration": 0,
        "cookie_name": "",
        "enabled": attributes.get("stickiness.enabled") == "true",
        "type": kind,
    }
    if protocol in ("HTTP", "HTTPS") and kind in ("lb_cookie", "app_cookie"):
        told["cookie_duration"] = int(attributes.get(f"stickiness.{kind}.duration_seconds") or 0)
    if protocol in ("HTTP", "HTTPS") and kind == "app_cookie":
        told["cookie_name"] = attributes.get("stickiness.app_cookie.cookie_name", "")
    return told


def _failover(block: Fields, protocol: str) -> dict[str, str]:
    if protocol != "GENEVE":
        return {}
    return {
        f"target_failover.{name}": block[name] for name in ("on_deregistration", "on_unhealthy")
    }


def _found_failover(attributes: dict[str, str], protocol: str) -> Fields:
    names = ("on_deregistration", "on_unhealthy")
    return {
        name: attributes.get(f"target_failover.{name}") if protocol == "GENEVE" else None
        for name in names
    }


def _health(block: Fields, protocol: str) -> dict[str, str]:
    values: dict[str, str] = {}
    if protocol == "GENEVE":
        return values
    for inner, word in _INNER.items():
        for one in block[inner] or ():
            values[f"{_HEALTH}{word}.count"] = as_text(one["minimum_healthy_targets_count"])
            values[f"{_HEALTH}{word}.percentage"] = as_text(
                one["minimum_healthy_targets_percentage"]
            )
    return values


_INNER: Final = {
    "dns_failover": "dns_failover.minimum_healthy_targets",
    "unhealthy_state_routing": "unhealthy_state_routing.minimum_healthy_targets",
}


def _found_health(attributes: dict[str, str], protocol: str) -> Fields:
    told: Fields = {}
    for inner, word in _INNER.items():
        count = attributes.get(f"{_HEALTH}{word}.count") if protocol != "GENEVE" else None
        share = attributes.get(f"{_HEALTH}{word}.percentage") if protocol != "GENEVE" else None
        is_number = inner == "unhealthy_state_routing"
        told[inner] = [
            {
                "minimum_healthy_targets_count": int(count) if is_number and count else count,
                "minimum_healthy_targets_percentage": share,
            }
        ]
    return told


def _state(block: Fields, protocol: str) -> dict[str, str]:
    if protocol not in ("TCP", "TLS"):
        return {}
    return {
        f"{_UNHEALTHY}connection_termination.enabled": as_text(
            bool(block["enable_unhealthy_connection_termination"])
        ),
        f"{_UNHEALTHY}draining_interval_seconds": as_text(
            block["unhealthy_draining_interval"] or 0
        ),
    }


def _found_state(attributes: dict[str, str], protocol: str) -> Fields:
    told: Fields = {
        "enable_unhealthy_connection_termination": None,
        "unhealthy_draining_interval": None,
    }
    ends = attributes.get(f"{_UNHEALTHY}connection_termination.enabled")
    seconds = attributes.get(f"{_UNHEALTHY}draining_interval_seconds")
    if protocol in ("TCP", "TLS") and ends is not None:
        told["enable_unhealthy_connection_termination"] = ends == "true"
        told["unhealthy_draining_interval"] = int(seconds or 0)
    return told


_BLOCKS: Final = {
    "stickiness": _stickiness,
    "target_failover": _failover,
    "target_group_health": _health,
    "target_health_state": _state,
}
