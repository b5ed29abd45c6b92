"""Terraform's own AWS provider makes a group in a region, rolls it, and takes it away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from cotta.region.store.kinds import (
    AUTO_SCALING_GROUPS,
    GROUP_INSTANCES,
    INSTANCES,
    LAUNCH_TEMPLATES,
    TARGETS,
)
from tests.oracle.official_provider import region_workspace
from tests.support.regions import simulated_region, wait_until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

CONFIGURATION = """
data "aws_vpc" "default" { default = true }
data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}
data "aws_ami" "newest" {
  most_recent = true
  owners      = ["111122223333"]
}

resource "aws_launch_template" "web" {
  name_prefix   = "web-"
  image_id      = data.aws_ami.newest.id
  instance_type = "t3.micro"
  user_data     = base64encode("#!/bin/sh\\necho GREETING\\n")
}

resource "aws_lb_target_group" "web" {
  name                 = "web"
  port                 = 80
  protocol             = "HTTP"
  vpc_id               = data.aws_vpc.default.id
  deregistration_delay = 0
}

resource "aws_autoscaling_group" "web" {
  name_prefix               = "web-"
  min_size                  = 2
  max_size                  = 6
  desired_capacity          = 3
  vpc_zone_identifier       = data.aws_subnets.default.ids
  target_group_arns         = [aws_lb_target_group.web.arn]
  health_check_type         = "ELB"
  health_check_grace_period = 0
  default_instance_warmup   = 0
  enabled_metrics           = ["GroupMinSize", "GroupInServiceInstances"]
  suspended_processes       = ["AZRebalance"]
  termination_policies      = ["OldestLaunchTemplate", "Default"]
  launch_template {
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
  }
  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 150
      auto_rollback          = ROLLS_BACK
    }
  }
  tag {
    key                 = "Name"
    value               = "web"
    propagate_at_launch = true
  }
}

output "group" { value = aws_autoscaling_group.web.name }
"""


def test_the_provider_makes_rolls_and_removes_a_group(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "region").mkdir()
    with simulated_region(tmp_path / "region", SimulatedMachines()) as region:
        terraform = region_workspace(tmp_path / "work", region)
        client = region.client("autoscaling")
        terraform.write(configuration("hello", rolls_back=False))
        terraform.init()

        terraform.run("apply", "-auto-approve")
        (group,) = client.describe_auto_scaling_groups()["AutoScalingGroups"]
        name = group["AutoScalingGroupName"]
        assert [one["LifecycleState"] for one in group["Instances"]] == ["InService"] * 3
        assert len({one["AvailabilityZone"] for one in group["Instances"]}) == 3
        terraform.assert_no_changes()
        assert refreshes(client, name) == []

        for greeting, rolls_back in (("salve", False), ("ciao", True)):
            terraform.write(configuration(greeting, rolls_back=rolls_back))
            terraform.run("apply", "-auto-approve")
            wait_until(lambda: refreshes(client, name)[0]["Status"] == "Successful")
            terraform.assert_no_changes()

        first, second = reversed(refreshes(client, name))
        assert "DesiredConfiguration" not in first
        assert second["DesiredConfiguration"]["LaunchTemplate"]["Version"] == "3"
        (group,) = client.describe_auto_scaling_groups()["AutoScalingGroups"]
        assert {one["LaunchTemplate"]["Version"] for one in group["Instances"]} == {"3"}

        terraform.run("destroy", "-auto-approve")
        with region.store.read() as rows:
            kinds: tuple[Any, ...] = (
                AUTO_SCALING_GROUPS,
                GROUP_INSTANCES,
                LAUNCH_TEMPLATES,
                TARGETS,
            )
            assert [rows.all(kind) for kind in kinds] == [[], [], [], []]
            assert {one.state.value for one in rows.all(INSTANCES)} == {"terminated"}


def configuration(greeting: str, *, rolls_back: bool) -> str:
    return CONFIGURATION.replace("GREETING", greeting).replace(
        "ROLLS_BACK", "true" if rolls_back else "false"
    )


def refreshes(client: Any, name: str) -> list[Any]:
    answer = client.describe_instance_refreshes(AutoScalingGroupName=name)
    found: list[Any] = answer["InstanceRefreshes"]
    return found
