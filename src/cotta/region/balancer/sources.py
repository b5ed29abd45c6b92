"""From where a load balancer may be reached, by its security groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cotta.region.model import (
        Listener,
        LoadBalancer,
        LoadBalancerId,
        NetworkInterface,
        SecurityGroupRule,
    )

_EVERYWHERE: Final = "0.0.0.0/0"
_PROTOCOLS: Final = frozenset({"tcp", "6", "-1"})


def sources_of(
    balancers: Iterable[LoadBalancer],
    listeners: Iterable[Listener],
    rules: Sequence[SecurityGroupRule],
    interfaces: Sequence[NetworkInterface],
) -> Mapping[tuple[LoadBalancerId, int], tuple[str, ...] | None]:
    """Return the ranges of addresses that each listener's port is open to; None for everywhere."""
    groups = {balancer.id: set(balancer.security_groups) for balancer in balancers}
    members: dict[str, list[str]] = {}
    for interface in interfaces:
        for group in interface.security_groups:
            members.setdefault(group, []).append(f"{interface.private_ip}/32")
    found: dict[tuple[LoadBalancerId, int], tuple[str, ...] | None] = {}
    for listener in listeners:
        own = groups.get(listener.load_balancer, set())
        ranges: set[str] = set()
        for rule in rules:
            if rule.group_id in own and _is_for(rule, listener.port):
                ranges |= _ranges(rule, members)
        key = listener.load_balancer, listener.port
        found[key] = None if _EVERYWHERE in ranges else tuple(sorted(ranges))
    return found


def _is_for(rule: SecurityGroupRule, port: int) -> bool:
    if rule.is_egress or rule.protocol not in _PROTOCOLS:
        return False
    if rule.from_port is None or rule.to_port is None or rule.protocol == "-1":
        return True
    return rule.from_port <= port <= rule.to_port


def _ranges(rule: SecurityGroupRule, members: Mapping[str, Sequence[str]]) -> set[str]:
    if rule.cidr_ipv4 is not None:
        return {rule.cidr_ipv4}
    if rule.referenced_group is not None:
        return set(members.get(rule.referenced_group, ()))
    return set()
