"""Terraform's own AWS provider makes things of EC2, changes them, and takes them away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from cotta.region.store.kinds import (
    ADDRESSES,
    INSTANCES,
    KEY_PAIRS,
    LAUNCH_TEMPLATES,
    SECURITY_GROUPS,
    SUBNETS,
    VPCS,
)
from tests.oracle.official_provider import Workspace, region_workspace
from tests.support.regions import simulated_region

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkjm/f4Cqm2YUjqhAjK0lYnm7cRDbJZ9zSXvGiE1hlO"

CONFIGURATION = """
variable "port" { default = 80 }

data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_availability_zones" "all" { state = "available" }
data "aws_vpc" "default" { default = true }
data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}
data "aws_subnet" "each" {
  for_each = toset(data.aws_subnets.default.ids)
  id       = each.value
}
data "aws_ami" "newest" {
  most_recent = true
  owners      = ["111122223333"]
  filter {
    name   = "name"
    values = ["image-*"]
  }
}
data "aws_ec2_instance_type" "small" { instance_type = "t3.micro" }

resource "aws_key_pair" "me" {
  key_name   = "me"
  public_key = "KEY me"
}

resource "aws_security_group" "web" {
  name_prefix = "web-"
  description = "web servers"
  vpc_id      = data.aws_vpc.default.id
  ingress {
    description = "everybody"
    from_port   = var.port
    to_port     = var.port
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
  tags = { team = "web" }
  lifecycle { create_before_destroy = true }
}

resource "aws_security_group" "data" {
  name = "data"
  tags = { team = "data" }
}
resource "aws_security_group_rule" "old_way" {
  type                     = "ingress"
  security_group_id        = aws_security_group.data.id
  source_security_group_id = aws_security_group.web.id
  protocol                 = "tcp"
  from_port                = 5432
  to_port                  = 5432
}
resource "aws_vpc_security_group_ingress_rule" "new_way" {
  security_group_id = aws_security_group.data.id
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = var.port
  to_port           = var.port
  tags              = { rule = "new" }
}
resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id            = aws_security_group.data.id
  referenced_security_group_id = aws_security_group.web.id
  ip_protocol                  = "-1"
}

resource "aws_launch_template" "web" {
  name_prefix            = "web-"
  description            = "port ${var.port}"
  image_id               = data.aws_ami.newest.id
  instance_type          = "t3.micro"
  key_name               = aws_key_pair.me.key_name
  update_default_version = true
  user_data              = base64encode("#!/bin/sh\\necho ${var.port}\\n")
  ebs_optimized          = "true"
  network_interfaces {
    associate_public_ip_address = true
    security_groups             = [aws_security_group.web.id]
    delete_on_termination       = true
  }
  block_device_mappings {
    device_name = "/dev/sda1"
    ebs {
      volume_size           = 10
      volume_type           = "gp3"
      delete_on_termination = true
    }
  }
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
    instance_metadata_tags      = "enabled"
  }
  monitoring { enabled = true }
  credit_specification { cpu_credits = "standard" }
  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "web" }
  }
  tags = { team = "web" }
}

resource "aws_instance" "one" {
  ami                    = data.aws_ami.newest.id
  instance_type          = "t3.micro"
  subnet_id              = sort(data.aws_subnets.default.ids)[0]
  vpc_security_group_ids = [aws_security_group.web.id]
  user_data              = "#!/bin/sh\\n"
  disable_api_stop       = var.port != 80
  root_block_device { volume_size = 12 }
  metadata_options { http_tokens = "required" }
  tags = { Name = "one" }
}
resource "aws_instance" "templated" {
  launch_template {
    id      = aws_launch_template.web.id
    version = "$Latest"
  }
  # The provider takes what the template gave for what somebody else has changed.
  lifecycle { ignore_changes = [launch_template, tags, tags_all, user_data] }
}
resource "aws_eip" "one" {
  instance = aws_instance.templated.id
}
resource "aws_ami_copy" "mine" {
  name              = "mine"
  source_ami_id     = data.aws_ami.newest.id
  source_ami_region = data.aws_region.here.name
}
resource "aws_ami_launch_permission" "partner" {
  image_id   = aws_ami_copy.mine.id
  account_id = "123456789012"
}

resource "aws_vpc" "other" {
  cidr_block           = "10.9.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "other" }
}
resource "aws_subnet" "other" {
  vpc_id                  = aws_vpc.other.id
  cidr_block              = "10.9.1.0/24"
  availability_zone       = data.aws_availability_zones.all.names[1]
  map_public_ip_on_launch = true
}

output "facts" {
  value = {
    zones   = data.aws_availability_zones.all.names
    ranges  = sort([for subnet in data.aws_subnet.each : subnet.cidr_block])
    image   = data.aws_ami.newest.id
    memory  = data.aws_ec2_instance_type.small.memory_size
    version = aws_launch_template.web.latest_version
    state   = aws_instance.one.instance_state
    tags    = aws_instance.templated.tags_all
    address = aws_instance.one.private_ip
    eip     = aws_eip.one.public_ip
  }
}
"""


def outputs(terraform: Workspace) -> Any:
    state = json.loads((terraform.folder / "terraform.tfstate").read_text())
    return state["outputs"]["facts"]["value"]


def test_what_the_provider_makes_is_as_it_says(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "region").mkdir()
    with simulated_region(tmp_path / "region", SimulatedMachines()) as region:
        terraform = region_workspace(tmp_path / "work", region)
        terraform.write(CONFIGURATION.replace("KEY", KEY))
        terraform.init()

        terraform.run("apply", "-auto-approve")
        facts = outputs(terraform)
        assert facts["zones"] == ["us-east-1a", "us-east-1b", "us-east-1c"]
        assert facts["ranges"] == ["172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20"]
        assert (facts["memory"], facts["version"], facts["state"]) == (1024, 1, "running")
        assert facts["eip"].startswith("203.0.113.")
        terraform.assert_no_changes()

        (tmp_path / "work" / "terraform.tfvars").write_text("port = 8080\n")
        terraform.run("apply", "-auto-approve")
        terraform.assert_no_changes()
        facts = outputs(terraform)
        assert facts["version"] == 2

        terraform.run("destroy", "-auto-approve")
        with region.store.read() as rows:
            kinds = (LAUNCH_TEMPLATES, KEY_PAIRS, ADDRESSES)
            assert [rows.all(kind) for kind in kinds] == [[], [], []]
            assert [group.name for group in rows.all(SECURITY_GROUPS)] == ["default"]
            assert len(rows.all(VPCS)) == 1
            assert len(rows.all(SUBNETS)) == 3
            assert {one.state.value for one in rows.all(INSTANCES)} == {"terminated"}
