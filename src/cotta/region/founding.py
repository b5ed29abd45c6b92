"""What a region has from the start: its account, and the default network in three zones."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from cotta.region.model import (
    Account,
    InternetGateway,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupId,
    SecurityGroupRule,
    Subnet,
    SubnetId,
    Vpc,
    VpcId,
)
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import (
    ACCOUNTS,
    INTERNET_GATEWAYS,
    ROUTE_TABLES,
    SECURITY_GROUP_RULES,
    SECURITY_GROUPS,
    SUBNETS,
    VPCS,
)
from cotta.region.zones import ZONES

if TYPE_CHECKING:
    from datetime import datetime

    from cotta.region.store.store import Writing
    from cotta.system.ids import IdSource

_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def found(rows: Writing, *, network: str, ids: IdSource, now: datetime) -> Account:
    """Make the account and the default network unless they are there; return the account.

    `network` is the default network's range, a /16 that no other region on this
    machine has.
    """
    accounts = rows.all(ACCOUNTS)
    if accounts:
        return accounts[0]
    account = _new_account(ids, now)
    rows.add(ACCOUNTS, account)
    _add_network(rows, network, ids)
    return account


def _new_account(ids: IdSource, now: datetime) -> Account:
    number = int(ids.hexadecimal(12), 16)
    key = "".join(_BASE32[int(ids.hexadecimal(4), 16) % 32] for _ in range(16))
    return Account(
        id=f"{number % 9 + 1}{number // 9 % 10**11:011}",
        access_key=f"AKIA{key}",
        secret_key=ids.hexadecimal(40),
        created_at=now,
    )


def _add_network(rows: Writing, network: str, ids: IdSource) -> None:
    vpc = Vpc(id=VpcId(new_id("vpc", ids)), cidr=network, is_default=True)
    rows.add(VPCS, vpc)
    ranges = ipaddress.ip_network(network).subnets(prefixlen_diff=4)
    for letter, subnet_range in zip(ZONES, ranges, strict=False):
        subnet = Subnet(
            id=SubnetId(new_id("subnet", ids)),
            vpc_id=vpc.id,
            cidr=str(subnet_range),
            zone=letter,
            is_default=True,
            map_public_ip=True,
        )
        rows.add(SUBNETS, subnet)
    gateway = InternetGateway(id=new_id("igw", ids), vpc_id=vpc.id)
    rows.add(INTERNET_GATEWAYS, gateway)
    table = RouteTable(
        id=new_id("rtb", ids),
        vpc_id=vpc.id,
        association_id=new_id("rtbassoc", ids),
        routes=(
            Route(cidr=network, gateway_id="local"),
            Route(cidr="0.0.0.0/0", gateway_id=gateway.id),
        ),
    )
    rows.add(ROUTE_TABLES, table)
    add_default_group(rows, vpc.id, ids)


def add_default_group(rows: Writing, vpc_id: VpcId, ids: IdSource) -> SecurityGroup:
    """Make a network's default security group: its members reach one another and everything."""
    group = SecurityGroup(
        id=SecurityGroupId(new_id("sg", ids)),
        name="default",
        description="default VPC security group",
        vpc_id=vpc_id,
    )
    rows.add(SECURITY_GROUPS, group)
    among_members = SecurityGroupRule(
        id=new_id("sgr", ids),
        group_id=group.id,
        is_egress=False,
        protocol="-1",
        referenced_group=group.id,
    )
    rows.add(SECURITY_GROUP_RULES, among_members)
    rows.add(SECURITY_GROUP_RULES, egress_to_everywhere(group.id, ids))
    return group


def egress_to_everywhere(group: SecurityGroupId, ids: IdSource) -> SecurityGroupRule:
    """Return the rule that every new security group has: its members may reach everything."""
    return SecurityGroupRule(
        id=new_id("sgr", ids),
        group_id=group,
        is_egress=True,
        protocol="-1",
        cidr_ipv4="0.0.0.0/0",
    )
