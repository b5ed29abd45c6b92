"""Data sources by the official provider and by ours: the same attributes, of the same world."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from tests.oracle.official_provider import Workspace, official_workspace, region_workspace
from tests.support.aws import access_to_endpoint, access_to_region, cotta_folder
from tests.support.moto import moto_client, moto_server
from tests.support.regions import put_image, simulated_region, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.clouds.which import Access
    from tests.support.aws import CottaFolder
    from tests.support.regions import RunningRegion

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

CONFIGURATION = """
data "aws_ami" "newest" {
  most_recent = true
  owners      = ["OWNER"]
  name_regex  = "PATTERN"
  filter {
    name   = "state"
    values = ["available"]
  }
}
data "aws_ami_ids" "all" { owners = ["OWNER"] }
data "aws_ami_ids" "rising" {
  owners         = ["OWNER"]
  name_regex     = "PATTERN"
  sort_ascending = true
}
data "aws_vpc" "default" { default = true }
data "aws_vpc" "by_cidr" {
  cidr_block = data.aws_vpc.default.cidr_block
}
data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}
data "aws_subnet" "one" { id = sort(data.aws_subnets.default.ids)[0] }
data "aws_subnet" "by_zone" {
  availability_zone = "us-east-1b"
  default_for_az    = true
}
data "aws_security_group" "default" {
  vpc_id = data.aws_vpc.default.id
  name   = "default"
}
data "aws_availability_zones" "all" { state = "available" }
data "aws_availability_zones" "some" { exclude_names = ["us-east-1a"] }
data "aws_region" "here" {}
data "aws_region" "there" { name = "eu-central-1" }
data "aws_caller_identity" "me" {}
data "aws_partition" "here" {}
data "aws_ssm_parameter" "plain" { name = "/web/ami" }
data "aws_ssm_parameter" "secret" { name = "/web/secret" }
data "aws_instances" "none" { instance_state_names = ["stopped"] }
data "aws_instances" "running" {}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}
"""

FLEET = """
data "aws_launch_template" "web" { name = "web" }
data "aws_launch_template" "by_tag" {
  tags = { team = "web" }
}
data "aws_autoscaling_group" "web" { name = "web" }
data "aws_lb" "web" { name = "web" }
data "aws_lb" "by_tag" {
  tags = { team = "web" }
}
data "aws_alb" "web" { arn = data.aws_lb.web.arn }
data "aws_lb_target_group" "web" { name = "web" }
data "aws_instances" "web" {
  instance_tags = { Name = "web" }
}
"""

# Of these the official provider has values that are no facts: a checksum of memory addresses.
MADE_UP = {"data.aws_ami_ids": {"id"}}


def test_data_sources_of_a_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "region").mkdir()
    with simulated_region(tmp_path / "region", SimulatedMachines()) as region:
        put_image(
            region.store, number=2, name="web-2", created_at=datetime(2026, 11, 2, tzinfo=UTC)
        )
        prepare(region.client("ssm"), region.client("ec2"), "ami-00000000000000002")
        theirs = folder_of(tmp_path / "theirs")
        workspace = region_workspace(theirs, region)
        ours = cotta_folder(tmp_path / "ours", access_to_region(region), monkeypatch)

        assert_same_attributes(workspace, ours, searching("111122223333", "^web-"))


def test_data_sources_of_a_fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "region").mkdir()
    with simulated_region(tmp_path / "region", SimulatedMachines()) as region:
        make_fleet(region)
        workspace = region_workspace(folder_of(tmp_path / "theirs"), region)
        ours = cotta_folder(tmp_path / "ours", access_to_region(region), monkeypatch)

        assert_same_attributes(workspace, ours, FLEET)


def make_fleet(region: RunningRegion) -> None:
    """Make a group of two behind a load balancer, without terraform and without us."""
    ec2, elbv2 = region.client("ec2"), region.client("elbv2")
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]]
    tags = [{"Key": "team", "Value": "web"}]
    ec2.create_launch_template(
        LaunchTemplateName="web",
        VersionDescription="first",
        LaunchTemplateData={
            "ImageId": "ami-00000000000000001",
            "InstanceType": "t3.micro",
            "UserData": "aGk=",
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 10, "VolumeType": "gp3"}}
            ],
            "Monitoring": {"Enabled": True},
            "MetadataOptions": {"HttpTokens": "required"},
        },
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}],
    )
    balancer = elbv2.create_load_balancer(Name="web", Subnets=subnets, Tags=tags)
    group = elbv2.create_target_group(
        Name="web", Port=80, Protocol="HTTP", VpcId=balancer["LoadBalancers"][0]["VpcId"]
    )["TargetGroups"][0]["TargetGroupArn"]
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    scaling = region.client("autoscaling")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"},
        MinSize=2,
        MaxSize=4,
        VPCZoneIdentifier=",".join(subnets),
        TargetGroupARNs=[group],
        Tags=[{"Key": "Name", "Value": "web", "PropagateAtLaunch": True}],
    )

    def are_in_service() -> bool:
        (found,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
        states = [one["LifecycleState"] for one in found["Instances"]]
        balancers = elbv2.describe_load_balancers()["LoadBalancers"]
        return states == ["InService"] * 2 and balancers[0]["State"]["Code"] == "active"

    wait_until(are_in_service)


def test_data_sources_of_moto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with moto_server() as endpoint:
        client = moto_client(endpoint)
        (image, *_) = client.describe_images(Owners=["099720109477"])["Images"]
        prepare(moto_client(endpoint, "ssm"), client, image["ImageId"])
        workspace = official_workspace(folder_of(tmp_path / "theirs"), endpoint)
        access: Access = access_to_endpoint(endpoint)
        ours = cotta_folder(tmp_path / "ours", access, monkeypatch)

        assert_same_attributes(workspace, ours, searching("099720109477", "ubuntu-.*amd64"))


def folder_of(path: Path) -> Path:
    path.mkdir()
    return path


def prepare(ssm: Any, ec2: Any, image: str) -> None:
    ssm.put_parameter(Name="/web/ami", Value="ami-1", Type="String")
    ssm.put_parameter(Name="/web/secret", Value="hidden", Type="SecureString")
    ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=2, MaxCount=2)
    waiter = ec2.get_waiter("instance_running")
    waiter.config.delay = 0.2
    waiter.wait()


def searching(owner: str, pattern: str) -> str:
    return CONFIGURATION.replace("OWNER", owner).replace("PATTERN", pattern)


def assert_same_attributes(theirs: Workspace, ours: CottaFolder, configuration: str) -> None:
    theirs.write(configuration)
    theirs.init()
    ours.write(configuration)

    theirs.run("apply", "-auto-approve")
    ours.apply()

    expected, found = read(theirs.folder), read(ours.folder)
    assert found.keys() == expected.keys()
    differing = [
        f"{address}.{name}: ours {found[address][name]!r}, theirs {value!r}"
        for address, attributes in expected.items()
        for name, value in attributes.items()
        if name not in MADE_UP.get(address.rpartition(".")[0], ())
        and not is_same(name, found[address][name], value)
    ]
    assert not differing, "\n".join(differing)


def is_same(name: str, ours: Any, theirs: Any) -> bool:
    """Compare two values; of a block that is not there the official provider keeps null."""
    is_block = name in ("filter", "credit_specification")
    return bool(ours == theirs or (is_block and not ours and not theirs))


def read(folder: Path) -> dict[str, Any]:
    state = json.loads((folder / "terraform.tfstate").read_text())
    return {
        f"data.{resource['type']}.{resource['name']}": resource["instances"][0]["attributes"]
        for resource in state["resources"]
    }
