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
}
