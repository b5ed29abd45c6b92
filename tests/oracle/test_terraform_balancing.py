"""Terraform's own AWS provider makes a load balancer in a region, and takes it away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from cotta.region.store.kinds import (
    LISTENERS,
    LOAD_BALANCERS,
    NETWORK_INTERFACES,
    RULES,
    SUBNETS,
    TARGET_GROUPS,
    TARGETS,
    VPCS,
)
from tests.oracle.official_provider import region_workspace
from tests.support.regions import simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.region.store.kinds import Kind
    from tests.support.regions import RunningRegion

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

CONFIGURATION = """
variable "vpc" {}
variable "subnets" {}
variable "target" {}

resource "aws_lb" "web" {
  name               = "web"
  load_balancer_type = "application"
  subnets            = var.subnets
  idle_timeout       = 30
  tags = { team = "web" }
}

resource "aws_lb_target_group" "web" {
  name_prefix          = "web-"
  port                 = 80
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = var.vpc
  deregistration_delay = DELAY
  health_check {
    path              = "/"
    interval          = 5
    timeout           = 2
    healthy_threshold = 2
    matcher           = "200-299"
  }
  stickiness {
    type            = "lb_cookie"
    cookie_duration = 60
  }
}

resource "aws_lb_target_group_attachment" "one" {
  target_group_arn = aws_lb_target_group.web.arn
  target_id        = var.target
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_lb_listener_rule" "closed" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 10
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "closed"
      status_code  = "503"
    }
  }
  condition {
    path_pattern {
      values = ["/closed*"]
    }
  }
  condition {
    http_header {
      http_header_name = "X-Stage"
      values           = ["beta"]
    }
  }
}

resource "aws_lb_listener_rule" "weighted" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 20
  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.web.arn
        weight = 100
      }
    }
  }
  condition {
    host_header {
      values = ["*.example.com"]
    }
  }
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.web.arn
  port              = 8080
  default_action {
    type = "redirect"
    redirect {
      port        = "80"
      status_code = "HTTP_301"
    }
  }
}

output "address" {
  value = aws_lb.web.dns_name
}
"""

KINDS: tuple[Kind[Any], ...] = (
    LOAD_BALANCERS,
    LISTENERS,
    RULES,
    TARGET_GROUPS,
    TARGETS,
    NETWORK_INTERFACES,
)


@pytest.fixture
def region(tmp_path: Path) -> Iterator[RunningRegion]:

    with simulated_region(tmp_path, SimulatedMachines()) as region:
        yield region


def test_load_balancer_is_made_planned_again_changed_and_taken_away(
    region: RunningRegion, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    terraform = region_workspace(folder, region)
    with region.store.read() as rows:
        (vpc,) = rows.all(VPCS)
        subnets = [subnet.id for subnet in rows.all(SUBNETS)]
    given = {"vpc": vpc.id, "subnets": subnets, "target": vpc.cidr.replace("0.0/16", "0.20")}
    (folder / "terraform.tfvars.json").write_text(json.dumps(given))
    terraform.write(CONFIGURATION.replace("DELAY", "5"))
    terraform.init()

    terraform.run("apply", "-auto-approve")
    terraform.assert_no_changes()
    (balancer,) = region.client("elbv2").describe_load_balancers()["LoadBalancers"]
    assert terraform.run("output", "-raw", "address") == balancer["DNSName"]

    terraform.write(CONFIGURATION.replace("DELAY", "6"))
    changed = terraform.run("apply", "-auto-approve")
    assert "0 added, 1 changed, 0 destroyed" in changed

    terraform.run("destroy", "-auto-approve")
    with region.store.read() as rows:
        assert [record for kind in KINDS for record in rows.all(kind)] == []
