"""Roles, their policies and instance profiles: a state moves to terraform and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.oracle.interchange import both
from tests.oracle.official_provider import official_workspace
from tests.providers.aws.policies.test_equivalence import PAIRS
from tests.support.moto import moto_server
from tests.support.regions import running_region

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

TRUST = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com", "ssm.amazonaws.com"]
    }
  }
}
"""

FIRST = (
    TRUST
    + """
resource "aws_iam_role" "web" {
  name_prefix        = "web-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = { team = "web" }
}
resource "aws_iam_role" "plain" {
  name               = "plain"
  path               = "/fleet/"
  description        = "for the fleet"
  assume_role_policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
                    "Principal": {"Service": ["ec2.amazonaws.com"]}}
    }
  EOT
  inline_policy {
    name   = "inside"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
    })
  }
}
resource "aws_iam_role_policy" "web" {
  role   = aws_iam_role.web.id
  name   = "read"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:Get*", "s3:List*"], Resource = "*" }]
  })
}
resource "aws_iam_instance_profile" "web" {
  role = aws_iam_role.web.name
}
resource "aws_iam_instance_profile" "plain" {
  name = "plain"
  role = aws_iam_role.plain.name
  tags = { a = "b" }
}
"""
)

SECOND = (
    TRUST.replace('"ssm.amazonaws.com"', '"autoscaling.amazonaws.com"')
    + """
resource "aws_iam_role" "web" {
  name_prefix          = "web-"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 7200
  tags                 = { team = "fleet", stage = "test" }
}
resource "aws_iam_role" "plain" {
  name               = "plain"
  path               = "/fleet/"
  description        = "for the other fleet"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  inline_policy {
    name   = "inside"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Deny", Action = "s3:GetObject", Resource = "*" }]
    })
  }
  inline_policy {
    name   = "beside"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }]
    })
  }
}
resource "aws_iam_role_policy" "web" {
  role   = aws_iam_role.web.id
  name   = "read"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:Get*"], Resource = "*" }]
  })
}
resource "aws_iam_instance_profile" "web" {
  role = aws_iam_role.plain.name
}
resource "aws_iam_instance_profile" "plain" {
  name = "plain"
  role = aws_iam_role.web.name
  tags = { a = "c" }
}
"""
)


def test_what_one_makes_the_other_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_region(tmp_path) as region:
        both(tmp_path / "work", region, monkeypatch).assert_interchanges(FIRST, SECOND)


def test_a_managed_policy_is_attached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_region(tmp_path) as region:
        made = region.client("iam").create_policy(
            PolicyName="shared",
            PolicyDocument=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
                }
            ),
        )["Policy"]["Arn"]
        role = TRUST + (
            'resource "aws_iam_role" "a" {\n'
            '  name = "a"\n'
            "  assume_role_policy = data.aws_iam_policy_document.trust.json\n"
            "}\n"
        )
        attached = role + (
            'resource "aws_iam_role_policy_attachment" "a" {\n'
            "  role       = aws_iam_role.a.name\n"
            f'  policy_arn = "{made}"\n'
            "}\n"
        )

        both(tmp_path / "work", region, monkeypatch).assert_interchanges(attached, role)


def test_policies_are_the_same_to_both(tmp_path: Path) -> None:
    """Each pair once: a role that has the one, and a configuration that says the other."""
    with moto_server() as endpoint:
        terraform = official_workspace(tmp_path, endpoint)
        roles = {
            f"r{number}": {"name": f"r{number}", "assume_role_policy": pair[0]}
            for number, pair in enumerate(PAIRS)
        }
        main = tmp_path / "main.tf.json"
        main.write_text(json.dumps({"resource": {"aws_iam_role": roles}}))
        terraform.init()
        terraform.run("apply", "-auto-approve")
        for number, pair in enumerate(PAIRS):
            roles[f"r{number}"]["assume_role_policy"] = pair[1]
        main.write_text(json.dumps({"resource": {"aws_iam_role": roles}}))
        terraform.run("plan", "-out=next")
        shown = json.loads(terraform.run("show", "-json", "next"))

        changes = {
            one["name"]: one["change"]["actions"] == ["no-op"] for one in shown["resource_changes"]
        }

    assert changes == {f"r{number}": pair[2] for number, pair in enumerate(PAIRS)}
