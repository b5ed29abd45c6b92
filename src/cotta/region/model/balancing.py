"""Load balancers, their listeners and rules, and the targets behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cotta.region.model.ids import ListenerArn, LoadBalancerArn, RuleArn, TargetGroupArn


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer:
    """An application load balancer."""

    arn: LoadBalancerArn
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A port of a load balancer, and what happens to requests there."""

    arn: ListenerArn
    load_balancer: LoadBalancerArn
    port: int
    protocol: str = "HTTP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which requests of a listener go where."""

    arn: RuleArn
    listener: ListenerArn
    priority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroup:
    """Targets that requests are spread over, and how their health is checked."""

    arn: TargetGroupArn
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One instance at one port, registered with a target group."""

    group: TargetGroupArn
    id: str
    port: int
    registered_at: datetime
