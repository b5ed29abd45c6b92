"""What the network does to calls: nothing is made twice, and nothing made is forgotten."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from tests.support.aws import CottaFolder, access_to_region, cotta_folder, told
from tests.support.fault_proxy import (
    Denied,
    DropAfter,
    DropBefore,
    Fault,
    ServerErrorAfter,
    Stale,
    Throttle,
    fault_proxy,
)
from tests.support.regions import RunningRegion, simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHLQRaD36iWdxpHOp3hMsHGJ5l1N0QSCJ7hbS9hk4NTT "
    "someone@somewhere"
)

CONFIGURATION = f"""
data "aws_subnets" "all" {{}}
resource "aws_key_pair" "a" {{
  key_name_prefix = "web-"
  public_key      = "{KEY}"
  tags            = {{ Name = "web" }}
}}
resource "aws_security_group" "a" {{
  name_prefix = "web-"
  egress {{
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }}
}}
resource "aws_security_group_rule" "a" {{
  type              = "ingress"
  security_group_id = aws_security_group.b.id
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = ["10.0.0.0/8", "192.168.0.0/16"]
}}
resource "aws_security_group" "b" {{
  name_prefix = "other-"
}}
resource "aws_vpc_security_group_egress_rule" "a" {{
  security_group_id = aws_security_group.b.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
  tags              = {{ Name = "out" }}
}}
resource "aws_launch_template" "a" {{
  name_prefix   = "web-"
  image_id      = "ami-{1:017x}"
  instance_type = "t3.micro"
}}
resource "aws_autoscaling_group" "a" {{
  name_prefix         = "web-"
  min_size            = 1
  max_size            = 2
  vpc_zone_identifier = data.aws_subnets.all.ids
  launch_template {{
    id      = aws_launch_template.a.id
    version = aws_launch_template.a.latest_version
  }}
}}
"""

CREATING = (
    "ImportKeyPair",
    "CreateSecurityGroup",
    "AuthorizeSecurityGroupIngress",
    "AuthorizeSecurityGroupEgress",
    "CreateLaunchTemplate",
    "CreateAutoScalingGroup",
)
READING = (
    "DescribeKeyPairs",
    "DescribeSecurityGroups",
    "DescribeSecurityGroupRules",
    "DescribeLaunchTemplates",
    "DescribeLaunchTemplateVersions",
    "DescribeAutoScalingGroups",
)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with simulated_region(tmp_path_factory.mktemp("region"), SimulatedMachines()) as running:
        yield running


@pytest.fixture
def here(region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CottaFolder:
    return cotta_folder(tmp_path, access_to_region(region, attempts=4), monkeypatch)


def through(here: CottaFolder, endpoint: str) -> CottaFolder:
    """Return the same folder, with its calls taking another way."""
    return replace(here, access=replace(here.access, endpoint=endpoint))


def census(region: RunningRegion) -> dict[str, int]:
    """Return how many there are of everything that the configuration makes."""
    ec2, scaling = region.client("ec2"), region.client("autoscaling")
    groups = [
        each["GroupId"]
        for each in ec2.describe_security_groups()["SecurityGroups"]
        if each["GroupName"] != "default"
    ]
    filters: list[Any] = [{"Name": "group-id", "Values": groups or ["sg-none"]}]
    return {
        "keys": len(ec2.describe_key_pairs()["KeyPairs"]),
        "groups": len(groups),
        "rules": len(ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]),
        "templates": len(ec2.describe_launch_templates()["LaunchTemplates"]),
        "fleets": len(scaling.describe_auto_scaling_groups()["AutoScalingGroups"]),
    }


ALL = {"keys": 1, "groups": 2, "rules": 4, "templates": 1, "fleets": 1}
NONE = dict.fromkeys(ALL, 0)


@pytest.mark.parametrize("kind", [Throttle, ServerErrorAfter, DropBefore, DropAfter])
def test_every_call_that_makes_something_may_go_wrong_once(
    here: CottaFolder, region: RunningRegion, kind: type[Fault]
) -> None:
    faults = [kind(operation) for operation in CREATING]
    here.write(CONFIGURATION)

    with fault_proxy(region.endpoint, *faults) as proxy:
        through(here, proxy.endpoint).apply()

        assert {fault.operation for fault in proxy.met()} == set(CREATING)
    assert census(region) == ALL
    here.assert_no_changes()
    here.run("destroy", "-auto-approve")
    assert census(region) == NONE


def test_what_was_just_made_may_not_be_seen_at_once(
    here: CottaFolder, region: RunningRegion
) -> None:
    faults = [Stale(operation, times=2) for operation in READING]
    here.write(CONFIGURATION)

    with fault_proxy(region.endpoint, *faults) as proxy:
        through(here, proxy.endpoint).apply()

    assert census(region) == ALL
    here.assert_no_changes()
    here.run("destroy", "-auto-approve")


@pytest.mark.parametrize("operation", CREATING)
def test_a_call_without_any_answer_is_looked_into(
    here: CottaFolder, region: RunningRegion, operation: str
) -> None:
    here.write(CONFIGURATION)

    with fault_proxy(region.endpoint, DropAfter(operation, times=4)) as proxy:
        through(here, proxy.endpoint).attempt("apply", "-auto-approve")
    # Whatever that came to: what there is, is known, and the rest is made.
    here.apply()

    assert census(region) == ALL
    here.assert_no_changes()
    here.run("destroy", "-auto-approve")
    assert census(region) == NONE


@pytest.mark.parametrize(
    ("operation", "address"),
    [
        ("ImportKeyPair", "aws_key_pair.a"),
        ("CreateSecurityGroup", "aws_security_group.a"),
        ("CreateLaunchTemplate", "aws_launch_template.a"),
        ("CreateAutoScalingGroup", "aws_autoscaling_group.a"),
    ],
)
def test_who_may_not_is_told_which_permission_is_missing(
    here: CottaFolder, region: RunningRegion, operation: str, address: str
) -> None:
    here.write(CONFIGURATION)
    fault = Denied(operation, times=9, code="UnauthorizedOperation")

    with fault_proxy(region.endpoint, fault) as proxy:
        ended = through(here, proxy.endpoint).attempt("apply", "-auto-approve")

    assert ended.status == 1
    service = "autoscaling" if "Scaling" in operation else "ec2"
    assert f"The caller needs the permission {service}:{operation}." in told(ended)
    assert f"with {address}," in told(ended)
    here.run("destroy", "-auto-approve")
    assert census(region) == NONE


def test_a_template_version_is_not_made_twice(here: CottaFolder, region: RunningRegion) -> None:
    here.write(CONFIGURATION)
    here.apply()
    here.write(CONFIGURATION.replace("t3.micro", "t3.small"))

    with fault_proxy(region.endpoint, DropAfter("CreateLaunchTemplateVersion")) as proxy:
        through(here, proxy.endpoint).apply()

        assert len(proxy.met()) == 1
    assert here.attributes("aws_launch_template.a")["latest_version"] == 2
    here.assert_no_changes()
    here.run("destroy", "-auto-approve")


def test_ends_may_go_wrong_too(here: CottaFolder, region: RunningRegion) -> None:
    here.write(CONFIGURATION)
    here.apply()

    with fault_proxy(
        region.endpoint, DropAfter("Delete.*", times=1), DropAfter("Revoke.*")
    ) as proxy:
        through(here, proxy.endpoint).run("destroy", "-auto-approve")

        assert proxy.met()
    assert census(region) == NONE
    state = json.loads((here.folder / "terraform.tfstate").read_text())
    assert [each for each in state["resources"] if each["mode"] == "managed"] == []
