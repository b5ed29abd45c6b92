"""What is wrong with an argument is told at its place, with what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.aws import access_to_endpoint, cotta_folder, told

if TYPE_CHECKING:
    from pathlib import Path

DISKS = "ami = 1\n  instance_type = 1"
INGRESS = 'ingress {\n    from_port = 1\n    to_port = 1\n    protocol = "tcp"\n    %s\n  }'
RULE = 'security_group_id = "sg-1"\n  ip_protocol = "tcp"\n  cidr_ipv4 = "10.0.0.0/8"\n  '


@pytest.mark.parametrize(
    ("type_", "arguments", "sentence"),
    [
        ("aws_instance", "ami = 1", 'One of "instance_type" or "launch_template" needs to be set'),
        ("aws_instance", f'{DISKS}\n  private_ip = "x"', "needs an address of IPv4"),
        ("aws_instance", f'{DISKS}\n  ipv6_addresses = ["10.0.0.1"]', "needs an address of IPv6"),
        ("aws_instance", f'{DISKS}\n  user_data_base64 = "***"', "needs text in base64"),
        (
            "aws_launch_template",
            'tag_specifications {\n    resource_type = "volumes"\n  }',
            'needs a type of EC2, such as "volume", and this is "volumes"',
        ),
        (
            "aws_launch_template",
            'instance_market_options {\n    spot_options {\n      valid_until = "soon"\n    }\n  }',
            'needs a time such as "2026-01-31T12:00:00Z", and this is "soon"',
        ),
        (
            "aws_security_group",
            INGRESS % 'cidr_blocks = ["10.0.0.1/8"]',
            'has bits of a host set in "10.0.0.1/8"; the block is "10.0.0.0/8"',
        ),
        (
            "aws_security_group",
            INGRESS % 'self = true\n    description = "é"',
            'The argument "description" of "ingress" has characters that AWS refuses',
        ),
        (
            "aws_vpc_security_group_ingress_rule",
            f"{RULE}from_port = -2\n  to_port = 1",
            "needs a number between -1 and 65535, and this is -2",
        ),
    ],
)
def test_mistakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type_: str, arguments: str, sentence: str
) -> None:
    here = cotta_folder(tmp_path, access_to_endpoint("http://127.0.0.1:9"), monkeypatch)
    here.write(f'resource "{type_}" "a" {{\n  {arguments}\n}}\n')

    ended = here.attempt("validate")

    assert ended.status == 1
    assert sentence in told(ended)
    assert "main.tf line" in told(ended)


def test_what_is_deprecated_is_warned_of_with_what_to_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = cotta_folder(tmp_path, access_to_endpoint("http://127.0.0.1:9"), monkeypatch)
    here.write(
        'resource "aws_iam_role" "a" {\n'
        "  assume_role_policy  = jsonencode({ Statement = [] })\n"
        '  managed_policy_arns = ["arn:aws:iam::aws:policy/A"]\n}\n'
    )

    ended = here.attempt("validate")

    said = " ".join((ended.stdout + ended.stderr).replace("│", " ").split())
    assert ended.status == 0
    assert '"managed_policy_arns" is deprecated: take aws_iam_role_policy_attachment' in said
