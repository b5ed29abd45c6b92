"""Balancing and IAM against moto, a server that nobody here has written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.aws import CottaFolder, access_to_endpoint, cotta_folder
from tests.support.moto import moto_client, moto_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as running:
        yield running


@pytest.fixture
def here(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CottaFolder:
    return cotta_folder(tmp_path, access_to_endpoint(endpoint), monkeypatch)


BALANCING = """
data "aws_vpc" "default" { default = true }
data "aws_subnets" "default" {}
resource "aws_lb" "a" {
  name         = "web"
  subnets      = data.aws_subnets.default.ids
  idle_timeout = 30
  tags         = { team = "web" }
}
resource "aws_lb_target_group" "a" {
  name                 = "web"
  port                 = 80
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = data.aws_vpc.default.id
  deregistration_delay = 5
  health_check {
    path    = "/health"
    matcher = "200-299"
  }
}
resource "aws_lb_target_group" "b" {
  name_prefix = "beta-"
  port        = 80
  protocol    = "HTTP"
  vpc_id      = data.aws_vpc.default.id
}
resource "aws_lb_target_group_attachment" "a" {
  target_group_arn = aws_lb_target_group.a.arn
  target_id        = cidrhost(data.aws_vpc.default.cidr_block, 20)
  port             = 80
}
resource "aws_lb_listener" "a" {
  load_balancer_arn = aws_lb.a.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.a.arn
  }
}
resource "aws_lb_listener_rule" "a" {
  listener_arn = aws_lb_listener.a.arn
  priority     = 20
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
}
"""
BALANCING_CHANGED = (
    BALANCING.replace("idle_timeout = 30", "idle_timeout = 45")
    .replace('team = "web"', 'team = "fleet"')
    .replace("deregistration_delay = 5", "deregistration_delay = 7")
    .replace('"/health"', '"/ready"')
    .replace('message_body = "closed"', 'message_body = "shut"')
    .replace("priority     = 20", "priority     = 25")
    .replace(
        "target_group_arn = aws_lb_target_group.a.arn\n  }",
        "target_group_arn = aws_lb_target_group.b.arn\n  }",
    )
)


def balancing(endpoint: str) -> dict[str, Any]:
    """Return what moto has of balancing, in a few words."""
    client = moto_client(endpoint, "elbv2")
    balancers = client.describe_load_balancers()["LoadBalancers"]
    groups = client.describe_target_groups()["TargetGroups"]
    found: dict[str, Any] = {
        "balancers": [one["LoadBalancerName"] for one in balancers],
        "groups": sorted(
            (one["TargetGroupName"][:4], one.get("HealthCheckPath")) for one in groups
        ),
    }
    for one in balancers:
        arn = one["LoadBalancerArn"]
        attributes = client.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        found["idle"] = {each["Key"]: each["Value"] for each in attributes}[
            "idle_timeout.timeout_seconds"
        ]
        (listener,) = client.describe_listeners(LoadBalancerArn=arn)["Listeners"]
        found["to"] = listener["DefaultActions"][0]["TargetGroupArn"].split("/")[1][:4]
        rules = client.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
        found["rules"] = [
            (each["Priority"], each["Actions"][0]["FixedResponseConfig"]["MessageBody"])
            for each in rules
            if not each["IsDefault"]
        ]
    return found


def test_balancing_is_made_changed_and_taken_away(here: CottaFolder, endpoint: str) -> None:
    here.write(BALANCING)
    here.apply()
    here.assert_no_changes()
    made = balancing(endpoint)
    here.write(BALANCING_CHANGED)
    here.apply()
    here.assert_no_changes()
    changed = balancing(endpoint)
    here.run("destroy", "-auto-approve")

    assert made == {
        "balancers": ["web"],
        "groups": [("beta", "/"), ("web", "/health")],
        "idle": "30",
        "to": "web",
        "rules": [("20", "closed")],
    }
    assert changed == {
        "balancers": ["web"],
        "groups": [("beta", "/"), ("web", "/ready")],
        "idle": "45",
        "to": "beta",
        "rules": [("25", "shut")],
    }
    assert balancing(endpoint) == {"balancers": [], "groups": []}


IAM = """
resource "aws_iam_role" "a" {
  name                 = "web"
  path                 = "/fleet/"
  description          = "for the fleet"
  max_session_duration = 3600
  assume_role_policy   = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
  tags = { team = "web" }
}
resource "aws_iam_role_policy" "a" {
  name   = "read"
  role   = aws_iam_role.a.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:Get*"], Resource = "*" }]
  })
}
resource "aws_iam_instance_profile" "a" {
  name = "web"
  role = aws_iam_role.a.name
  tags = { team = "web" }
}
"""
IAM_CHANGED = (
    IAM.replace("3600", "7200")
    .replace('"for the fleet"', '"for the other fleet"')
    .replace('team = "web"', 'team = "fleet"')
    .replace('"s3:Get*"', '"s3:List*"')
)


def iam(endpoint: str) -> dict[str, Any]:
    """Return what moto has of the role, in a few words."""
    client = moto_client(endpoint, "iam")
    roles = client.list_roles(PathPrefix="/fleet/")["Roles"]
    found: dict[str, Any] = {
        "profiles": [
            (one["InstanceProfileName"], [each["RoleName"] for each in one["Roles"]])
            for one in client.list_instance_profiles()["InstanceProfiles"]
        ]
    }
    for one in roles:
        name = one["RoleName"]
        role = client.get_role(RoleName=name)["Role"]
        policy = client.get_role_policy(RoleName=name, PolicyName="read")["PolicyDocument"]
        found["role"] = (role["Description"], role["MaxSessionDuration"])
        found["tags"] = client.list_role_tags(RoleName=name)["Tags"]
        found["action"] = policy["Statement"][0]["Action"]
    return found


def test_a_role_and_what_belongs_to_it_is_made_changed_and_taken_away(
    here: CottaFolder, endpoint: str
) -> None:
    here.write(IAM)
    here.apply()
    here.assert_no_changes()
    made = iam(endpoint)
    here.write(IAM_CHANGED)
    here.apply()
    here.assert_no_changes()
    changed = iam(endpoint)
    here.run("destroy", "-auto-approve")

    assert made == {
        "profiles": [("web", ["web"])],
        "role": ("for the fleet", 3600),
        "tags": [{"Key": "team", "Value": "web"}],
        "action": ["s3:Get*"],
    }
    assert changed == {
        "profiles": [("web", ["web"])],
        "role": ("for the other fleet", 7200),
        "tags": [{"Key": "team", "Value": "fleet"}],
        "action": ["s3:List*"],
    }
    assert iam(endpoint) == {"profiles": []}
