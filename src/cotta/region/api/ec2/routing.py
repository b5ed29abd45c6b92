"""Route tables, gateways, access lists and DHCP options: described, and never changed.

Packets go where `region.networks` has them go; these say the same in AWS's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads
from cotta.region.api.ec2.instance_answers import internal_domain
from cotta.region.api.ec2.listings import Listing, describe
from cotta.region.api.ec2.lookups import INTERNET_GATEWAY, ROUTE_TABLE
from cotta.region.api.filters import Fields, select, tag_fields
from cotta.region.api.pages import page
from cotta.region.api.tags import encode_tags
from cotta.region.model.networks import DHCP_OPTIONS_ID
from cotta.region.store.kinds import SUBNETS, VPCS
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import InternetGateway, RouteTable
    from cotta.region.store.store import Reading

# --- route tables ------------------------------------------------------------------------


def _encode_table(table: RouteTable, call: Call, _rows: Reading) -> dict[str, Any]:
    return {
        "RouteTableId": table.id,
        "VpcId": table.vpc_id,
        "OwnerId": call.account.id,
        "Associations": [
            {
                "Main": table.is_main,
                "RouteTableAssociationId": table.association_id,
                "RouteTableId": table.id,
                "AssociationState": {"State": "associated"},
            }
        ],
        "PropagatingVgws": [],
        "Routes": [
            {
                "DestinationCidrBlock": route.cidr,
                "GatewayId": route.gateway_id,
                "Origin": ("CreateRouteTable" if route.gateway_id == "local" else "CreateRoute"),
                "State": "active",
            }
            for route in table.routes
        ],
        "Tags": encode_tags(table.tags),
    }


ROUTE_TABLE_LISTING: Final = Listing(
    of=ROUTE_TABLE,
    ids="RouteTableIds",
    answer="RouteTables",
    fields=lambda call, _rows: {
        "association.gateway-id": lambda _: None,
        "association.main": lambda it: it.is_main,
        "association.route-table-association-id": lambda it: it.association_id,
        "association.route-table-id": lambda it: it.id,
        # The main table is every subnet's, and associated with none of them.
        "association.subnet-id": lambda _: None,
        "owner-id": lambda _: call.account.id,
        "route-table-id": lambda it: it.id,
        "route.destination-cidr-block": lambda it: [route.cidr for route in it.routes],
        "route.gateway-id": lambda it: [route.gateway_id for route in it.routes],
        "route.nat-gateway-id": lambda _: None,
        "route.origin": lambda _: ["CreateRouteTable", "CreateRoute"],
        "route.state": lambda _: "active",
        "vpc-id": lambda it: it.vpc_id,
    },
    encode=_encode_table,
)


# --- gateways ---------------------------------------------------------------------------


def _encode_gateway(gateway: InternetGateway, call: Call, _rows: Reading) -> dict[str, Any]:
    return {
        "InternetGatewayId": gateway.id,
        "OwnerId": call.account.id,
        "Attachments": (
            [{"State": "available", "VpcId": gateway.vpc_id}] if gateway.vpc_id else []
        ),
        "Tags": encode_tags(gateway.tags),
    }


GATEWAY_LISTING: Final = Listing(
    of=INTERNET_GATEWAY,
    ids="InternetGatewayIds",
    answer="InternetGateways",
    fields=lambda call, _rows: {
        "attachment.state": lambda it: "available" if it.vpc_id else None,
        "attachment.vpc-id": lambda it: it.vpc_id,
        "internet-gateway-id": lambda it: it.id,
        "owner-id": lambda _: call.account.id,
    },
    encode=_encode_gateway,
)


# --- access lists -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _AccessList:
    """The access list that comes with a network: it lets everything through."""

    vpc_id: str
    subnets: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"acl-{self.vpc_id.removeprefix('vpc-')}"

    @property
    def tags(self) -> Mapping[str, str]:
        return {}


def describe_network_acls(call: Call, rows: Reading) -> Answer:
    """List the access lists: each network has the one that it came with."""
    given = call.parameters
    lists = [
        _AccessList(vpc.id, tuple(one.id for one in rows.all(SUBNETS, vpc_id=vpc.id)))
        for vpc in rows.all(VPCS)
    ]
    wanted = _named(
        {one.id: one for one in lists},
        given.get("NetworkAclIds"),
        code="InvalidNetworkAclID.NotFound",
        what="networkAcl ID",
    )
    fields: Fields[_AccessList] = {
        "association.association-id": lambda it: [_association(one) for one in it.subnets],
        "association.network-acl-id": lambda it: it.id,
        "association.subnet-id": lambda it: it.subnets,
        "default": lambda _: True,
        "entry.cidr": lambda _: "0.0.0.0/0",
        "entry.egress": lambda _: [True, False],
        "entry.protocol": lambda _: "-1",
        "entry.rule-action": lambda _: ["allow", "deny"],
        "entry.rule-number": lambda _: [100, 32767],
        "network-acl-id": lambda it: it.id,
        "owner-id": lambda _: call.account.id,
        "vpc-id": lambda it: it.vpc_id,
    }
    shown, token = page(
        select(wanted, given.get("Filters"), fields, tag_fields),
        key=lambda it: it.id,
        token=given.get("NextToken"),
        most=given.get("MaxResults"),
    )
    return {"NetworkAcls": [_encode_list(one, call) for one in shown], "NextToken": token}


def _association(subnet_id: str) -> str:
    return f"aclassoc-{subnet_id.removeprefix('subnet-')}"


def _encode_list(it: _AccessList, call: Call) -> dict[str, Any]:
    return {
        "NetworkAclId": it.id,
        "VpcId": it.vpc_id,
        "OwnerId": call.account.id,
        "IsDefault": True,
        "Associations": [
            {
                "NetworkAclAssociationId": _association(subnet),
                "NetworkAclId": it.id,
                "SubnetId": subnet,
            }
            for subnet in it.subnets
        ],
        "Entries": [
            {
                "CidrBlock": "0.0.0.0/0",
                "Egress": egress,
                "Protocol": "-1",
                "RuleAction": action,
                "RuleNumber": number,
            }
            for egress in (True, False)
            for number, action in ((100, "allow"), (32767, "deny"))
        ],
        "Tags": [],
    }


# --- DHCP options --------------------------------------------------------------------------


def describe_dhcp_options(call: Call, _rows: Reading) -> Answer:
    """List the one set of DHCP options."""
    given = call.parameters
    wanted = _named(
        {DHCP_OPTIONS_ID: DHCP_OPTIONS_ID},
        given.get("DhcpOptionsIds"),
        code="InvalidDhcpOptionID.NotFound",
        what="dhcpOption ID",
    )
    options = {
        "domain-name": internal_domain(call.region),
        "domain-name-servers": "AmazonProvidedDNS",
    }
    fields: Fields[str] = {
        "dhcp-options-id": lambda it: it,
        "key": lambda _: list(options),
        "owner-id": lambda _: call.account.id,
        "value": lambda _: list(options.values()),
    }
    return {
        "DhcpOptions": [
            {
                "DhcpOptionsId": one,
                "OwnerId": call.account.id,
                "DhcpConfigurations": [
                    {"Key": key, "Values": [{"Value": value}]} for key, value in options.items()
                ],
                "Tags": [],
            }
            for one in select(wanted, given.get("Filters"), fields, lambda _it, _name: None)
        ]
    }


def _named(
    known: Mapping[str, Any], ids: Sequence[str] | None, *, code: str, what: str
) -> list[Any]:
    if not ids:
        return list(known.values())
    for one in ids:
        if one not in known:
            raise ApiError(code, f"The {what} '{one}' does not exist")
    return [known[one] for one in ids]


OPERATIONS: Final[Operations] = {
    "DescribeDhcpOptions": Reads(describe_dhcp_options),
    "DescribeInternetGateways": describe(GATEWAY_LISTING),
    "DescribeNetworkAcls": Reads(describe_network_acls),
    "DescribeRouteTables": describe(ROUTE_TABLE_LISTING),
}
