"""`data "aws_subnet"`: a part of a network, in one zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.data_sources.finding import (
    FILTER,
    filters_of,
    named,
    tags_of,
    texts,
    the_one,
    truths,
)
from cotta.providers.aws.declare import DataSource, computed, either, timeouts
from cotta.values.types import BOOL, NUMBER, STRING, MapType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _read(on: Connection, config: Fields) -> Fields:
    filters = filters_of(
        config,
        subnet_id=config["id"],
        availability_zone=config["availability_zone"],
        availability_zone_id=config["availability_zone_id"],
        cidr_block=config["cidr_block"],
        default_for_az="true" if config["default_for_az"] else None,
        state=config["state"],
        vpc_id=config["vpc_id"],
        **{"ipv6-cidr-block-association.ipv6-cidr-block": config["ipv6_cidr_block"]},
    )
    found = list(on.pages("ec2", "DescribeSubnets", "Subnets", Filters=filters))
    subnet = the_one(found, "subnet", "subnets", lambda one: named(one, "SubnetId", "CidrBlock"))
    options = subnet.get("PrivateDnsNameOptionsOnLaunch") or {}
    return {
        **texts(
            subnet,
            id="SubnetId",
            arn="SubnetArn",
            availability_zone="AvailabilityZone",
            availability_zone_id="AvailabilityZoneId",
            cidr_block="CidrBlock",
            customer_owned_ipv4_pool="CustomerOwnedIpv4Pool",
            outpost_arn="OutpostArn",
            owner_id="OwnerId",
            state="State",
            vpc_id="VpcId",
        ),
        **truths(
            subnet,
            assign_ipv6_address_on_creation="AssignIpv6AddressOnCreation",
            default_for_az="DefaultForAz",
            enable_dns64="EnableDns64",
            ipv6_native="Ipv6Native",
            map_customer_owned_ip_on_launch="MapCustomerOwnedIpOnLaunch",
            map_public_ip_on_launch="MapPublicIpOnLaunch",
        ),
        **truths(
            options,
            enable_resource_name_dns_a_record_on_launch="EnableResourceNameDnsARecord",
            enable_resource_name_dns_aaaa_record_on_launch="EnableResourceNameDnsAAAARecord",
        ),
        **_of_ipv6(subnet),
        "available_ip_address_count": subnet.get("AvailableIpAddressCount", 0),
        "enable_lni_at_device_index": subnet.get("EnableLniAtDeviceIndex", 0),
        "private_dns_hostname_type_on_launch": options.get("HostnameType", ""),
        "tags": tags_of(on, subnet.get("Tags")),
    }


def _of_ipv6(subnet: Any) -> Fields:
    for one in subnet.get("Ipv6CidrBlockAssociationSet", []):
        if one["Ipv6CidrBlockState"]["State"] == "associated":
            return {
                "ipv6_cidr_block": one["Ipv6CidrBlock"],
                "ipv6_cidr_block_association_id": one["AssociationId"],
            }
    return {"ipv6_cidr_block": "", "ipv6_cidr_block_association_id": ""}


_FLAGS: Final = (
    "assign_ipv6_address_on_creation", "enable_dns64",
    "enable_resource_name_dns_a_record_on_launch",
    "enable_resource_name_dns_aaaa_record_on_launch", "ipv6_native",
    "map_customer_owned_ip_on_launch", "map_public_ip_on_launch",
)  # fmt: skip
_TEXTS: Final = (
    "arn", "customer_owned_ipv4_pool", "ipv6_cidr_block_association_id", "outpost_arn", "owner_id",
    "private_dns_hostname_type_on_launch",
)  # fmt: skip
_SEARCHED: Final = (
    "availability_zone", "availability_zone_id", "cidr_block", "id", "ipv6_cidr_block", "state",
    "vpc_id",
)  # fmt: skip

DATA_SOURCE: Final = DataSource(
    name="aws_subnet",
    fields={
        **{name: computed(BOOL) for name in _FLAGS},
        **{name: computed(STRING) for name in _TEXTS},
        **{name: either(STRING) for name in _SEARCHED},
        "available_ip_address_count": computed(NUMBER),
        "default_for_az": either(BOOL),
        "enable_lni_at_device_index": computed(NUMBER),
        "filter": FILTER,
        "tags": either(MapType(STRING)),
        "timeouts": timeouts("read"),
    },
    read=_read,
)
