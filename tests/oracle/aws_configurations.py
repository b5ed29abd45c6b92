"""Configurations and edits of them, for both AWS providers to plan and apply."""

from __future__ import annotations

from typing import Final

KEY: Final = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHLQRaD36iWdxpHOp3hMsHGJ5l1N0QSCJ7hbS9hk4NTT "
    "someone@somewhere"
)
ONE: Final = "ami-00000000000000001"
TWO: Final = "ami-00000000000000002"


def a_template(more: str = "", *, image: str = ONE, tags: str = "") -> str:
    """Return a configuration of one launch template."""
    return f"""
resource "aws_launch_template" "a" {{
  name_prefix   = "web-"
  image_id      = "{image}"
  instance_type = "t3.micro"
  {more}
  {tags}
}}
"""


FULL_TEMPLATE: Final = """
resource "aws_launch_template" "full" {
  name                                 = "full"
  description                          = "everything"
  image_id                             = "ami-00000000000000001"
  instance_type                        = "t3.micro"
  key_name                             = "some"
  ebs_optimized                        = true
  disable_api_stop                     = true
  disable_api_termination              = false
  instance_initiated_shutdown_behavior = "terminate"
  update_default_version               = true
  user_data                            = base64encode("#!/bin/sh\\n")
  block_device_mappings {
    device_name = "/dev/sda1"
    ebs {
      volume_size           = 20
      volume_type           = "gp3"
      delete_on_termination = "true"
      encrypted             = false
    }
  }
  block_device_mappings {
    device_name = "/dev/sdb"
    no_device   = "true"
  }
  capacity_reservation_specification {
    capacity_reservation_preference = "open"
  }
  cpu_options {
    core_count       = 1
    threads_per_core = 2
  }
  credit_specification {
    cpu_credits = "standard"
  }
  iam_instance_profile {
    name = "some"
  }
  maintenance_options {
    auto_recovery = "disabled"
  }
  metadata_options {
    http_tokens = "required"
  }
  monitoring {
    enabled = true
  }
  network_interfaces {
    associate_public_ip_address = false
    device_index                = 0
    ipv4_addresses              = ["10.0.0.7", "10.0.0.8"]
    private_ip_address          = "10.0.0.7"
    delete_on_termination       = true
  }
  placement {
    availability_zone = "us-east-1a"
  }
  private_dns_name_options {
    hostname_type                     = "ip-name"
    enable_resource_name_dns_a_record = true
  }
  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "web", Empty = "" }
  }
  tag_specifications {
    resource_type = "volume"
  }
  tags = { Name = "full" }
}
"""

_GROUP: Final = """
data "aws_subnets" "all" {}
resource "aws_launch_template" "a" {
  name          = "web"
  image_id      = "ami-00000000000000001"
  instance_type = "t3.micro"
}
resource "aws_launch_template" "b" {
  name          = "other"
  image_id      = "ami-00000000000000002"
  instance_type = "t3.micro"
}
"""


def a_group(
    more: str = "",
    *,
    template: str = "id = aws_launch_template.a.id",
    sizes: str = "min_size = 1\n  max_size = 3",
    name: str = 'name_prefix = "web-"',
) -> str:
    """Return a configuration of two launch templates, and a group of the first one's."""
    return f"""{_GROUP}
resource "aws_autoscaling_group" "a" {{
  {name}
  {sizes}
  vpc_zone_identifier = data.aws_subnets.all.ids
  launch_template {{
    {template}
  }}
  {more}
}}
"""


_TAGS: Final = """tag {
    key                 = "Name"
    value               = "web"
    propagate_at_launch = true
  }"""
_REFRESH: Final = """instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = 90
    }
    triggers = ["tag"]
  }"""
_MIXED: Final = """
resource "aws_autoscaling_group" "mixed" {
  name                = "mixed"
  min_size            = 0
  max_size            = 3
  vpc_zone_identifier = data.aws_subnets.all.ids
  mixed_instances_policy {
    instances_distribution {
      on_demand_base_capacity = 0
    }
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.a.id
        version            = "$Latest"
      }
      override {
        instance_type = "t3.small"
      }
    }
  }
}
"""
GROUP: Final = a_group(
    f'{_TAGS}\n  {_REFRESH}\n  enabled_metrics = ["GroupMinSize"]\n'
    '  suspended_processes = ["AZRebalance"]\n  termination_policies = ["OldestInstance"]\n'
    "  default_cooldown = 60\n  desired_capacity = 2",
    template="id = aws_launch_template.a.id\n    version = aws_launch_template.a.latest_version",
)

_HTTP: Final = """
  ingress {
    description = "web"
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
"""
_EVERYTHING: Final = """
  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
    self             = true
  }
"""


def a_firewall(more: str) -> str:
    """Return a configuration of one security group."""
    return f"""
resource "aws_security_group" "a" {{
  name = "web"
  {more}
}}
"""


_RULES: Final = """
resource "aws_security_group" "a" {
  name_prefix = "web-"
}
resource "aws_security_group" "b" {
  name_prefix = "other-"
}
resource "aws_security_group_rule" "web" {
  type              = "ingress"
  security_group_id = aws_security_group.a.id
  description       = "web"
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = ["10.0.0.0/8", "192.168.0.0/16"]
}
resource "aws_security_group_rule" "own" {
  type              = "ingress"
  security_group_id = aws_security_group.a.id
  protocol          = "all"
  from_port         = 0
  to_port           = 0
  self              = true
}
resource "aws_security_group_rule" "out" {
  type                     = "egress"
  security_group_id        = aws_security_group.a.id
  protocol                 = "tcp"
  from_port                = 1
  to_port                  = 65535
  source_security_group_id = aws_security_group.b.id
}
resource "aws_vpc_security_group_ingress_rule" "a" {
  security_group_id = aws_security_group.b.id
  description       = "web"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "10.1.0.0/16"
  tags              = { Name = "a" }
}
resource "aws_vpc_security_group_egress_rule" "a" {
  security_group_id            = aws_security_group.b.id
  ip_protocol                  = "-1"
  referenced_security_group_id = aws_security_group.a.id
}
"""


def an_instance(more: str = "") -> str:
    """Return a configuration of one instance."""
    kind = "" if "instance_type" in more else 'instance_type = "t3.micro"'
    return f"""
resource "aws_instance" "a" {{
  ami = "{ONE}"
  {kind}
  {more}
}}
"""


# By a name: a configuration, and edits to be planned where it has been applied.
EDITS: Final[dict[str, tuple[str, ...]]] = {
    "key pair": (
        f"""
resource "aws_key_pair" "a" {{
  key_name   = "one"
  public_key = "{KEY}"
  tags       = {{ Name = "one" }}
}}
resource "aws_key_pair" "b" {{
  public_key = "{KEY}"
}}
""",
        f"""
resource "aws_key_pair" "a" {{
  key_name   = "uno"
  public_key = "{KEY}"
  tags       = {{ Name = "uno" }}
}}
resource "aws_key_pair" "b" {{
  key_name_prefix = "b-"
  public_key      = "{KEY}"
  tags            = {{ Name = "b" }}
}}
""",
    ),
    "template": (
        a_template(),
        a_template(image=TWO),
        a_template('user_data = "aGVsbG8="'),
        a_template(tags='tags = { Name = "a" }'),
        a_template('key_name = "b"\n  update_default_version = true'),
        a_template("monitoring {\n    enabled = true\n  }"),
        a_template('vpc_security_group_ids = ["sg-1", "sg-2"]'),
        a_template("ebs_optimized = true"),
        a_template("ebs_optimized = false"),
        a_template().replace('name_prefix   = "web-"', 'name = "fixed"'),
        a_template().replace("web-", "app-"),
    ),
    "full template": (
        FULL_TEMPLATE,
        FULL_TEMPLATE.replace("volume_size           = 20", "volume_size           = 30"),
        FULL_TEMPLATE.replace('http_tokens = "required"', 'http_tokens = "optional"'),
        FULL_TEMPLATE.replace("monitoring {\n    enabled = true\n  }", ""),
        FULL_TEMPLATE.replace('metadata_options {\n    http_tokens = "required"\n  }', ""),
        FULL_TEMPLATE.replace("disable_api_stop                     = true", ""),
        FULL_TEMPLATE.replace('"10.0.0.7", "10.0.0.8"', '"10.0.0.8", "10.0.0.7"'),
        FULL_TEMPLATE.replace('iam_instance_profile {\n    name = "some"\n  }', ""),
    ),
    "group": (
        a_group(),
        a_group(template='id = aws_launch_template.a.id\n    version = "$Latest"'),
        a_group(template="id = aws_launch_template.b.id"),
        a_group(template='name = "other"'),
        a_group(sizes="min_size = 2\n  max_size = 5\n  desired_capacity = 3"),
        a_group(name='name = "fixed"'),
        a_group(name='name_prefix = "app-"'),
        a_group(_TAGS),
        a_group(_REFRESH),
        a_group('health_check_type = "ELB"\n  health_check_grace_period = 10'),
        a_group('enabled_metrics = ["GroupMinSize"]\n  metrics_granularity = "1Minute"'),
        a_group('suspended_processes = ["AZRebalance"]\n  default_cooldown = 10'),
        a_group('termination_policies = ["OldestInstance"]\n  protect_from_scale_in = true'),
        a_group("default_instance_warmup = 30\n  capacity_rebalance = true"),
        a_group("max_instance_lifetime = 86400\n  wait_for_capacity_timeout = 0"),
        a_group(
            "instance_maintenance_policy {\n    min_healthy_percentage = 90\n"
            '    max_healthy_percentage = 120\n  }\n  timeouts {\n    delete = "5m"\n  }'
        ),
        a_group().replace("data.aws_subnets.all.ids", "slice(data.aws_subnets.all.ids, 0, 1)"),
    ),
    "full group": (
        GROUP,
        GROUP.replace(_TAGS, ""),
        GROUP.replace(_REFRESH, ""),
        GROUP.replace("desired_capacity = 2", ""),
        GROUP.replace("default_cooldown = 60", ""),
        GROUP.replace('termination_policies = ["OldestInstance"]', ""),
        GROUP.replace('enabled_metrics = ["GroupMinSize"]', ""),
        GROUP.replace("min_healthy_percentage = 90", "min_healthy_percentage = 100"),
        GROUP.replace("t3.micro", "t3.small"),
    ),
    "mixed group": (
        _GROUP + _MIXED,
        _GROUP + _MIXED.replace("t3.small", "t3.medium"),
        _GROUP + _MIXED.replace('"$Latest"', "aws_launch_template.a.latest_version"),
        _GROUP + _MIXED.replace("aws_launch_template.a.id", "aws_launch_template.b.id"),
    ),
    "security group": (
        a_firewall(_HTTP),
        a_firewall(_HTTP + _EVERYTHING),
        a_firewall(_HTTP.replace("80", "8080")),
        a_firewall(_HTTP.replace('protocol    = "tcp"', 'protocol = "6"')),
        a_firewall(_HTTP.replace('"10.0.0.0/8"', '"10.0.0.0/8", "192.168.0.0/16"')),
        a_firewall("ingress = []"),
        a_firewall(""),
        a_firewall(_HTTP + '  tags = { Name = "a" }'),
        a_firewall(_HTTP + '  description = "other"'),
        a_firewall(_HTTP + "  revoke_rules_on_delete = true"),
        a_firewall(_HTTP + '  timeouts {\n    delete = "1m"\n  }'),
        a_firewall(_HTTP).replace('name = "web"', 'name_prefix = "web-"'),
    ),
    "security group rules": (
        _RULES,
        _RULES.replace('description = "web"', 'description = "other"'),
        _RULES.replace("443", "8443"),
        _RULES.replace('"10.1.0.0/16"', '"10.2.0.0/16"'),
        _RULES.replace("self              = true", 'cidr_blocks = ["10.0.0.0/8"]'),
        _RULES.replace('tags              = { Name = "a" }', ""),
    ),
    "instance": (
        an_instance(),
        an_instance('instance_type = "t3.small"'),
        an_instance('tags = { Name = "a" }'),
        an_instance('user_data = "hello"'),
        an_instance('user_data = "hello"\n  user_data_replace_on_change = true'),
        an_instance("monitoring = true\n  source_dest_check = false"),
        an_instance("disable_api_termination = true\n  disable_api_stop = true"),
        an_instance('key_name = "other"'),
        an_instance('metadata_options {\n    http_tokens = "required"\n  }'),
        an_instance("root_block_device {\n    volume_size = 20\n  }"),
        an_instance('credit_specification {\n    cpu_credits = "standard"\n  }'),
        an_instance('instance_initiated_shutdown_behavior = "terminate"'),
        an_instance('private_ip = "172.31.0.77"'),
        an_instance("associate_public_ip_address = false"),
        an_instance('availability_zone = "us-east-1b"'),
        an_instance('tenancy = "dedicated"'),
        an_instance("ebs_optimized = true"),
        an_instance().replace(ONE, TWO),
    ),
}
