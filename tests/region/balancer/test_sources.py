"""From where a load balancer may be reached."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cotta.region.balancer.sources import sources_of
from cotta.region.model import (
    NetworkInterface,
    NetworkInterfaceId,
    SecurityGroupId,
    SecurityGroupRule,
    SubnetId,
    VpcId,
)
from tests.support.balancing import a_listener, a_load_balancer

OWN = SecurityGroupId("sg-own")
BALANCER = a_load_balancer(security_groups=(OWN,))
LISTENER = a_listener(port=80)


def a_rule(**changes: Any) -> SecurityGroupRule:
    given: dict[str, Any] = {
        "id": "sgr-1",
        "group_id": OWN,
        "is_egress": False,
        "protocol": "tcp",
        "from_port": 80,
        "to_port": 80,
        "cidr_ipv4": "10.0.0.0/8",
    }
    return SecurityGroupRule(**{**given, **changes})


def an_interface(address: str, group: str) -> NetworkInterface:
    return NetworkInterface(
        id=NetworkInterfaceId(f"eni-{address}"),
        vpc_id=VpcId("vpc-1"),
        subnet_id=SubnetId("subnet-1"),
        zone="a",
        private_ip=address,
        mac="02:00:00:00:00:01",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        security_groups=(SecurityGroupId(group),),
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("10.0.0.0/8",)),
        ({"cidr_ipv4": "0.0.0.0/0"}, None),
        ({"from_port": 81, "to_port": 90}, ()),
        ({"from_port": 0, "to_port": 65535}, ("10.0.0.0/8",)),
        ({"protocol": "-1", "from_port": None, "to_port": None}, ("10.0.0.0/8",)),
        ({"protocol": "udp"}, ()),
        ({"is_egress": True}, ()),
        ({"group_id": SecurityGroupId("sg-other")}, ()),
        ({"cidr_ipv4": None, "cidr_ipv6": "::/0"}, ()),
        (
            {"cidr_ipv4": None, "referenced_group": SecurityGroupId("sg-clients")},
            ("172.31.0.20/32", "172.31.0.21/32"),
        ),
    ],
)
def test_listener_is_open_to_what_its_groups_let_in(
    changes: dict[str, Any], expected: tuple[str, ...] | None
) -> None:
    interfaces = [
        an_interface("172.31.0.21", "sg-clients"),
        an_interface("172.31.0.20", "sg-clients"),
        an_interface("172.31.0.22", "sg-others"),
    ]

    found = sources_of([BALANCER], [LISTENER], [a_rule(**changes)], interfaces)

    assert found == {(BALANCER.id, 80): expected}


def test_rules_add_up() -> None:
    rules = [a_rule(), a_rule(id="sgr-2", cidr_ipv4="192.168.0.0/16")]

    found = sources_of([BALANCER], [LISTENER], rules, [])

    assert found == {(BALANCER.id, 80): ("10.0.0.0/8", "192.168.0.0/16")}
