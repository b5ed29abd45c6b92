"""VPCs: there is one from the start, and it is described like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.ec2.listings import Listing, describe
from cotta.region.api.tags import encode_tags
from cotta.region.store.kinds import VPCS

if TYPE_CHECKING:
    from cotta.region.api.calls import Call, Operations
    from cotta.region.model import Vpc
    from cotta.region.store.store import Reading


def _encode_vpc(vpc: Vpc, call: Call, _rows: Reading) -> dict[str, Any]:
    association = f"vpc-cidr-assoc-{vpc.id.removeprefix('vpc-')}"
    return {
        "VpcId": vpc.id,
        "OwnerId": call.account.id,
        "State": "available",
        "CidrBlock": vpc.cidr,
        "CidrBlockAssociationSet": [
            {
                "AssociationId": association,
                "CidrBlock": vpc.cidr,
                "CidrBlockState": {"State": "associated"},
            }
        ],
        "DhcpOptionsId": vpc.dhcp_options_id,
        "InstanceTenancy": vpc.instance_tenancy,
        "IsDefault": vpc.is_default,
        "Tags": encode_tags(vpc.tags),
    }


LISTING: Final = Listing(
    kind=VPCS,
    prefix="vpc",
    code="InvalidVpcID",
    what="vpc ID",
    ids="VpcIds",
    answer="Vpcs",
    fields={
        "cidr": lambda vpc: vpc.cidr,
        "cidr-block-association.cidr-block": lambda vpc: vpc.cidr,
        "dhcp-options-id": lambda vpc: vpc.dhcp_options_id,
        "is-default": lambda vpc: vpc.is_default,
        "isDefault": lambda vpc: vpc.is_default,
        "state": lambda _: "available",
        "vpc-id": lambda vpc: vpc.id,
    },
    encode=_encode_vpc,
)

OPERATIONS: Final[Operations] = {
    "DescribeVpcs": describe(LISTING),
}
