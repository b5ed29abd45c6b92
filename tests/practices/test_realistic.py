"""Configurations as people write them: what is found is what a reviewer would say, and no more."""

from __future__ import annotations

from typing import Final

import pytest

from tests.oracle.aws_configurations import EDITS
from tests.support.aws_fleets import a_module, a_web_fleet
from tests.support.practices import findings_in

_SAFE: Final = 'metadata_options {\n    http_tokens = "required"\n  }'

_GROUP: Final = """
  min_size            = 2
  max_size            = 4
  vpc_zone_identifier = ["subnet-1"]
  launch_template {
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
  }
  instance_refresh {
    strategy = "Rolling"
  }
  lifecycle {
    create_before_destroy = true
  }
"""

# The name is the template's, so that a new template is a new group: blue and green.
BLUE_GREEN: Final = f"""
locals {{
  name = "web-${{aws_launch_template.web.id}}"
}}
resource "aws_launch_template" "web" {{
  name_prefix = "web-"
  {_SAFE}
  lifecycle {{
    create_before_destroy = true
  }}
}}
resource "aws_autoscaling_group" "web" {{
  name = local.name
{_GROUP}
}}
"""

# An image is a family by its tag as well as by its name.
BY_TAG: Final = """
data "aws_ami" "web" {
  most_recent = true
  owners      = ["self"]
  filter {
    name   = "tag:Role"
    values = ["web"]
  }
}
"""

BY_ARCHITECTURE: Final = BY_TAG.replace("tag:Role", "architecture")

OTHERS_IMAGE: Final = """
data "aws_ami" "ubuntu" {
  most_recent = true
  owners      = ["099720109477"]
  filter {
    name   = "name"
    values = ["ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*"]
  }
}
"""

BASTION: Final = f"""
variable "office" {{
  type    = list(string)
  default = ["203.0.113.0/24"]
}}
resource "aws_security_group" "bastion" {{
  name_prefix = "bastion-"
  ingress {{
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.office
  }}
  egress {{
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }}
}}
resource "aws_instance" "bastion" {{
  ami                    = "ami-1"
  instance_type          = "t3.micro"
  vpc_security_group_ids = [aws_security_group.bastion.id]
  {_SAFE}
}}
"""

SETTINGS: Final = f"""
variable "database" {{
  default = "db.internal"
}}
resource "aws_launch_template" "web" {{
  name_prefix = "web-"
  user_data = base64encode(templatestring("DATABASE=${{var.database}}\\n", {{}}))
  {_SAFE}
}}
"""

STAMPED: Final = f"""
locals {{
  deployed = formatdate("YYYY-MM-DD", timestamp())
}}
resource "aws_launch_template" "web" {{
  user_data = base64encode("DEPLOYED=${{local.deployed}}")
  {_SAFE}
}}
"""

CASES: Final[dict[str, tuple[str, list[str]]]] = {
    "a key pair": (EDITS["key pair"][-1], []),
    "a template with everything": (EDITS["full template"][-1], []),
    "firewall rules": (EDITS["security group rules"][-1], []),
    "a group of plain ids": (
        EDITS["mixed group"][-1],
        ["CT009", "CT010", "CT017", "CT017", "CT019"],
    ),
    "a web fleet": (
        a_web_fleet(),
        ["CT005", "CT009", "CT017", "CT019", "CT019"],
    ),
    "blue and green": (BLUE_GREEN, []),
    "an image by its tag": (BY_TAG, []),
    "any image of an architecture": (BY_ARCHITECTURE, ["CT005"]),
    "an image of Ubuntu": (OTHERS_IMAGE, []),
    "a bastion": (BASTION, ["CT019"]),
    "settings in user data": (SETTINGS, []),
    "a stamp in user data": (STAMPED, ["CT008"]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_found(case: str) -> None:
    text, expected = CASES[case]

    assert sorted(one.rule.id for one in findings_in(text)) == expected


def test_a_module_that_is_used_thrice_is_told_of_once() -> None:
    root = (
        'module "fleet" {\n  source = "./fleet"\n  for_each = toset(["a", "b"])\n'
        "  name = each.key\n}\n"
        'module "other" {\n  source = "./other"\n  name = "other"\n}\n'
    )

    found = findings_in(root, fleet=a_module(), other='variable "name" {}\n')

    addresses = [one.address for one in found if one.rule.id == "CT009"]
    assert addresses == ["module.fleet.aws_autoscaling_group.web"]


def test_every_finding_has_its_place_reason_and_remedy() -> None:
    found = [one for text, _ in CASES.values() for one in findings_in(text)]

    assert found
    for one in found:
        assert one.subject is not None
        assert one.detail.endswith(".")
        assert one.rule.why
        assert one.rule.remedy
