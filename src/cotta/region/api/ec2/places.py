"""Regions and zones: those the client means; and what the account has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads
from cotta.region.api.filters import select
from cotta.region.store.kinds import VPCS
from cotta.region.wire.errors import ApiError
from cotta.region.zones import ZONES, zone_id, zone_name

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.store.store import Reading

# It answers to any name; these it lists, besides the one that was signed for.
_REGIONS: Final = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)


def describe_regions(call: Call, _rows: Reading) -> Answer:
    """List the names of regions: each means this one."""
    given = call.parameters
    known = sorted({*_REGIONS, call.region})
    wanted = given.get("RegionNames") or known
    for name in wanted:
        if name not in known:
            raise ApiError("InvalidParameterValue", f"Invalid region provided: {name}")
    fields: Fields[str] = {
        "endpoint": lambda name: f"ec2.{name}.amazonaws.com",
        "opt-in-status": lambda _: "opt-in-not-required",
        "region-name": lambda name: name,
    }
    return {
        "Regions": [
            {
                "RegionName": name,
                "Endpoint": f"ec2.{name}.amazonaws.com",
                "OptInStatus": "opt-in-not-required",
            }
            for name in select(wanted, given.get("Filters"), fields)
        ]
    }


def describe_availability_zones(call: Call, _rows: Reading) -> Answer:
    """List the three zones, named after the region that was signed for."""
    given, region = call.parameters, call.region
    letters = list(ZONES)
    for member, name_of in (("ZoneNames", zone_name), ("ZoneIds", zone_id)):
        names = given.get(member)
        if names:
            known = {name_of(region, letter): letter for letter in letters}
            unknown = [name for name in names if name not in known]
            if unknown:
                raise ApiError(
                    "InvalidParameterValue", f"Invalid availability zone: [{', '.join(unknown)}]"
                )
            letters = [known[name] for name in names]
    fields: Fields[str] = {
        "group-name": lambda _: f"{region}-zg-1",
        "message": lambda _: None,
        "opt-in-status": lambda _: "opt-in-not-required",
        "parent-zone-id": lambda _: None,
        "parent-zone-name": lambda _: None,
        "region-name": lambda _: region,
        "state": lambda _: "available",
        "zone-id": lambda letter: zone_id(region, letter),
        "zone-name": lambda letter: zone_name(region, letter),
        "zone-type": lambda _: "availability-zone",
    }
    chosen = select(letters, given.get("Filters"), fields)
    return {"AvailabilityZones": [_encode_zone(letter, region) for letter in chosen]}


def _encode_zone(letter: str, region: str) -> dict[str, Any]:
    return {
        "ZoneName": zone_name(region, letter),
        "ZoneId": zone_id(region, letter),
        "ZoneType": "availability-zone",
        "RegionName": region,
        "GroupName": f"{region}-zg-1",
        "NetworkBorderGroup": region,
        "OptInStatus": "opt-in-not-required",
        "State": "available",
        "Messages": [],
    }


def describe_account_attributes(call: Call, rows: Reading) -> Answer:
    """Say what kind of account this is."""
    default: list[str] = [vpc.id for vpc in rows.all(VPCS) if vpc.is_default]
    most = call.account.most_instances
    attributes = {
        "supported-platforms": ["VPC"],
        "default-vpc": default or ["none"],
        "max-instances": [str(most if most is not None else 1_000)],
        "vpc-max-security-groups-per-interface": ["5"],
        "max-elastic-ips": ["5"],
        "vpc-max-elastic-ips": ["5"],
    }
    wanted = call.parameters.get("AttributeNames") or list(attributes)
    return {
        "AccountAttributes": [
            {
                "AttributeName": name,
                "AttributeValues": [{"AttributeValue": value} for value in attributes[name]],
            }
            for name in wanted
        ]
    }


OPERATIONS: Final[Operations] = {
    "DescribeAccountAttributes": Reads(describe_account_attributes),
    "DescribeAvailabilityZones": Reads(describe_availability_zones),
    "DescribeRegions": Reads(describe_regions),
}
