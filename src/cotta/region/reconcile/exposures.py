"""Say what may reach each machine, and what it may reach, from its security groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.region.machines.driver import Exposure, Permission
from cotta.region.model import InstanceState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cotta.region.model import Instance, NetworkInterface, SecurityGroupId, SecurityGroupRule

# A stopped machine's address is let through as soon as it is to start again.
_EXPOSED: Final = frozenset(
    {
        InstanceState.PENDING,
        InstanceState.RUNNING,
        InstanceState.STOPPING,
        InstanceState.SHUTTING_DOWN,
    }
)


def reconcile_exposures(
    instances: Iterable[Instance],
    interfaces: Iterable[NetworkInterface],
    rules: Iterable[SecurityGroupRule],
) -> tuple[Exposure, ...]:
    """Return what is let through for every instance that has a machine, in their order.

    After them come the region's own: its load balancers.  A rule that names a group has the
    addresses of all its members.  Who has no groups reaches nothing and is reached by nobody.
    """
    rules, interfaces = list(rules), list(interfaces)
    members: dict[SecurityGroupId, list[str]] = {}
    for interface in interfaces:
        if interface.released_at is None:
            for group in interface.security_groups:
                members.setdefault(group, []).append(interface.private_ip)
    ingress = _permissions([rule for rule in rules if not rule.is_egress], members)
    egress = _permissions([rule for rule in rules if rule.is_egress], members)
    ends: list[Instance | NetworkInterface] = [one for one in instances if one.state in _EXPOSED]
    ends += (one for one in interfaces if one.requester and one.released_at is None)
    return tuple(
        Exposure(
            private_ip=one.private_ip,
            mac=one.mac,
            ingress=_of_all(one, ingress),
            egress=_of_all(one, egress),
        )
        for one in ends
    )


def _of_all(
    end: Instance | NetworkInterface,
    permissions: Mapping[SecurityGroupId, Sequence[Permission]],
) -> tuple[Permission, ...]:
    found = [one for group in end.security_groups for one in permissions.get(group, ())]
    return tuple(dict.fromkeys(found))


def _permissions(
    rules: Iterable[SecurityGroupRule], members: Mapping[SecurityGroupId, Sequence[str]]
) -> dict[SecurityGroupId, list[Permission]]:
    """Return what each group permits; a rule without an IPv4 peer permits nothing here."""
    found: dict[SecurityGroupId, list[Permission]] = {}
    for rule in rules:
        peers: tuple[str, ...] = ()
        if rule.cidr_ipv4 is not None:
            peers = (rule.cidr_ipv4,)
        elif rule.referenced_group is not None:
            peers = tuple(sorted(members.get(rule.referenced_group, ())))
        if peers:
            permission = Permission(
                protocol=rule.protocol,
                from_port=rule.from_port,
                to_port=rule.to_port,
                peers=peers,
            )
            found.setdefault(rule.group_id, []).append(permission)
    return found
