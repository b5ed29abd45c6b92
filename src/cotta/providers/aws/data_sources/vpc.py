"""`data "aws_vpc"`: a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.data_sources.finding import (
    FILTER,
    filters_of,
    named,
    tags_of,
    texts,
    the_one,
)
from cotta.providers.aws.declare import DataSource, computed, either, timeouts
from cotta.values.types import BOOL, STRING, ListType, MapType, ObjectType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields


def _read(on: Connection, config: Fields) -> Fields:
    filters = filters_of(
        config,
        vpc_id=config["id"],
        cidr=config["cidr_block"],
        dhcp_options_id=config["dhcp_options_id"],
        is_default="true" if config["default"] else None,
        state=config["state"],
    )
    found = list(on.pages("ec2", "DescribeVpcs", "Vpcs", Filters=filters))
    vpc = the_one(found, "VPC", "VPCs", lambda one: named(one, "VpcId", "CidrBlock"))
    id_ = vpc["VpcId"]
    return {
        **texts(
            vpc,
            id="VpcId",
            cidr_block="CidrBlock",
            dhcp_options_id="DhcpOptionsId",
            instance_tenancy="InstanceTenancy",
            owner_id="OwnerId",
        ),
        **_of_ipv6(vpc),
        "arn": f"arn:{on.session.partition()}:ec2:{on.session.region}:{vpc['OwnerId']}:vpc/{id_}",
        "cidr_block_associations": [
            {
                "association_id": one["AssociationId"],
                "cidr_block": one["CidrBlock"],
                "state": one["CidrBlockState"]["State"],
            }
            for one in vpc.get("CidrBlockAssociationSet", [])
        ],
        "default": bool(vpc.get("IsDefault")),
        "enable_dns_hostnames": _asked(on, id_, "EnableDnsHostnames"),
        "enable_dns_support": _asked(on, id_, "EnableDnsSupport"),
        "enable_network_address_usage_metrics": _asked(on, id_, "EnableNetworkAddressUsageMetrics"),
        "main_route_table_id": _main_table(on, id_),
        "tags": tags_of(on, vpc.get("Tags")),
    }


def _of_ipv6(vpc: Any) -> Fields:
    for one in vpc.get("Ipv6CidrBlockAssociationSet", []):
        if one["Ipv6CidrBlockState"]["State"] == "associated":
            return {
                "ipv6_association_id": one["AssociationId"],
                "ipv6_cidr_block": one["Ipv6CidrBlock"],
            }
    return {"ipv6_association_id": "", "ipv6_cidr_block": ""}


def _asked(on: Connection, id_: str, name: str) -> bool:
    attribute = name[0].lower() + name[1:]
    answer = on.call("ec2", "DescribeVpcAttribute", VpcId=id_, Attribute=attribute)
    return bool(answer[name]["Value"])


def _main_table(on: Connection, id_: str) -> str:
    filters = [
        {"Name": "association.main", "Values": ["true"]},
        {"Name": "vpc-id", "Values": [id_]},
    ]
    for table in on.pages("ec2", "DescribeRouteTables", "RouteTables", Filters=filters):
        return str(table["RouteTableId"])
    return ""


DATA_SOURCE: Final = DataSource(
    name="aws_vpc",
    fields={
        "arn": computed(STRING),
        "cidr_block": either(STRING),
        "cidr_block_associations": computed(
            ListType(ObjectType({"association_id": STRING, "cidr_block": STRING, "state": STRING}))
        ),
        "default": either(BOOL),
        "dhcp_options_id": either(STRING),
        "enable_dns_hostnames": computed(BOOL),
        "enable_dns_support": computed(BOOL),
        "enable_network_address_usage_metrics": computed(BOOL),
        "filter": FILTER,
        "id": either(STRING),
        "instance_tenancy": computed(STRING),
        "ipv6_association_id": computed(STRING),
        "ipv6_cidr_block": computed(STRING),
        "main_route_table_id": computed(STRING),
        "owner_id": computed(STRING),
        "state": either(STRING),
        "tags": either(MapType(STRING)),
        "timeouts": timeouts("read"),
    },
    read=_read,
)
