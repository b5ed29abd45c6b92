"""VPCs: there is one from the start; others are made, described and deleted like it."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.listings import Listing, describe
from cotta.region.api.ec2.lookups import VPC
from cotta.region.api.tags import encode_tags, tags_for
from cotta.region.founding import add_default_group
from cotta.region.model import Route, RouteTable, Vpc, VpcId
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import (
    INTERNET_GATEWAYS,
    NETWORK_INTERFACES,
    ROUTE_TABLES,
    SECURITY_GROUP_RULES,
    SECURITY_GROUPS,
    SUBNETS,
    VPCS,
)
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.store.store import Reading, Writing

# AWS's bounds of a network, and of a subnet.
_WIDEST: Final = 16
_NARROWEST: Final = 28

# The attributes of a network: the API's name, in requests with a small first letter; ours.
_ATTRIBUTES: Final[Mapping[str, str]] = {
    "EnableDnsHostnames": "enable_dns_hostnames",
    "EnableDnsSupport": "enable_dns_support",
    "EnableNetworkAddressUsageMetrics": "counts_address_usage",
}


def read_cidr(given: str | None, *, refusal: str) -> ipaddress.IPv4Network:
    """Return a range for a network or a subnet; `ApiError` if AWS would not take it."""
    if given is None:
        raise ApiError("MissingParameter", "The request must contain the parameter cidrBlock")
    try:
        network = ipaddress.IPv4Network(given)
    except ValueError:
        raise ApiError(
            "InvalidParameterValue",
            f"Value ({given}) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
        ) from None
    if not _WIDEST <= network.prefixlen <= _NARROWEST:
        raise ApiError(
            refusal,
            f"The CIDR '{given}' is invalid: it must be between /{_WIDEST} and /{_NARROWEST}.",
        )
    return network


def create_vpc(call: Call, rows: Writing) -> Answer:
    """Make a network with its main route table and its default security group."""
    given = call.parameters
    if given.get("AmazonProvidedIpv6CidrBlock") or "Ipv6CidrBlock" in given:
        raise ApiError("UnsupportedOperation", "The local region has no IPv6 addresses.")
    network = read_cidr(given.get("CidrBlock"), refusal="InvalidVpc.Range")
    vpc = Vpc(
        id=VpcId(new_id("vpc", call.ids)),
        cidr=str(network),
        instance_tenancy=given.get("InstanceTenancy", "default"),
        enable_dns_hostnames=False,
        tags=tags_for(given.get("TagSpecifications"), "vpc"),
    )
    rows.add(VPCS, vpc)
    table = RouteTable(
        id=new_id("rtb", call.ids),
        vpc_id=vpc.id,
        association_id=new_id("rtbassoc", call.ids),
        routes=(Route(cidr=vpc.cidr, gateway_id="local"),),
    )
    rows.add(ROUTE_TABLES, table)
    add_default_group(rows, vpc.id, call.ids)
    return {"Vpc": _encode_vpc(vpc, call, rows)}


def delete_vpc(call: Call, rows: Writing) -> Answer:
    """Delete a network that nothing is in any more."""
    vpc = VPC.require(rows, call.parameters["VpcId"])
    groups = rows.all(SECURITY_GROUPS, vpc_id=vpc.id)
    is_used = (
        bool(rows.all(SUBNETS, vpc_id=vpc.id))
        or any(group.name != "default" for group in groups)
        or any(one.vpc_id == vpc.id for one in rows.all(INTERNET_GATEWAYS))
        or any(
            one.vpc_id == vpc.id and one.released_at is None for one in rows.all(NETWORK_INTERFACES)
        )
    )
    if is_used:
        raise ApiError(
            "DependencyViolation",
            f"The vpc '{vpc.id}' has dependencies and cannot be deleted.",
        )
    for group in groups:
        for rule in rows.all(SECURITY_GROUP_RULES, group_id=group.id):
            rows.remove(SECURITY_GROUP_RULES, rule.id)
        rows.remove(SECURITY_GROUPS, group.id)
    for table in rows.all(ROUTE_TABLES, vpc_id=vpc.id):
        rows.remove(ROUTE_TABLES, table.id)
    rows.remove(VPCS, vpc.id)
    return {}


def modify_vpc_attribute(call: Call, rows: Writing) -> Answer:
    """Change whether a network has names; kept and shown, and nothing else."""
    given = call.parameters
    vpc = VPC.require(rows, given["VpcId"])
    changes: dict[str, Any] = {
        field: given[name]["Value"]
        for name, field in _ATTRIBUTES.items()
        if "Value" in given.get(name, {})
    }
    rows.put(VPCS, replace(vpc, **changes))
    return {}


def describe_vpc_attribute(call: Call, rows: Reading) -> Answer:
    """Return one attribute of a network."""
    vpc = VPC.require(rows, call.parameters["VpcId"])
    attribute = call.parameters["Attribute"]
    name = attribute[0].upper() + attribute[1:]
    return {"VpcId": vpc.id, name: {"Value": getattr(vpc, _ATTRIBUTES[name])}}


def _encode_vpc(vpc: Vpc, call: Call, _rows: Reading) -> dict[str, Any]:
    return {
        "VpcId": vpc.id,
        "OwnerId": call.account.id,
        "State": "available",
        "CidrBlock": vpc.cidr,
        "CidrBlockAssociationSet": [
            {
                "AssociationId": _association(vpc),
                "CidrBlock": vpc.cidr,
                "CidrBlockState": {"State": "associated"},
            }
        ],
        "Ipv6CidrBlockAssociationSet": [],
        "DhcpOptionsId": vpc.dhcp_options_id,
        "InstanceTenancy": vpc.instance_tenancy,
        "IsDefault": vpc.is_default,
        "Tags": encode_tags(vpc.tags),
    }


def _association(vpc: Vpc) -> str:
    return f"vpc-cidr-assoc-{vpc.id.removeprefix('vpc-')}"


LISTING: Final = Listing(
    of=VPC,
    ids="VpcIds",
    answer="Vpcs",
    fields=lambda call, _rows: {
        "cidr": lambda vpc: vpc.cidr,
        "cidr-block-association.association-id": _association,
        "cidr-block-association.cidr-block": lambda vpc: vpc.cidr,
        "cidr-block-association.state": lambda _: "associated",
        "dhcp-options-id": lambda vpc: vpc.dhcp_options_id,
        "is-default": lambda vpc: vpc.is_default,
        "isDefault": lambda vpc: vpc.is_default,
        "owner-id": lambda _: call.account.id,
        "state": lambda _: "available",
        "vpc-id": lambda vpc: vpc.id,
    },
    encode=_encode_vpc,
)

OPERATIONS: Final[Operations] = {
    "CreateVpc": Writes(create_vpc),
    "DeleteVpc": Writes(delete_vpc),
    "DescribeVpcAttribute": Reads(describe_vpc_attribute),
    "DescribeVpcs": describe(LISTING),
    "ModifyVpcAttribute": Writes(modify_vpc_attribute),
}
