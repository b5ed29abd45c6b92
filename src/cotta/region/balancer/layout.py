"""What is to be balanced: addresses, listeners and target groups, put together from the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cotta.region.model import (
        Listener,
        LoadBalancer,
        LoadBalancerId,
        Rule,
        TargetGroup,
        TargetGroupId,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontend:
    """A listener of a load balancer, its rules in their order, and from where it may be reached."""

    balancer: LoadBalancer
    listener: Listener
    rules: tuple[Rule, ...]
    # Ranges of addresses; None for everywhere.
    sources: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A target group in use; its targets see requests and checks come from `source`."""

    group: TargetGroup
    source: str
    # Seconds that a request may take.
    idle_timeout: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """All of it.  Without frontends there is nothing to run."""

    frontends: tuple[Frontend, ...]
    backends: tuple[Backend, ...]
    addresses: frozenset[str]


IDLE_TIMEOUT = "idle_timeout.timeout_seconds"


def layout_of(
    balancers: Iterable[LoadBalancer],
    listeners: Iterable[Listener],
    rules: Iterable[Rule],
    groups: Iterable[TargetGroup],
    used: Mapping[TargetGroupId, LoadBalancerId],
    sources: Mapping[tuple[LoadBalancerId, int], tuple[str, ...] | None],
) -> Layout:
    """Return the layout; `used` says whose each target group is that a listener sends to."""
    known = {balancer.id: balancer for balancer in balancers}
    by_listener: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: rule.priority):
        by_listener.setdefault(rule.listener, []).append(rule)
    frontends = tuple(
        Frontend(
            balancer=known[listener.load_balancer],
            listener=listener,
            rules=tuple(by_listener.get(listener.id, ())),
            sources=sources.get((listener.load_balancer, listener.port), ()),
        )
        for listener in sorted(listeners, key=lambda listener: listener.id)
        if listener.load_balancer in known
    )
    backends = tuple(
        Backend(
            group=group,
            source=known[used[group.id]].address,
            idle_timeout=int(known[used[group.id]].attributes.get(IDLE_TIMEOUT, "60")),
        )
        for group in sorted(groups, key=lambda group: group.id)
        if group.id in used
    )
    addresses = frozenset(balancer.address for balancer in known.values())
    return Layout(frontends=frontends, backends=backends, addresses=addresses)
