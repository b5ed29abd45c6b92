"""Load balancers and what belongs to them: a state moves to terraform and back."""

from __future__ import annotations

import re
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

BALANCER = (
    NETWORK
    + """
resource "aws_lb" "web" {
  name         = "web"
  subnets      = data.aws_subnets.default.ids
  idle_timeout = 30
  tags         = { team = "web" }
}
resource "aws_lb_target_group" "web" {
  name_prefix = "web-"
  port        = 80
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = data.aws_vpc.default.id
}
resource "aws_lb_target_group" "beta" {
  name_prefix = "beta-"
  port        = 80
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = data.aws_vpc.default.id
}
resource "aws_lb_target_group_attachment" "one" {
  target_group_arn = aws_lb_target_group.web.arn
  target_id        = cidrhost(data.aws_vpc.default.cidr_block, 20)
}
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.web.arn
  port              = 8080
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "80"
      status_code = "HTTP_301"
    }
  }
}
resource "aws_lb_listener_rule" "closed" {
  listener_arn = aws_lb_listener.http.arn
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
      values = ["/closed*", "/shut*"]
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
        weight = 90
      }
      target_group {
        arn    = aws_lb_target_group.beta.arn
        weight = 10
      }
    }
  }
  condition {
    host_header {
      values = ["*.example.com"]
    }
  }
}
"""
)

BALANCER_CHANGED = (
    BALANCER.replace("idle_timeout = 30", "idle_timeout = 45\n  enable_http2 = false")
    .replace('team = "web"', 'team = "fleet", stage = "test"')
    .replace("weight = 90", "weight = 50")
    .replace("weight = 10", "weight = 50")
    .replace("priority     = 20", "priority     = 25")
    .replace('message_body = "closed"', 'message_body = "shut"')
    .replace('values = ["/closed*", "/shut*"]', 'values = ["/shut*"]')
    .replace('port        = "80"\n      status_code = "HTTP_301"',
             'port        = "80"\n      path        = "/new"\n      status_code = "HTTP_302"')
    .replace("block, 20)", "block, 21)")
)  # fmt: skip

ALIASES = re.sub(r"\baws_lb", "aws_alb", BALANCER)

STEPS = {
    "target groups": (GROUPS, GROUPS_CHANGED),
    "balancer": (BALANCER, BALANCER_CHANGED),
}


@pytest.mark.parametrize("name", STEPS)
def test_what_one_makes_the_other_finds(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "region").mkdir()
    with simulated_region(tmp_path / "region", SimulatedMachines()) as region:
        both(tmp_path / "work", region, monkeypatch).assert_interchanges(*STEPS[name])


def test_the_other_names_are_the_same_types(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "region").mkdir()
    with simulated_region(tmp_path / "region", SimulatedMachines()) as region:
        here = both(tmp_path / "work", region, monkeypatch)
        here.assert_ours_is_theirs(ALIASES)
        here.cotta.run("destroy", "-auto-approve")
