"""Subnets: one in each zone from the start, and those that are made."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Writes
from cotta.region.api.ec2.listings import Listing, describe
from cotta.region.api.ec2.lookups import SUBNET, VPC
from cotta.region.api.ec2.vpcs import read_cidr
from cotta.region.api.tags import encode_tags, tags_for
from cotta.region.launching.addresses import count_free
from cotta.region.model import Subnet, SubnetId
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import NETWORK_INTERFACES, SUBNETS
from cotta.region.wire.errors import ApiError
from cotta.region.zones import ZONES, zone_id, zone_letter, zone_name

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.store.store import Reading, Writing


def create_subnet(call: Call, rows: Writing) -> Answer:
    """Make a subnet of a network's range that no other has a part of."""
    given = call.parameters
    vpc = VPC.require(rows, given["VpcId"])
    if "Ipv6CidrBlock" in given or given.get("Ipv6Native"):
        raise ApiError("UnsupportedOperation", "The local region has no IPv6 addresses.")
    network = read_cidr(given.get("CidrBlock"), refusal="InvalidSubnet.Range")
    if not network.subnet_of(ipaddress.IPv4Network(vpc.cidr)):
        raise ApiError("InvalidSubnet.Range", f"The CIDR '{network}' is invalid.")
    others = rows.all(SUBNETS, vpc_id=vpc.id)
    if any(network.overlaps(ipaddress.IPv4Network(other.cidr)) for other in others):
        raise ApiError(
            "InvalidSubnet.Conflict", f"The CIDR '{network}' conflicts with another subnet"
        )
    zone = given.get("AvailabilityZone") or given.get("AvailabilityZoneId")
    subnet = Subnet(
        id=SubnetId(new_id("subnet", call.ids)),
        vpc_id=vpc.id,
        cidr=str(network),
        zone=zone_letter(zone) if zone else ZONES[len(others) % len(ZONES)],
        tags=tags_for(given.get("TagSpecifications"), "subnet"),
    )
    rows.add(SUBNETS, subnet)
    return {"Subnet": _encode(subnet, call, rows)}


def delete_subnet(call: Call, rows: Writing) -> Answer:
    """Delete a subnet that nothing is in any more."""
    subnet = SUBNET.require(rows, call.parameters["SubnetId"])
    interfaces = rows.all(NETWORK_INTERFACES, subnet_id=subnet.id)
    if any(interface.released_at is None for interface in interfaces):
        raise ApiError(
            "DependencyViolation",
            f"The subnet '{subnet.id}' has dependencies and cannot be deleted.",
        )
    rows.remove(SUBNETS, subnet.id)
    return {}


def modify_subnet_attribute(call: Call, rows: Writing) -> Answer:
    """Change whether instances of a subnet get public addresses.

    The attributes that would change nothing here may be set to what they are.
    """
    given = call.parameters
    subnet = SUBNET.require(rows, given["SubnetId"])
    for name in (
        "AssignIpv6AddressOnCreation",
        "MapCustomerOwnedIpOnLaunch",
        "EnableDns64",
        "EnableResourceNameDnsARecordOnLaunch",
        "EnableResourceNameDnsAAAARecordOnLaunch",
    ):
        if given.get(name, {}).get("Value"):
            raise ApiError("UnsupportedOperation", f"The local region's subnets have no {name}.")
    public = given.get("MapPublicIpOnLaunch", {}).get("Value", subnet.map_public_ip)
    rows.put(SUBNETS, replace(subnet, map_public_ip=public))
    return {}


def _arn(subnet: Subnet, call: Call) -> str:
    return call.arn("ec2", f"subnet/{subnet.id}")


def _encode(subnet: Subnet, call: Call, rows: Reading) -> dict[str, Any]:
    return {
        "SubnetId": subnet.id,
        "SubnetArn": _arn(subnet, call),
        "VpcId": subnet.vpc_id,
        "OwnerId": call.account.id,
        "State": "available",
        "CidrBlock": subnet.cidr,
        "AvailableIpAddressCount": count_free(rows, subnet),
        "AvailabilityZone": zone_name(call.region, subnet.zone),
        "AvailabilityZoneId": zone_id(call.region, subnet.zone),
        "DefaultForAz": subnet.is_default,
        "MapPublicIpOnLaunch": subnet.map_public_ip,
        "MapCustomerOwnedIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "Ipv6CidrBlockAssociationSet": [],
        "EnableDns64": False,
        "Ipv6Native": False,
        "PrivateDnsNameOptionsOnLaunch": {
            "HostnameType": "ip-name",
            "EnableResourceNameDnsARecord": False,
            "EnableResourceNameDnsAAAARecord": False,
        },
        "Tags": encode_tags(subnet.tags),
    }


def _fields(call: Call, rows: Reading) -> Fields[Subnet]:
    return {
        "availability-zone": lambda it: zone_name(call.region, it.zone),
        "availabilityZone": lambda it: zone_name(call.region, it.zone),
        "availability-zone-id": lambda it: zone_id(call.region, it.zone),
        "availabilityZoneId": lambda it: zone_id(call.region, it.zone),
        "available-ip-address-count": lambda it: count_free(rows, it),
        "cidr": lambda it: it.cidr,
        "cidr-block": lambda it: it.cidr,
        "cidrBlock": lambda it: it.cidr,
        "default-for-az": lambda it: it.is_default,
        "defaultForAz": lambda it: it.is_default,
        "enable-dns64": lambda _: False,
        "ipv6-native": lambda _: False,
        "map-public-ip-on-launch": lambda it: it.map_public_ip,
        "owner-id": lambda _: call.account.id,
        "state": lambda _: "available",
        "subnet-arn": lambda it: _arn(it, call),
        "subnet-id": lambda it: it.id,
        "vpc-id": lambda it: it.vpc_id,
    }


LISTING: Final = Listing(
    of=SUBNET, ids="SubnetIds", answer="Subnets", fields=_fields, encode=_encode
)

OPERATIONS: Final[Operations] = {
    "CreateSubnet": Writes(create_subnet),
    "DeleteSubnet": Writes(delete_subnet),
    "DescribeSubnets": describe(LISTING),
    "ModifySubnetAttribute": Writes(modify_subnet_attribute),
}
