"""What security groups say, as the firewall's rules.

Whether the firewall does what the rules say is for tests/boot.
"""

from __future__ import annotations

import pytest

from cotta.region.machines.driver import Exposure, Permission
from cotta.region.networks.plan import NetworkPlan
from cotta.region.networks.security import security_rules

PLAN = NetworkPlan("0123abcd", "172.31.0.0/16")
ANYWHERE = ("0.0.0.0/0",)


def a_permission(
    protocol: str = "tcp",
    ports: tuple[int | None, int | None] = (None, None),
    peers: tuple[str, ...] = ANYWHERE,
) -> Permission:
    return Permission(protocol=protocol, from_port=ports[0], to_port=ports[1], peers=peers)


def an_exposure(address: str = "172.31.0.10", *ingress: Permission) -> Exposure:
    return Exposure(private_ip=address, mac="", ingress=ingress, egress=())


def chain(rules: str, name: str) -> list[str]:
    """Return the lines of a chain."""
    body = rules.partition(f"chain {name} {{\n")[2].partition("}\n")[0]
    return [line.strip() for line in rules_of(body)]


def rules_of(body: str) -> list[str]:
    return [line for line in body.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        (a_permission("-1"), ["return"]),
        (a_permission("tcp", (80, 80)), ["meta l4proto tcp th dport 80-80 return"]),
        (a_permission("17", (53, 54)), ["meta l4proto 17 th dport 53-54 return"]),
        (a_permission("tcp", (0, 65535)), ["meta l4proto tcp return"]),
        (a_permission("udp"), ["meta l4proto udp return"]),
        (a_permission("47"), ["meta l4proto 47 return"]),
        (a_permission("icmp", (-1, -1)), ["meta l4proto icmp return"]),
        (a_permission("icmp", (8, -1)), ["icmp type 8 return"]),
        (a_permission("icmp", (3, 4)), ["icmp type 3 icmp code 4 return"]),
        (a_permission("icmpv6"), []),
        (a_permission("-1", peers=("::/0",)), []),
        (a_permission("-1", peers=()), []),
        (
            a_permission("-1", peers=("10.1.0.0/16", "10.0.0.0/16", "10.0.3.0/24", "10.9.9.9/8")),
            ["ip saddr { 10.0.0.0/8 } return"],
        ),
    ],
)
def test_permission(permission: Permission, expected: list[str]) -> None:
    rules = security_rules(PLAN, [an_exposure("172.31.0.10", permission)])

    assert chain(rules, "to_0") == [*expected, "drop"]
    assert chain(rules, "from_0") == ["drop"]


def test_machines_with_the_same_rules_share_a_chain() -> None:
    web = a_permission("tcp", (80, 80))
    rules = security_rules(
        PLAN,
        [an_exposure(f"172.31.0.{n}", web) for n in (10, 11)] + [an_exposure("172.31.0.12")],
    )

    assert "172.31.0.10 : jump to_0, 172.31.0.11 : jump to_0, 172.31.0.12 : jump to_1" in rules
    assert "chain to_2" not in rules


def test_rules_take_the_place_of_those_before_in_one_transaction() -> None:
    assert security_rules(PLAN, []).splitlines()[:3] == [
        "table inet cotta {}",
        "delete table inet cotta",
        "table inet cotta {",
    ]
