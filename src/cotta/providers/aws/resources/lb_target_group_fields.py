"""What a block `aws_lb_target_group` may hold.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.checks import between, length, matches, one_of
from cotta.providers.aws.declare import block, blocks, computed, either, optional, required
from cotta.providers.aws.plain import UNKNOWN
from cotta.providers.aws.tags import TAGS
from cotta.values.types import BOOL, NUMBER, STRING, SetType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.providers.aws.declare import Check, Field, Fields


def name_checks(most: int) -> tuple[Check, ...]:
    """Return the checks of a name: letters, digits and hyphens, none of these at its ends."""
    return (
        length(0, most),
        matches(r"^[0-9A-Za-z-]*$", "can have letters, digits and hyphens alone"),
        matches(r"^(?!-)", "can't begin with a hyphen"),
    )


def no_hyphen_at_the_end(text: str) -> str | None:
    """Allow names that end in something else."""
    return f'can\'t end with a hyphen, and this is "{text}"' if text.endswith("-") else None


def one_of_any_case(*allowed: str) -> Check:
    """Allow these strings, in capitals or not."""
    exact = one_of(*allowed)
    return lambda text: exact(text.upper())


def _is_port_or_traffic(text: str) -> str | None:
    if text == "traffic-port" or (text.isdecimal() and 1 <= int(text) <= 65536):
        return None
    return f'needs a port or "traffic-port", and this is "{text}"'


def _is_delay(text: str) -> str | None:
    if text == "" or (text.isdecimal() and int(text) <= 3600):
        return None
    return f'needs seconds between 0 and 3600, and this is "{text}"'


def _is_slow_start(seconds: float) -> str | None:
    if seconds == 0 or 30 <= seconds <= 900:
        return None
    return f"needs 0, or seconds between 30 and 900, and this is {seconds}"


def _is_path(text: str) -> str | None:
    return None if text.startswith("/") else f'needs to begin with "/", and this is "{text}"'


def _is_off_or(least: int, most: int) -> Check:
    def check(text: str) -> str | None:
        if text == "off" or (text.isdecimal() and least <= int(text) <= most):
            return None
        return f'needs "off" or a number between {least} and {most}, and this is "{text}"'

    return check


_HEALTH_CHECK: Final = block(
    {
        "enabled": optional(BOOL, default=True),
        "healthy_threshold": optional(NUMBER, between(2, 10), default=3),
        "interval": optional(NUMBER, between(5, 300), default=30),
        "matcher": either(STRING),
        "path": either(STRING, length(1, 1024), _is_path),
        "port": optional(STRING, _is_port_or_traffic, default="traffic-port"),
        "protocol": optional(
            STRING, one_of_any_case("HTTP", "HTTPS", "TCP"), default="HTTP", form=str.upper
        ),
        "timeout": either(NUMBER, between(2, 120)),
        "unhealthy_threshold": optional(NUMBER, between(2, 10), default=3),
    },
    computed=True,
)

_STICKINESS: Final = block(
    {
        "cookie_duration": optional(NUMBER, between(0, 604800), default=86400),
        "cookie_name": optional(STRING),
        "enabled": optional(BOOL, default=True),
        "type": required(
            STRING,
            one_of(
                "lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip",
                "source_ip_dest_ip_proto",
            ),
        ),
    },
    computed=True,
)  # fmt: skip

_FAILOVER: Final = one_of("rebalance", "no_rebalance")
_PERCENTAGE: Final = optional(STRING, _is_off_or(1, 100), default="off")

_HEALTH: Final = block(
    {
        "dns_failover": block(
            {
                "minimum_healthy_targets_count": optional(
                    STRING, _is_off_or(1, 10_000), default="off"
                ),
                "minimum_healthy_targets_percentage": _PERCENTAGE,
            }
        ),
        "unhealthy_state_routing": block(
            {
                "minimum_healthy_targets_count": optional(NUMBER, default=1),
                "minimum_healthy_targets_percentage": _PERCENTAGE,
            }
        ),
    },
    computed=True,
)

FIELDS: Final[Mapping[str, Field]] = {
    "arn": computed(STRING),
    "arn_suffix": computed(STRING),
    "connection_termination": either(BOOL),
    "deregistration_delay": optional(STRING, _is_delay, default="300"),
    "health_check": _HEALTH_CHECK,
    "id": either(STRING),
    "ip_address_type": either(STRING, one_of("ipv4", "ipv6"), replaces=True),
    "lambda_multi_value_headers_enabled": optional(BOOL, default=False),
    "load_balancer_arns": computed(SetType(STRING)),
    "load_balancing_algorithm_type": either(
        STRING, one_of("round_robin", "least_outstanding_requests", "weighted_random")
    ),
    "load_balancing_anomaly_mitigation": either(STRING, one_of("on", "off")),
    "load_balancing_cross_zone_enabled": either(
        STRING, one_of("true", "false", "use_load_balancer_configuration")
    ),
    "name": either(
        STRING,
        *name_checks(32),
        no_hyphen_at_the_end,
        replaces=True,
        conflicts_with=("name_prefix",),
    ),
    "name_prefix": either(STRING, *name_checks(6), replaces=True),
    "port": optional(NUMBER, between(1, 65535), replaces=True),
    "preserve_client_ip": either(STRING, one_of("", "true", "false")),
    "protocol": optional(
        STRING,
        one_of("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE"),
        replaces=True,
    ),
    "protocol_version": either(
        STRING, one_of_any_case("GRPC", "HTTP1", "HTTP2"), replaces=True, form=str.upper
    ),
    "proxy_protocol_v2": optional(BOOL, default=False),
    "slow_start": optional(NUMBER, _is_slow_start, default=0),
    "stickiness": _STICKINESS,
    "target_failover": blocks(
        {
            "on_deregistration": required(STRING, _FAILOVER),
            "on_unhealthy": required(STRING, _FAILOVER),
        },
        computed=True,
    ),
    "target_group_health": _HEALTH,
    "target_health_state": blocks(
        {
            "enable_unhealthy_connection_termination": required(BOOL),
            "unhealthy_draining_interval": optional(NUMBER, between(0, 360000), default=0),
        },
        computed=True,
    ),
    "target_type": optional(
        STRING, one_of("instance", "ip", "lambda", "alb"), replaces=True, default="instance"
    ),
    "vpc_id": optional(STRING, replaces=True),
    **TAGS,
}


def check(config: Fields) -> list[tuple[str, str]]:
    """Return what does not go together: (attribute, sentence)."""
    kind = config["target_type"] or "instance"
    found: list[tuple[str, str]] = []
    if kind not in ("lambda", UNKNOWN):
        found += [
            (name, f'"{name}" needs to be set for targets of the type "{kind}".')
            for name in ("port", "protocol", "vpc_id")
            if config[name] is None
        ]
    checks = config["health_check"]
    if isinstance(checks, list) and checks:
        found += _check_health(checks[0], kind, config["protocol"])
    return found


def _check_health(check: Fields, kind: Any, protocol: Any) -> list[tuple[str, str]]:
    if not isinstance(check["protocol"], str) or check["protocol"].upper() != "TCP":
        return []
    found = [
        ("health_check", f'"{name}" can\'t be set in a health_check of the protocol "TCP".')
        for name in ("matcher", "path")
        if check[name]
    ]
    if protocol in ("HTTP", "HTTPS"):
        found.append(
            (
                "health_check",
                f'The targets speak {protocol}, so the health_check can\'t be of "TCP".',
            )
        )
    if kind == "lambda":
        found.append(("health_check", 'The health_check of a function can\'t be of "TCP".'))
    return found
