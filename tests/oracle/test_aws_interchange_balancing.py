"""Load balancers and what belongs to them: a state moves to terraform and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from tests.oracle.interchange import both
from tests.support.regions import simulated_region

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

NETWORK = """
data "aws_vpc" "default" { default = true }
data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}
"""

GROUPS = (
    NETWORK
    + """
resource "aws_lb_target_group" "plain" {
  name     = "plain"
  port     = 80
  protocol = "HTTP"
  vpc_id   = data.aws_vpc.default.id
}
resource "aws_alb_target_group" "full" {
  name_prefix          = "full-"
  port                 = 8080
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = data.aws_vpc.default.id
  deregistration_delay = 5
  slow_start           = 30
  health_check {
    path              = "/health"
    interval          = 5
    timeout           = 2
    healthy_threshold = 2
    matcher           = "200-299"
  }
  stickiness {
    type            = "lb_cookie"
    cookie_duration = 60
  }
  tags = { team = "web" }
}
"""
)

GROUPS_CHANGED = (
    NETWORK
    + """
resource "aws_lb_target_group" "plain" {
  name                          = "plain"
  port                          = 80
  protocol                      = "HTTP"
  vpc_id                        = data.aws_vpc.default.id
  load_balancing_algorithm_type = "least_outstanding_requests"
  health_check {
    port = 9000
  }
  tags = { team = "web" }
}
resource "aws_alb_target_group" "full" {
  name_prefix          = "full-"
  port                 = 8080
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = data.aws_vpc.default.id
  deregistration_delay = "0"
  health_check {
    path                = "/ready"
    interval            = 10
    timeout             = 4
    unhealthy_threshold = 5
  }
  stickiness {
    type    = "lb_cookie"
    enabled = false
  }
  tags = { stage = "test" }
}
"""
)

STEPS = {"target groups": (GROUPS, GROUPS_CHANGED)}


@pytest.mark.parametrize("name", STEPS)
def test_what_one_makes_the_other_finds(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "region").mkdir()
    with simulated_region(tmp_path / "region", SimulatedMachines()) as region:
        both(tmp_path / "work", region, monkeypatch).assert_interchanges(*STEPS[name])
