"""Builders of load balancers and what belongs to them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cotta.region.model import (
    Action,
    Condition,
    FixedResponse,
    Forward,
    Listener,
    ListenerId,
    LoadBalancer,
    LoadBalancerId,
    Rule,
    RuleId,
    TargetGroup,
    TargetGroupId,
    VpcId,
    WeightedGroup,
)
from cotta.region.store.kinds import LOAD_BALANCERS, RULES

if TYPE_CHECKING:
    from cotta.region.store.store import Writing

_MADE = datetime(2026, 1, 1, tzinfo=UTC)
_BALANCER = LoadBalancerId("app/web/50dc6c495c0c9188")


class NotedAddresses:
    """The region's own addresses, which are only noted."""

    def __init__(self) -> None:
        self._held: set[str] = set()

    def hold(self, address: str) -> None:
        """Note an address."""
        self._held.add(address)

    def release(self, address: str) -> None:
        """Forget an address."""
        self._held.discard(address)

    def held(self) -> frozenset[str]:
        """Return the addresses that are noted."""
        return frozenset(self._held)


def a_target_group(name: str = "web", **changes: Any) -> TargetGroup:
    """Return a target group at port 80."""
    given: dict[str, Any] = {
        "id": TargetGroupId(f"{name}/73e2d6bc24d8a067"),
        "name": name,
        "protocol": "HTTP",
        "port": 80,
        "vpc_id": VpcId("vpc-1"),
        "created_at": _MADE,
    }
    return TargetGroup(**{**given, **changes})


def a_load_balancer(rows: Writing | None = None, **changes: Any) -> LoadBalancer:
    """Return a load balancer, written if there are rows."""
    given: dict[str, Any] = {
        "id": _BALANCER,
        "name": "web",
        "vpc_id": VpcId("vpc-1"),
        "created_at": _MADE,
        "address": "172.31.0.9",
        "subnets": (),
    }
    balancer = LoadBalancer(**{**given, **changes})
    if rows is not None:
        rows.add(LOAD_BALANCERS, balancer)
    return balancer


def forward_to(*groups: str) -> Action:
    """Return the action that forwards to target groups, the same share each."""
    weighted = tuple(WeightedGroup(TargetGroupId(one)) for one in groups)
    return Action(forward=Forward(groups=weighted))


def a_listener(forwards_to: str | None = None, port: int = 80, **changes: Any) -> Listener:
    """Return a listener of the load balancer, which answers 404 unless it forwards."""
    identity = f"{_BALANCER}/{port:016x}"
    given: dict[str, Any] = {
        "id": ListenerId(identity),
        "load_balancer": _BALANCER,
        "protocol": "HTTP",
        "port": port,
        "action": forward_to(forwards_to)
        if forwards_to
        else Action(fixed_response=FixedResponse(status=404)),
        "default_rule": RuleId(f"{identity}/0"),
    }
    return Listener(**{**given, **changes})


def a_rule(
    rows: Writing | None,
    listener: Listener,
    *,
    forwards_to: str,
    priority: int = 10,
    **changes: Any,
) -> Rule:
    """Return a rule for the path /api, written if there are rows."""
    given: dict[str, Any] = {
        "id": RuleId(f"{listener.id}/{priority:016x}"),
        "listener": listener.id,
        "priority": priority,
        "conditions": (Condition(field="path-pattern", values=("/api/*",)),),
        "action": forward_to(forwards_to),
    }
    rule = Rule(**{**given, **changes})
    if rows is not None:
        rows.add(RULES, rule)
    return rule
