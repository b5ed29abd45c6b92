"""What security groups let through, machine by machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from cotta.region.machines.driver import Permission
from cotta.region.model import InstanceState, SecurityGroupId, SecurityGroupRule
from cotta.region.reconcile.exposures import reconcile_exposures
from cotta.region.store.kinds import INSTANCES, NETWORK_INTERFACES, SECURITY_GROUP_RULES
from tests.support.machine_rooms import MachineRoom
from tests.support.times import NOON

if TYPE_CHECKING:
    from pathlib import Path

WEB: Final = SecurityGroupId("sg-web")
DATABASE: Final = SecurityGroupId("sg-database")


def a_rule(number: int, group: SecurityGroupId, **changes: Any) -> SecurityGroupRule:
    plain: dict[str, Any] = {
        "id": f"sgr-{number}",
        "group_id": group,
        "is_egress": False,
        "protocol": "tcp",
        "from_port": 80,
        "to_port": 80,
    }
    return SecurityGroupRule(**{**plain, **changes})


@pytest.fixture
def room(tmp_path: Path) -> MachineRoom:
    return MachineRoom(tmp_path)


def test_rules_of_ranges_and_groups_become_addresses(room: MachineRoom) -> None:
    web, database = room.launch(2)
    web = replace(web, security_groups=(WEB,))
    database = replace(database, security_groups=(DATABASE,))
    with room.store.read() as rows:
        interfaces = [
            replace(one, security_groups=(WEB if one.instance_id == web.id else DATABASE,))
            for one in rows.all(NETWORK_INTERFACES)
        ]
    rules = [
        a_rule(1, WEB, cidr_ipv4="0.0.0.0/0"),
        a_rule(2, WEB, cidr_ipv6="::/0"),
        a_rule(3, WEB, cidr_ipv4="0.0.0.0/0", is_egress=True, protocol="-1"),
        a_rule(4, DATABASE, referenced_group=WEB, from_port=5432, to_port=5432),
        a_rule(5, DATABASE, referenced_group=SecurityGroupId("sg-nobody")),
    ]

    to_web, to_database = reconcile_exposures([web, database], interfaces, rules)

    everywhere = ("0.0.0.0/0",)
    assert to_web.ingress == (
        Permission(protocol="tcp", from_port=80, to_port=80, peers=everywhere),
    )
    assert [one.protocol for one in to_web.egress] == ["-1"]
    assert to_database.ingress == (
        Permission(protocol="tcp", from_port=5432, to_port=5432, peers=(web.private_ip,)),
    )
    assert to_database.egress == ()


def test_load_balancers_are_exposed_too(room: MachineRoom) -> None:
    room.launch()
    with room.store.read() as rows:
        (interface,) = rows.all(NETWORK_INTERFACES)
    balancer = replace(interface, instance_id=None, requester="amazon-elb", security_groups=(WEB,))
    rule = a_rule(1, WEB, cidr_ipv4="0.0.0.0/0")

    (exposure,) = reconcile_exposures([], [balancer], [rule])
    nobody = reconcile_exposures([], [interface, replace(balancer, released_at=NOON)], [rule])

    assert (exposure.private_ip, exposure.mac) == (balancer.private_ip, balancer.mac)
    assert [one.peers for one in exposure.ingress] == [("0.0.0.0/0",)]
    assert nobody == ()


@pytest.mark.parametrize(
    ("state", "expected"),
    [(state, state.value not in {"stopped", "terminated"}) for state in InstanceState],
)
def test_only_what_has_a_machine_is_exposed(
    room: MachineRoom, state: InstanceState, expected: bool
) -> None:
    (instance,) = room.launch()

    exposures = reconcile_exposures([replace(instance, state=state)], [], [])

    assert bool(exposures) is expected


def test_an_address_that_is_held_is_no_member_any_more(room: MachineRoom) -> None:
    (instance,) = room.launch()
    with room.store.read() as rows:
        (interface,) = rows.all(NETWORK_INTERFACES)
        rules = rows.all(SECURITY_GROUP_RULES)

    (exposure,) = reconcile_exposures([instance], [replace(interface, released_at=NOON)], rules)

    assert exposure.ingress == ()


def test_machines_are_exposed_anew_only_when_something_changed(room: MachineRoom) -> None:
    acts: list[str] = []
    room.before_act = acts.append
    (instance,) = room.launch()
    room.settle()
    room.look()
    assert acts.count("expose") == 1

    with room.store.write() as rows:
        rows.put(
            SECURITY_GROUP_RULES, a_rule(1, instance.security_groups[0], cidr_ipv4="10.0.0.0/8")
        )
    room.settle()

    assert acts.count("expose") == 2
    (exposure,) = room.host.exposures
    assert ("10.0.0.0/8",) in [one.peers for one in exposure.ingress]


def test_what_is_exposed_is_made_sure_of_after_a_crash(room: MachineRoom) -> None:
    room.launch()
    room.settle()
    exposed = room.host.exposures
    room.host.exposures = ()

    room.crash()
    room.settle()

    assert room.host.exposures == exposed
    with room.store.read() as rows:
        assert len(rows.all(INSTANCES)) == len(exposed)
