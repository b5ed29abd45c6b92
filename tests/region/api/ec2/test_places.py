"""Regions, zones, types and the account through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.instance_types import INSTANCE_TYPES
from tests.support.regions import refused

if TYPE_CHECKING:
    from tests.support.regions import RunningRegion


@pytest.mark.parametrize(
    ("name", "zones", "ids"),
    [
        (
            "us-east-1",
            ["us-east-1a", "us-east-1b", "us-east-1c"],
            ["use1-az1", "use1-az2", "use1-az3"],
        ),
        (
            "ap-southeast-2",
            ["ap-southeast-2a", "ap-southeast-2b", "ap-southeast-2c"],
            ["apse2-az1", "apse2-az2", "apse2-az3"],
        ),
    ],
)
def test_zones_are_named_after_the_region(
    region: RunningRegion, name: str, zones: list[str], ids: list[str]
) -> None:
    ec2 = region.client("ec2", name)

    found = ec2.describe_availability_zones()["AvailabilityZones"]

    assert [zone["ZoneName"] for zone in found] == zones
    assert [zone["ZoneId"] for zone in found] == ids
    (one,) = ec2.describe_availability_zones(ZoneNames=zones[1:2])["AvailabilityZones"]
    assert one["ZoneId"] == ids[1]
    by_filter = [{"Name": "zone-id", "Values": ids[2:]}]
    (one,) = ec2.describe_availability_zones(Filters=by_filter)["AvailabilityZones"]
    assert one["ZoneName"] == zones[2]
    subnets = ec2.describe_subnets()["Subnets"]
    assert sorted(subnet["AvailabilityZone"] for subnet in subnets) == zones


def test_zones_that_are_not_there(ec2: Any) -> None:
    with refused("InvalidParameterValue", "us-east-1z"):
        ec2.describe_availability_zones(ZoneNames=["us-east-1z"])
    with refused("InvalidParameterValue", "use1-az9"):
        ec2.describe_availability_zones(ZoneIds=["use1-az9"])


def test_the_region_of_the_client_is_listed(region: RunningRegion) -> None:
    ec2 = region.client("ec2", "mars-north-1")

    found = ec2.describe_regions(RegionNames=["mars-north-1", "eu-west-1"])["Regions"]

    assert [one["RegionName"] for one in found] == ["mars-north-1", "eu-west-1"]
    filters = [{"Name": "region-name", "Values": ["eu-west-*"]}]
    found = ec2.describe_regions(Filters=filters)["Regions"]
    assert [one["RegionName"] for one in found] == ["eu-west-1", "eu-west-2", "eu-west-3"]
    with refused("InvalidParameterValue", "us-moon-1"):
        ec2.describe_regions(RegionNames=["us-moon-1"])


def test_the_account_has_a_default_network(ec2: Any) -> None:
    (vpc,) = ec2.describe_vpcs()["Vpcs"]

    attributes = {
        one["AttributeName"]: [value["AttributeValue"] for value in one["AttributeValues"]]
        for one in ec2.describe_account_attributes()["AccountAttributes"]
    }

    assert attributes["default-vpc"] == [vpc["VpcId"]]
    assert attributes["supported-platforms"] == ["VPC"]
    named = ec2.describe_account_attributes(AttributeNames=["default-vpc"])
    assert [one["AttributeName"] for one in named["AccountAttributes"]] == ["default-vpc"]


@pytest.mark.parametrize(
    ("name", "vcpus", "memory_mib"),
    [
        ("t3.nano", 2, 512),
        ("t3.micro", 2, 1024),
        ("t3a.medium", 2, 4096),
        ("t2.micro", 1, 1024),
        ("m5.large", 2, 8192),
        ("m5.24xlarge", 96, 393216),
        ("c5.large", 2, 4096),
        ("c5.9xlarge", 36, 73728),
        ("c6i.2xlarge", 8, 16384),
        ("m7i.xlarge", 4, 16384),
        ("r5.large", 2, 16384),
    ],
)
def test_types_have_the_size_that_aws_says(
    ec2: Any, name: str, vcpus: int, memory_mib: int
) -> None:
    (found,) = ec2.describe_instance_types(InstanceTypes=[name])["InstanceTypes"]

    assert found["VCpuInfo"]["DefaultVCpus"] == vcpus
    assert found["MemoryInfo"]["SizeInMiB"] == memory_mib
    assert found["ProcessorInfo"]["SupportedArchitectures"] == ["x86_64"]


def test_types_are_found_by_filters_and_in_pages(ec2: Any) -> None:
    filters = [
        {"Name": "burstable-performance-supported", "Values": ["true"]},
        {"Name": "current-generation", "Values": ["true"]},
        {"Name": "vcpu-info.default-vcpus", "Values": ["2"]},
        {"Name": "memory-info.size-in-mib", "Values": ["1024"]},
    ]

    found = ec2.describe_instance_types(Filters=filters)["InstanceTypes"]
    paginator = ec2.get_paginator("describe_instance_types")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 50}))

    assert [one["InstanceType"] for one in found] == ["t3.micro", "t3a.micro"]
    names = [one["InstanceType"] for page in pages for one in page["InstanceTypes"]]
    assert len(pages) > 1
    assert names == sorted(INSTANCE_TYPES)
    with refused("InvalidInstanceType", "p4d.24xlarge"):
        ec2.describe_instance_types(InstanceTypes=["p4d.24xlarge"])


def test_types_are_offered_in_every_zone(ec2: Any) -> None:
    filters = [{"Name": "instance-type", "Values": ["t3.micro"]}]

    zones = ec2.describe_instance_type_offerings(LocationType="availability-zone", Filters=filters)[
        "InstanceTypeOfferings"
    ]
    regions = ec2.describe_instance_type_offerings(Filters=filters)["InstanceTypeOfferings"]

    assert [one["Location"] for one in zones] == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert [one["Location"] for one in regions] == ["us-east-1"]
