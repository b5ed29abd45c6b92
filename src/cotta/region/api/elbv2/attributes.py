"""Attributes of load balancers, listeners and target groups: tables, and one way to set them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.elbv2.lookups import (
    require_balancer,
    require_group,
    require_listener,
    validation_error,
)
from cotta.region.numbers import is_decimal
from cotta.region.store.kinds import LISTENERS, LOAD_BALANCERS, TARGET_GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.kinds import Kind
    from cotta.region.store.store import Reading, Writing

R = TypeVar("R")

BOOLEAN: Final = ("true", "false")
_COUNT_OR_OFF: Final = "off"

# What headers and the configuration of the balancer can have in them.
_PRINTED: Final = (re.compile(r"[^\x00-\x1f\x7f]*"), "a text without control characters")
# Law: RFC 6265, section 4.1.1; and AWS keeps its own names to itself.
_COOKIE: Final = (
    re.compile(r"(?!AWSALB)[!#$%&'*+.^_`|~0-9A-Za-z-]{0,256}"),
    "the name of a cookie, not one that begins with AWSALB: letters, digits and !#$%&'*+-.^_`|~",
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: its default, and what it may be; any text of the `form`, if neither is given.

    `least` and `most` bound a number; `choices` lists words, which may stand beside a number.
    `form` has its words, after "It may be".
    """

    default: str = ""
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    form: tuple[re.Pattern[str], str] = _PRINTED

    def takes(self, value: str) -> bool:
        """Say whether it may be `value`."""
        if value in self.choices:
            return True
        if self.least is not None and self.most is not None:
            return is_decimal(value, self.least, self.most)
        return not self.choices and self.form[0].fullmatch(value) is not None

    @property
    def domain(self) -> str:
        """What it may be, in words."""
        words = [f"'{choice}'" for choice in self.choices]
        if self.least is not None:
            words.append(f"a number from {self.least} to {self.most}")
        return " or ".join(words) or self.form[1]


def _boolean(default: str) -> Attribute:
    return Attribute(default, BOOLEAN)


LOAD_BALANCER: Final[Mapping[str, Attribute]] = {
    "access_logs.s3.bucket": Attribute(),
    "access_logs.s3.enabled": Attribute("false", ("false",)),
    "access_logs.s3.prefix": Attribute(),
    "client_keep_alive.seconds": Attribute("3600", least=60, most=604800),
    "connection_logs.s3.bucket": Attribute(),
    "connection_logs.s3.enabled": Attribute("false", ("false",)),
    "connection_logs.s3.prefix": Attribute(),
    "deletion_protection.enabled": _boolean("false"),
    "idle_timeout.timeout_seconds": Attribute("60", least=1, most=4000),
    "load_balancing.cross_zone.enabled": Attribute("true", ("true",)),
    "routing.http.desync_mitigation_mode": Attribute(
        "defensive", ("monitor", "defensive", "strictest")
    ),
    "routing.http.drop_invalid_header_fields.enabled": _boolean("false"),
    "routing.http.preserve_host_header.enabled": _boolean("false"),
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": _boolean("false"),
    "routing.http.xff_client_port.enabled": _boolean("false"),
    "routing.http.xff_header_processing.mode": Attribute(
        "append", ("append", "preserve", "remove")
    ),
    "routing.http2.enabled": _boolean("true"),
    "waf.fail_open.enabled": _boolean("false"),
    "zonal_shift.config.enabled": _boolean("false"),
}

LISTENER: Final[Mapping[str, Attribute]] = {
    "routing.http.response.access_control_allow_credentials.header_value": Attribute(),
    "routing.http.response.access_control_allow_headers.header_value": Attribute(),
    "routing.http.response.access_control_allow_methods.header_value": Attribute(),
    "routing.http.response.access_control_allow_origin.header_value": Attribute(),
    "routing.http.response.access_control_expose_headers.header_value": Attribute(),
    "routing.http.response.access_control_max_age.header_value": Attribute(),
    "routing.http.response.content_security_policy.header_value": Attribute(),
    "routing.http.response.server.enabled": _boolean("true"),
    "routing.http.response.strict_transport_security.header_value": Attribute(),
    "routing.http.response.x_content_type_options.header_value": Attribute(),
    "routing.http.response.x_frame_options.header_value": Attribute(),
}

TARGET_GROUP: Final[Mapping[str, Attribute]] = {
    "deregistration_delay.timeout_seconds": Attribute("300", least=0, most=3600),
    "load_balancing.algorithm.anomaly_mitigation": Attribute("off", ("off",)),
    "load_balancing.algorithm.type": Attribute(
        "round_robin", ("round_robin", "least_outstanding_requests", "weighted_random")
    ),
    "load_balancing.cross_zone.enabled": Attribute(
        "use_load_balancer_configuration", ("true", "use_load_balancer_configuration")
    ),
    "slow_start.duration_seconds": Attribute("0", ("0",), least=30, most=900),
    "stickiness.app_cookie.cookie_name": Attribute(form=_COOKIE),
    "stickiness.app_cookie.duration_seconds": Attribute("86400", least=1, most=604800),
    "stickiness.enabled": _boolean("false"),
    "stickiness.lb_cookie.duration_seconds": Attribute("86400", least=1, most=604800),
    "stickiness.type": Attribute("lb_cookie", ("lb_cookie", "app_cookie")),
    "target_group_health.dns_failover.minimum_healthy_targets.count": Attribute(
        "1", (_COUNT_OR_OFF,), least=1, most=1000
    ),
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": Attribute(
        "off", (_COUNT_OR_OFF,), least=1, most=100
    ),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": Attribute(
        "1", least=1, most=1000
    ),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": Attribute(
        "off", (_COUNT_OR_OFF,), least=1, most=100
    ),
}


@dataclass(frozen=True, slots=True)
class _Attributed(Generic[R]):
    """A kind of thing with attributes: the parameter that names it, its attributes, its table."""

    named: str
    table: Mapping[str, Attribute]
    kind: Kind[R]
    require: Callable[[Reading, str], R]


def with_defaults(table: Mapping[str, Attribute], given: Mapping[str, str]) -> dict[str, str]:
    """Return every attribute of a table: those given, and the defaults of the others."""
    return {name: given.get(name, attribute.default) for name, attribute in table.items()}


def _encode(table: Mapping[str, Attribute], given: Mapping[str, str]) -> Answer:
    values = with_defaults(table, given)
    return {"Attributes": [{"Key": name, "Value": value} for name, value in values.items()]}


def _changed(
    table: Mapping[str, Attribute], before: Mapping[str, str], given: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    after = dict(before)
    for one in given:
        name, value = one.get("Key", ""), one.get("Value", "")
        if name not in table:
            raise validation_error(
                f"The attribute '{name}' is not recognized here. There are: {', '.join(table)}"
            )
        if not table[name].takes(value):
            raise validation_error(
                f"'{value}' is not a valid value for '{name}'. It may be {table[name].domain}"
            )
        after[name] = value
    return after


def _describing(of: _Attributed[Any]) -> Reads:
    """Return the operation that lists the attributes of a kind of thing."""

    def describe(call: Call, rows: Reading) -> Answer:
        return _encode(of.table, of.require(rows, call.parameters[of.named]).attributes)

    return Reads(describe)


def _modifying(of: _Attributed[Any]) -> Writes:
    """Return the operation that sets attributes of a kind of thing."""

    def modify(call: Call, rows: Writing) -> Answer:
        given = call.parameters
        record = of.require(rows, given[of.named])
        attributes = _changed(of.table, record.attributes, given["Attributes"])
        rows.put(of.kind, replace(record, attributes=attributes))
        return _encode(of.table, attributes)

    return Writes(modify)


_ATTRIBUTED: Final[Mapping[str, _Attributed[Any]]] = {
    "LoadBalancer": _Attributed("LoadBalancerArn", LOAD_BALANCER, LOAD_BALANCERS, require_balancer),
    "Listener": _Attributed("ListenerArn", LISTENER, LISTENERS, require_listener),
    "TargetGroup": _Attributed("TargetGroupArn", TARGET_GROUP, TARGET_GROUPS, require_group),
}

OPERATIONS: Final[Operations] = {
    **{f"Describe{name}Attributes": _describing(of) for name, of in _ATTRIBUTED.items()},
    **{f"Modify{name}Attributes": _modifying(of) for name, of in _ATTRIBUTED.items()},
}
