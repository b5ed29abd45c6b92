"""A load balancer's attributes: keys with texts on the wire, arguments and blocks here.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.resources.balancing_calls import as_text, from_text

if TYPE_CHECKING:
    from cotta.providers.aws.declare import Fields

_ALL: Final = ("application", "network", "gateway")
_APPLICATION: Final = ("application",)

# Argument → key, type, and the types of load balancers that have it.
ATTRIBUTES: Final[dict[str, tuple[str, type, tuple[str, ...]]]] = {
    "client_keep_alive": ("client_keep_alive.seconds", int, _APPLICATION),
    "desync_mitigation_mode": ("routing.http.desync_mitigation_mode", str, _APPLICATION),
    "dns_record_client_routing_policy": ("dns_record.client_routing_policy", str, ("network",)),
    "drop_invalid_header_fields": (
        "routing.http.drop_invalid_header_fields.enabled", bool, _APPLICATION,
    ),
    # Application load balancers have it too, and it is always true there.
    "enable_cross_zone_load_balancing": (
        "load_balancing.cross_zone.enabled", bool, ("network", "gateway"),
    ),
    "enable_deletion_protection": ("deletion_protection.enabled", bool, _ALL),
    "enable_http2": ("routing.http2.enabled", bool, _APPLICATION),
    "enable_tls_version_and_cipher_suite_headers": (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled", bool, _APPLICATION,
    ),
    "enable_waf_fail_open": ("waf.fail_open.enabled", bool, _APPLICATION),
    "enable_xff_client_port": ("routing.http.xff_client_port.enabled", bool, _APPLICATION),
    "enable_zonal_shift": ("zonal_shift.config.enabled", bool, ("application", "network")),
    "idle_timeout": ("idle_timeout.timeout_seconds", int, _APPLICATION),
    "preserve_host_header": ("routing.http.preserve_host_header.enabled", bool, _APPLICATION),
    "xff_header_processing_mode": (
        "routing.http.xff_header_processing.mode", str, _APPLICATION,
    ),
}  # fmt: skip
LOGS: Final = {"access_logs": "access_logs.s3", "connection_logs": "connection_logs.s3"}


def has_logs(block: str, kind: str) -> bool:
    """Say whether load balancers of a type have a kind of logs."""
    return kind == "application" or (block == "access_logs" and kind == "network")


def first_attributes(wanted: Fields) -> dict[str, str]:
    """Return what to set on a new load balancer: everything that it can have."""
    kind = wanted["load_balancer_type"]
    values = {
        key: _text(wanted[name], type_)
        for name, (key, type_, kinds) in ATTRIBUTES.items()
        if kind in kinds
    }
    for block, prefix in LOGS.items():
        if has_logs(block, kind):
            values |= _logs(wanted[block], prefix)
    return {key: value for key, value in values.items() if value != ""}


def changed_attributes(prior: Fields, wanted: Fields) -> dict[str, str]:
    """Return what to set on a load balancer to bring it to what is wanted."""
    kind = wanted["load_balancer_type"]
    values = {
        key: _text(wanted[name], type_)
        for name, (key, type_, kinds) in ATTRIBUTES.items()
        if kind in kinds and (wanted[name] or None) != (prior[name] or None)
    }
    values = {key: value for key, value in values.items() if value != ""}
    for block, prefix in LOGS.items():
        if has_logs(block, kind) and wanted[block] != prior[block]:
            values |= _logs(wanted[block], prefix)
    return values


def _text(value: Any, type_: type) -> str:
    return as_text(type_() if value is None else value)


def _logs(blocks: Any, prefix: str) -> dict[str, str]:
    if not blocks or not blocks[0]["enabled"]:
        return {f"{prefix}.enabled": "false"}
    return {
        f"{prefix}.enabled": "true",
        f"{prefix}.bucket": blocks[0]["bucket"],
        f"{prefix}.prefix": blocks[0]["prefix"] or "",
    }


def found_attributes(attributes: dict[str, str], kind: str) -> Fields:
    """Return the arguments and blocks that a load balancer's attributes stand for."""
    told: Fields = {
        name: from_text(attributes[key], type_)
        for name, (key, type_, _) in ATTRIBUTES.items()
        if key in attributes
    }
    for block, prefix in LOGS.items():
        if block == "access_logs" or has_logs(block, kind):
            told[block] = [
                {
                    "bucket": attributes.get(f"{prefix}.bucket", ""),
                    "enabled": attributes.get(f"{prefix}.enabled") == "true",
                    "prefix": attributes.get(f"{prefix}.prefix", ""),
                }
            ]
    return told
