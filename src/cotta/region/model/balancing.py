"""Load balancers, and what they forward to.

Ids are the part of an ARN that doesn't change with the region's name, which
the client chooses: `app/web/50dc6c495c0c9188` of
`arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from cotta.region.model.ids import (
    ListenerId,
    LoadBalancerId,
    NetworkInterfaceId,
    RuleId,
    SecurityGroupId,
    SubnetId,
    TargetGroupId,
    VpcId,
)


class LoadBalancerState(Enum):
    """The states of a load balancer, by AWS's names."""

    PROVISIONING = "provisioning"
    ACTIVE = "active"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer:
    """An application load balancer.

    It has an interface in each of its subnets; `address` is the first one's, where it
    listens, and its DNS name at the same time.
    """

    id: LoadBalancerId
    name: str
    vpc_id: VpcId
    created_at: datetime
    address: str
    subnets: tuple[SubnetId, ...]
    network_interfaces: tuple[NetworkInterfaceId, ...] = ()
    security_groups: tuple[SecurityGroupId, ...] = ()
    scheme: str = "internet-facing"
    state: LoadBalancerState = LoadBalancerState.PROVISIONING
    state_reason: str = ""
    # Those that were set; the others have their defaults.
    attributes: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WeightedGroup:
    """A target group and its share of the requests, relative to the others'."""

    target_group: TargetGroupId
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """Send a request on to one of some target groups."""

    groups: tuple[WeightedGroup, ...]
    # How long a client stays with the group that it was first sent to.
    sticky_seconds: int | None = None
    # Whether the request had the short form, which is shown again.
    is_simple: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Send the client elsewhere; `#{host}` and its like stand for the request's own parts."""

    status: int
    protocol: str = "#{protocol}"
    host: str = "#{host}"
    port: str = "#{port}"
    path: str = "/#{path}"
    query: str = "#{query}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedResponse:
    """Answer a request at once."""

    status: int
    content_type: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What becomes of a request: one of the three."""

    forward: Forward | None = None
    redirect: Redirect | None = None
    fixed_response: FixedResponse | None = None
    order: int | None = None


@dataclass(frozen=True, slots=True)
class QueryPair:
    """A part of a query string; without a key, any key will do."""

    key: str | None
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a request must have: one of `values`, or of `pairs` for a query string.

    `field` is AWS's: `host-header`, `path-pattern`, `http-header` (of the name `header`),
    `http-request-method`, `query-string`, `source-ip`.
    """

    field: str
    values: tuple[str, ...] = ()
    pairs: tuple[QueryPair, ...] = ()
    header: str | None = None
    # Whether the request gave `Values` rather than a structure of the field's own.
    is_simple: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A port of a load balancer, and what it does with requests that no rule is for."""

    id: ListenerId
    load_balancer: LoadBalancerId
    protocol: str
    port: int
    action: Action
    default_rule: RuleId
    attributes: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a listener does with the requests that all conditions hold for; lowest number first."""

    id: RuleId
    listener: ListenerId
    priority: int
    conditions: tuple[Condition, ...]
    action: Action
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """How targets are asked whether they are well; `port` is a number or `traffic-port`."""

    protocol: str = "HTTP"
    port: str = "traffic-port"
    path: str = "/"
    interval_seconds: int = 30
    timeout_seconds: int = 5
    healthy_threshold: int = 5
    unhealthy_threshold: int = 2
    matcher: str = "200"
    is_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroup:
    """Where requests may go; `target_type` is `instance` or `ip`."""

    id: TargetGroupId
    name: str
    protocol: str
    port: int
    vpc_id: VpcId
    created_at: datetime
    target_type: str = "instance"
    protocol_version: str = "HTTP1"
    health_check: HealthCheck = field(default_factory=HealthCheck)
    attributes: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


class TargetHealth(Enum):
    """The states of a target, by AWS's names."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNUSED = "unused"
    DRAINING = "draining"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An instance, or an address, at a port of it, in a target group.

    `health` is what the balancer last saw; with a `drain_until` it has been
    deregistered, and is forgotten when it has no request left or at that time.
    """

    target_group: TargetGroupId
    target_id: str
    port: int
    registered_at: datetime
    health: TargetHealth = TargetHealth.INITIAL
    reason: str | None = "Elb.RegistrationInProgress"
    description: str | None = "Target registration is in progress"
    drain_until: datetime | None = None
