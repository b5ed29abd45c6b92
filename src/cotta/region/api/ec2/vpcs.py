"""VPCs: there is one from the start, and it is described like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads
from cotta.region.api.ec2.lookups import require_all
from cotta.region.api.filters import select, tag_fields
from cotta.region.api.pages import page
from cotta.region.api.tags import encode_tags
from cotta.region.store.kinds import VPCS

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.model import Vpc
    from cotta.region.store.store import Reading

_FIELDS: Final[Fields[Vpc]] = {
    "cidr": lambda vpc: vpc.cidr,
    "cidr-block-association.cidr-block": lambda vpc: vpc.cidr,
    "dhcp-options-id": lambda vpc: vpc.dhcp_options_id,
    "is-default": lambda vpc: vpc.is_default,
    "isDefault": lambda vpc: vpc.is_default,
    "state": lambda _: "available",
    "vpc-id": lambda vpc: vpc.id,
}


def describe_vpcs(call: Call, rows: Reading) -> Answer:
    """List VPCs."""
    given = call.parameters
    vpcs = require_all(rows, VPCS, given.get("VpcIds"), code="InvalidVpcID.NotFound", what="vpc ID")
    chosen = select(vpcs, given.get("Filters"), _FIELDS, tag_fields)
    shown, token = page(
        chosen, key=VPCS.key, token=given.get("NextToken"), most=given.get("MaxResults")
    )
    return {"Vpcs": [_encode_vpc(vpc, call) for vpc in shown], "NextToken": token}


def _encode_vpc(vpc: Vpc, call: Call) -> dict[str, Any]:
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


OPERATIONS: Final[Operations] = {
    "DescribeVpcs": Reads(describe_vpcs),
}
