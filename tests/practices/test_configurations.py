"""Each rule finds what it is about, where it is, and is silent where the practice is kept."""

from __future__ import annotations

import pytest

from tests.support.practices import brief, findings_in

_SAFE = 'metadata_options {\n    http_tokens = "required"\n  }'

GROUP = """\
resource "aws_autoscaling_group" "app" {
  name_prefix      = "app-"
  min_size         = 3
  max_size         = 9
  desired_capacity = 3
  launch_template {
    id      = "lt-1"
    version = 3
  }
  instance_refresh {
    strategy = "Rolling"
  }
  lifecycle {
    create_before_destroy = true
  }
}
"""


def template(inside: str) -> str:
    return f'resource "aws_launch_template" "app" {{\n  {_SAFE}\n  {inside}\n}}\n'


def image(inside: str) -> str:
    return f'data "aws_ami" "app" {{\n  most_recent = true\n  {inside}\n}}\n'


def name_filter(pattern: str) -> str:
    return f'filter {{\n    name = "name"\n    values = ["{pattern}"]\n  }}'


def local_exec(command: str) -> str:
    return (
        'resource "terraform_data" "a" {\n  provisioner "local-exec" {\n'
        f'    command = "{command}"\n  }}\n}}\n'
    )


_INSTANCE_V1 = """\
resource "aws_instance" "a" {
  metadata_options {
    http_tokens = "optional"
  }
}
"""

_OPEN_RULE = """\
resource "aws_vpc_security_group_ingress_rule" "a" {
  from_port   = 22
  to_port     = 22
  ip_protocol = "tcp"
  cidr_ipv4   = "0.0.0.0/0"
}
"""


def ssh(inside: str) -> str:
    return f'resource "aws_security_group" "app" {{\n  ingress {{\n    {inside}\n  }}\n}}\n'


@pytest.mark.parametrize(
    "text",
    [
        GROUP,
        template('name_prefix = "app-"'),
        template('user_data = base64encode("#!/bin/sh\\necho role=web > /etc/role\\n")'),
        image('owners = ["self"]\n' + name_filter("app-*")),
        image(name_filter("app-*") + '\nfilter {\n name = "owner-id"\n values = ["1"]\n}'),
        'data "aws_ami" "app" {\n  owners = ["self"]\n}\n',
        ssh('from_port = 443\nto_port = 443\nprotocol = "tcp"\ncidr_blocks = ["0.0.0.0/0"]'),
        ssh('from_port = 22\nto_port = 22\nprotocol = "tcp"\ncidr_blocks = ["10.0.0.0/8"]'),
        local_exec("date"),
        GROUP.replace('"Rolling"', '"Rolling"\n preferences {\n min_healthy_percentage = 90\n }'),
    ],
)
def test_nothing_is_found_where_the_practices_are_kept(text: str) -> None:
    assert brief(findings_in(text)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Names and orders.
        (GROUP.replace("name_prefix     ", "name"), ["CT001 aws_autoscaling_group.app: 2"]),
        (
            GROUP.replace("create_before_destroy = true", ""),
            ["CT019 aws_autoscaling_group.app: 1"],
        ),
        (
            GROUP.replace('"lt-1"', "aws_launch_template.app.id") + template('name = "app"'),
            ["CT001 aws_launch_template.app: 21"],
        ),
        (
            GROUP.replace('"lt-1"', "local.id")
            + "locals {\n  id = aws_launch_template.app.id\n}\n"
            + template(""),
            ["CT002 aws_launch_template.app: 20"],
        ),
        # Rolls.
        (
            GROUP.replace('instance_refresh {\n    strategy = "Rolling"\n  }', ""),
            ["CT009 aws_autoscaling_group.app: 1"],
        ),
        (GROUP.replace("= 3\n  }", '= "$Latest"\n  }'), ["CT010 aws_autoscaling_group.app: 8"]),
        (GROUP.replace("    version = 3\n", ""), ["CT010 aws_autoscaling_group.app: 6"]),
        (GROUP.replace("capacity = 3", "capacity = 1"), ["CT003 aws_autoscaling_group.app: 10"]),
        (
            GROUP.replace(
                '"Rolling"\n',
                '"Rolling"\n    preferences {\n      min_healthy_percentage = 0\n    }\n',
            ),
            ["CT003 aws_autoscaling_group.app: 12"],
        ),
        # Lookups.
        (image(name_filter("app-*")), ["CT004 data.aws_ami.app: 2"]),
        (image('owners = ["self"]\n' + name_filter("*app*")), ["CT005 data.aws_ami.app: 1"]),
        (image('owners = ["self"]'), ["CT005 data.aws_ami.app: 1"]),
        (
            'locals {\n  environment = "production"\n}\n'
            + image('owners = ["self"]\n' + name_filter("app-*")),
            ["CT011 data.aws_ami.app: 5"],
        ),
        # User data.
        (
            template('user_data = base64encode("#!/bin/sh\\napt-get install -y nginx\\n")'),
            ["CT006 aws_launch_template.app: 5"],
        ),
        (
            template('user_data = base64encode("#cloud-config\\npackages:\\n- nginx\\n")'),
            ["CT006 aws_launch_template.app: 5"],
        ),
        (
            template('user_data = base64encode("curl -s https://x | sudo sh")'),
            ["CT006 aws_launch_template.app: 5"],
        ),
        (
            template('user_data = base64encode(format("%06000d", 1))'),
            ["CT007 aws_launch_template.app: 5"],
        ),
        (
            template('user_data = base64encode("at ${timestamp()}")'),
            ["CT008 aws_launch_template.app: 5"],
        ),
        (
            template('user_data = base64encode("key=AKIAIOSFODNN7EXAMPLE")'),
            ["CT015 aws_launch_template.app: 5"],
        ),
        (
            'variable "password" {\n  sensitive = true\n}\n'
            + template('user_data = base64encode("p=${var.password}")'),
            ["CT015 aws_launch_template.app: 8"],
        ),
        # Machines.
        ('resource "aws_launch_template" "app" {\n}\n', ["CT017 aws_launch_template.app: 1"]),
        (
            _INSTANCE_V1,
            ["CT019 aws_instance.a: 1", "CT017 aws_instance.a: 2"],
        ),
        (
            local_exec("ansible-playbook site.yml"),
            ["CT013 terraform_data.a: 2"],
        ),
        (
            ssh('from_port = 0\nto_port = 65535\nprotocol = "tcp"\ncidr_blocks = ["0.0.0.0/0"]'),
            ["CT016 aws_security_group.app: 2"],
        ),
        (
            ssh('from_port = 0\nto_port = 0\nprotocol = "-1"\nipv6_cidr_blocks = ["::/0"]'),
            ["CT016 aws_security_group.app: 2"],
        ),
        (
            _OPEN_RULE,
            ["CT016 aws_vpc_security_group_ingress_rule.a: 1"],
        ),
    ],
)
def test_finding(text: str, expected: list[str]) -> None:
    assert brief(findings_in(text)) == expected


def test_dynamic_blocks_are_looked_into() -> None:
    text = (
        'resource "aws_security_group" "app" {\n  dynamic "ingress" {\n    for_each = [22]\n'
        "    content {\n      from_port = 22\n      to_port = 22\n"
        '      protocol = "tcp"\n      cidr_blocks = ["0.0.0.0/0"]\n    }\n  }\n}\n'
    )

    assert brief(findings_in(text)) == ["CT016 aws_security_group.app: 2"]


def test_modules_are_looked_into_with_their_arguments() -> None:
    root = 'module "fleet" {\n  source = "./fleet"\n  size = 1\n}\n'
    inside = 'variable "size" {}\n' + GROUP.replace("capacity = 3", "capacity = var.size")

    found = findings_in(root, fleet=inside)

    assert brief(found) == ["CT003 module.fleet.aws_autoscaling_group.app: 11"]


def test_a_pinned_image_may_be_the_newest() -> None:
    text = 'locals {\n  env = "prod"\n}\n' + image('owners = ["self"]\n' + name_filter("app-*"))

    assert brief(findings_in(text, pinned=["data.aws_ami.app"])) == []
    assert brief(findings_in(text, pinned=["data.aws_ami.app[0]"])) == []
    assert brief(findings_in(text, pinned=['data.aws_ami.app["a]b"]'])) == []
    assert brief(findings_in(text, pinned=["data.aws_ami.other"])) != []


def test_what_is_not_known_yet_is_not_found() -> None:
    text = 'variable "size" {}\n' + GROUP.replace("capacity = 3", "capacity = var.size")

    assert brief(findings_in(text)) == []


def test_a_comment_with_a_reason_allows_a_finding() -> None:
    text = "# cotta:allow CT009, CT019: one build agent, replaced by hand\n" + GROUP.replace(
        'instance_refresh {\n    strategy = "Rolling"\n  }', ""
    ).replace("create_before_destroy = true", "")

    found = findings_in(text)

    assert brief(found) == []
    assert [(one.rule.id, one.excuse) for one in found] == [
        ("CT009", "one build agent, replaced by hand"),
        ("CT019", "one build agent, replaced by hand"),
    ]


def test_a_comment_on_the_line_itself_counts() -> None:
    text = GROUP.replace("    version = 3\n", '    version = "$Latest" # cotta:allow CT010 a lab\n')

    assert [one.excuse for one in findings_in(text)] == ["a lab"]


def test_a_comment_without_a_reason_allows_nothing() -> None:
    text = "# cotta:allow CT019\n" + GROUP.replace("create_before_destroy = true", "")

    assert brief(findings_in(text)) == [
        "CT000 aws_autoscaling_group.app: 2",
        "CT019 aws_autoscaling_group.app: 2",
    ]
