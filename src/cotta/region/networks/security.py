"""What the security groups let through, as rules for `nft -f`: pure.

Every packet that passes the region, and every one that its load balancers send or get,
is asked for twice: may its source send it (egress), may its destination receive it
(ingress)?  Answers to what was let through pass (stateful).  The host, and whoever else,
is a peer like any other.  An address that no exposure names gets and sends nothing,
except that everyone reaches the metadata address.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from cotta.region.networks.plan import METADATA_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cotta.region.machines.driver import Exposure, Permission
    from cotta.region.networks.plan import NetworkPlan

TABLE: Final = "cotta"

_EVERY_PORT: Final = (0, 65535)
# Of ICMP's types and codes, -1 is every one.
_EVERY_TYPE: Final = -1
_WITH_PORTS: Final = frozenset({"tcp", "udp", "sctp", "6", "17", "132"})
_ICMP: Final = frozenset({"icmp", "1"})


def security_rules(plan: NetworkPlan, exposures: Sequence[Exposure]) -> str:
    """Return the table in which exactly these exposures are in effect.

    Machines with the same rules share a chain, and a packet finds its chains by a map:
    what a packet costs does not grow with the number of machines.
    """
    senders = _Chains("from", "daddr")
    receivers = _Chains("to", "saddr")
    for exposure in exposures:
        senders.add(exposure.private_ip, exposure.egress)
        receivers.add(exposure.private_ip, exposure.ingress)
    bridge = plan.bridge
    return "\n".join(
        [
            f"table inet {TABLE} {{}}",
            f"delete table inet {TABLE}",
            f"table inet {TABLE} {{",
            *senders.chains(),
            *receivers.chains(),
            *senders.map("senders"),
            *receivers.map("receivers"),
            "  chain judge {",
            "    ct state established,related accept",
            "    ct state invalid drop",
            f"    ip saddr {plan.network} ip saddr vmap @senders",
            f"    ip daddr {plan.network} ip daddr vmap @receivers",
            "  }",
            "  chain through {",
            "    type filter hook forward priority filter; policy drop;",
            "    jump judge",
            # What passed without a judge, because no exposure names it, is nobody's.
            f'    iifname "{bridge}" ip saddr @sending oifname != "{bridge}" accept',
            f'    iifname "{bridge}" ip saddr @sending ip daddr @receiving accept',
            f'    iifname != "{bridge}" ip daddr @receiving accept',
            "  }",
            *_members("sending", exposures),
            *_members("receiving", exposures),
            "  chain into_region {",
            "    type filter hook input priority filter; policy drop;",
            # Most packets are of requests under way; they are asked for nothing else.
            "    ct state established,related accept",
            '    iifname "lo" accept',
            f"    ip daddr {METADATA_ADDRESS} tcp dport 80 accept",
            "    jump judge",
            "    ip daddr @receiving accept",
            "  }",
            "  chain out_of_region {",
            "    type filter hook output priority filter; policy accept;",
            "    ct state established,related accept",
            f"    ip saddr {METADATA_ADDRESS} accept",
            '    oifname "lo" accept',
            "    jump judge",
            f"    ip daddr {plan.host_address} accept",
            f"    ip daddr {plan.network} ip daddr != @receiving drop",
            "  }",
            "}",
            "",
        ]
    )


class _Chains:
    """A chain for each different list of permissions, and which addresses go through it.

    `other` is the field with the other end's address: a chain that allows a packet
    returns, and ends by dropping the rest.
    """

    def __init__(self, name: str, other: str) -> None:
        self._name = name
        self._other = other
        self._addresses: dict[tuple[Permission, ...], list[str]] = {}

    def add(self, address: str, permissions: tuple[Permission, ...]) -> None:
        self._addresses.setdefault(permissions, []).append(address)

    def chains(self) -> Iterator[str]:
        for number, permissions in enumerate(self._addresses):
            yield f"  chain {self._name}_{number} {{"
            for permission in permissions:
                if (match := _match(permission, self._other)) is not None:
                    yield f"    {match} return"
            yield "    drop"
            yield "  }"

    def map(self, name: str) -> Iterator[str]:
        chains = {
            address: f"jump {self._name}_{number}"
            for number, addresses in enumerate(self._addresses.values())
            for address in addresses
        }
        yield f"  map {name} {{"
        yield "    type ipv4_addr : verdict"
        yield from _elements([f"{address} : {verdict}" for address, verdict in chains.items()])
        yield "  }"


def _members(name: str, exposures: Iterable[Exposure]) -> Iterator[str]:
    yield f"  set {name} {{"
    yield "    type ipv4_addr"
    yield from _elements(sorted({exposure.private_ip for exposure in exposures}))
    yield "  }"


def _elements(elements: Sequence[str]) -> list[str]:
    return [f"    elements = {{ {', '.join(elements)} }}"] if elements else []


def _match(permission: Permission, other: str) -> str | None:
    """Return what a packet must be for a permission; None if no IPv4 packet can be."""
    if permission.protocol in {"icmpv6", "58"}:
        return None
    ranges = list(
        ipaddress.collapse_addresses(
            ipaddress.IPv4Network(peer, strict=False)
            for peer in permission.peers
            if ":" not in peer
        )
    )
    if not ranges:
        return None
    parts = [_protocol(permission)]
    if not any(range.prefixlen == 0 for range in ranges):
        parts.append(f"ip {other} {{ {', '.join(map(str, ranges))} }}")
    return " ".join(part for part in parts if part)


def _protocol(permission: Permission) -> str:
    protocol, first, last = permission.protocol, permission.from_port, permission.to_port
    if protocol == "-1":
        return ""
    if protocol in _ICMP:
        return _icmp(first, last)
    if protocol in _WITH_PORTS and (first, last) not in {_EVERY_PORT, (None, None), (-1, -1)}:
        assert first is not None
        upto = first if last is None else last
        return f"meta l4proto {protocol} th dport {first}-{upto}"
    return f"meta l4proto {protocol}"


def _icmp(kind: int | None, code: int | None) -> str:
    if kind is None or kind == _EVERY_TYPE:
        return "meta l4proto icmp"
    if code is None or code == _EVERY_TYPE:
        return f"icmp type {kind}"
    return f"icmp type {kind} icmp code {code}"
