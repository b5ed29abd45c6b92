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
from tests.support.regions import put_image, simulated_region

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.clouds.which import Access
    from tests.support.aws import CottaFolder

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

        assert_same_attributes(workspace, ours, owner="111122223333", pattern="^web-")


def test_data_sources_of_moto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with moto_server() as endpoint:
        client = moto_client(endpoint)
        (image, *_) = client.describe_images(Owners=["099720109477"])["Images"]
        prepare(moto_client(endpoint, "ssm"), client, image["ImageId"])
        workspace = official_workspace(folder_of(tmp_path / "theirs"), endpoint)
        access: Access = access_to_endpoint(endpoint)
        ours = cotta_folder(tmp_path / "ours", access, monkeypatch)

        assert_same_attributes(workspace, ours, owner="099720109477", pattern="ubuntu-.*amd64")


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


def assert_same_attributes(
    theirs: Workspace, ours: CottaFolder, *, owner: str, pattern: str
) -> None:
    configuration = CONFIGURATION.replace("OWNER", owner).replace("PATTERN", pattern)
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
    return bool(ours == theirs or (name == "filter" and not ours and not theirs))


def read(folder: Path) -> dict[str, Any]:
    state = json.loads((folder / "terraform.tfstate").read_text())
    return {
        f"data.{resource['type']}.{resource['name']}": resource["instances"][0]["attributes"]
        for resource in state["resources"]
    }
