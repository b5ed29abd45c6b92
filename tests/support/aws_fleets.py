"""Realistic configurations of the AWS provider: a web fleet, several of them, modules, roles."""

from __future__ import annotations

from typing import Final

NETWORK: Final = """
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
"""

ROLE: Final = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}
resource "aws_iam_role" "web" {
  name_prefix        = "web-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_role_policy" "read" {
  role   = aws_iam_role.web.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "*" }]
  })
}
resource "aws_iam_instance_profile" "web" {
  role = aws_iam_role.web.name
}
"""

BALANCER: Final = """
resource "aws_security_group" "lb" {
  name_prefix = "lb-"
  vpc_id      = data.aws_vpc.default.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_lb" "web" {
  name_prefix     = "web-"
  subnets         = data.aws_subnets.default.ids
  security_groups = [aws_security_group.lb.id]
}
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
"""

# A group with what belongs to it; GREETING is what its machines say.
GROUP: Final = """
resource "aws_lb_target_group" "web" {
  name_prefix          = "web-"
  port                 = 80
  protocol             = "HTTP"
  vpc_id               = data.aws_vpc.default.id
  deregistration_delay = 0
  lifecycle {
    create_before_destroy = true
  }
}
resource "aws_launch_template" "web" {
  name_prefix   = "web-"
  image_id      = data.aws_ami.newest.id
  instance_type = "t3.micro"
  user_data     = base64encode("#!/bin/sh\\necho GREETING\\n")
  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "web" }
  }
}
resource "aws_autoscaling_group" "web" {
  name_prefix               = "web-"
  min_size                  = 1
  max_size                  = 4
  desired_capacity          = 2
  vpc_zone_identifier       = data.aws_subnets.default.ids
  target_group_arns         = [aws_lb_target_group.web.arn]
  health_check_grace_period = 0
  default_instance_warmup   = 0
  launch_template {
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
  }
  tag {
    key                 = "team"
    value               = "web"
    propagate_at_launch = true
  }
}
"""

WITH_PROFILE: Final = GROUP.replace(
    '  instance_type = "t3.micro"\n',
    '  instance_type = "t3.micro"\n'
    "  iam_instance_profile {\n    arn = aws_iam_instance_profile.web.arn\n  }\n",
)


def a_web_fleet(greeting: str = "salve") -> str:
    """Return a group behind a load balancer whose machines have a role."""
    return (NETWORK + ROLE + BALANCER + WITH_PROFILE).replace("GREETING", greeting)


def a_module(greeting: str = "salve") -> str:
    """Return a module: one group, without a load balancer of its own."""
    return 'variable "name" {}\n' + (NETWORK + GROUP).replace("GREETING", greeting)


def several_fleets() -> str:
    """Return a configuration that uses the module in `./fleet` for several groups."""
    return """
module "fleet" {
  source   = "./fleet"
  for_each = toset(["blue", "green"])
  name     = each.key
}
module "other" {
  source = "./fleet"
  name   = "other"
}
"""
