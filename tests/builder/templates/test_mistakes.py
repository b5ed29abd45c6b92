"""What is wrong with a template: everything in one run, at its place."""

from __future__ import annotations

import pytest

from cotta.builder.templates.selection import Selection
from tests.support.templates import NULL, answer_of

EBS = """
source "amazon-ebs" "app" {
  ami_name      = "app"
  instance_type = "t3.micro"
  source_ami    = "ami-1"
  ssh_username  = "admin"
}
"""


def test_every_mistake_is_told_at_once() -> None:
    answer = answer_of(
        """variable "region" {}
variable "size" { default = upper("x") }
locals {
  a = local.b
  b = local.a
}
source "amazon-ebs" "app" {
  ami_nam       = "x"
  region        = var.regoin
  instance_type = "t3.micro"
  source_ami    = "ami-1"
  source_ami_filter { owners = ["self"] }
  ssh_username  = local.user
  ssh_timeout   = "5 minutes"
  shutdown_behavior = "halt"
  tags          = { Id = build.ID }
}
build {
  sources = ["source.amazon-ebs.ap", "amazon-ebs.app"]
  provisioner "shel" {}
  provisioner "shell" { inlin = [] }
  provisioner "shell" {
    script  = "nope.sh"
    timeout = "soon"
    only    = ["amazon-ebs.app", "amazon-ebs.ap"]
  }
  provisioner "shell" {
    inline = ["echo ${build.Idd}", "{{ timestmp }}", "{{ build `ID` }}"]
  }
  provisioner "powershell" { inline = ["x"] }
  post-processor "manifst" {}
  provisoner "shell" {}
}
"""
    )

    assert answer.summaries == [
        (1, 'Unset variable "region"'),
        (2, "Function calls not allowed"),
        (4, "Values that need one another"),
        (7, "Missing required argument"),
        (8, "Unsupported argument"),
        (9, "Reference to undeclared variable"),
        (12, "Options that exclude each other"),
        (13, "Reference to undeclared local value"),
        (14, "Incorrect duration"),
        (15, "Unknown choice"),
        (16, "Reference out of place"),
        (19, "Unknown source"),
        (20, "Unknown provisioner type"),
        (21, "Nothing to run"),
        (21, "Unsupported argument"),
        (23, "File that is missing"),
        (24, "Incorrect duration"),
        (25, "Name that matches no source"),
        (28, "Template that can't be filled in"),
        (28, "Unsupported attribute"),
        (30, "Provisioner that is not native"),
        (31, "Unknown post-processor type"),
        (32, "Unsupported block type"),
    ]


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ('variable "a" {}\nvariable "a" {}', "t.pkr.hcl:2 Duplicate variable: There"),
        ("surce null box {}", 'Did you mean "source"?'),
        (f"{NULL}build {{}}", "Build without a source"),
        ('build { sources = ["x"] }', "One is named by type and name"),
        ('build { sources = ["source.null.x"] }', "There is: none."),
        (f'{NULL}build {{ sources = ["null.box", "null.box"] }}', "Source used twice"),
        (
            'source "docker" "a" {}\nbuild { sources = ["docker.a"] }',
            "Images of containers are not made here",
        ),
        (
            f'{EBS}build {{\n  source "amazon-ebs.app" {{\n    ami_name = "b"\n  }}\n}}',
            "t.pkr.hcl:10 Option set twice",
        ),
        (
            (f'{NULL}build {{\n  sources = ["null.box"]\n  provisioner "shell" {{\n'
            '    inline = ["a"]\n    only = ["null.box"]\n    except = ["null.x"]\n  }\n}'),
            "Arguments that exclude each other",
        ),
        (
            (f'{NULL}build {{\n  sources = ["null.box"]\n'
            '  error-cleanup-provisioner "shell" { inline = ["a"] }\n'
            '  error-cleanup-provisioner "shell" { inline = ["a"] }\n}'),
            "t.pkr.hcl:8 More than one error-cleanup-provisioner",
        ),
        ('data "http" "a" { url = "x" }', 'Fetch the document with "curl"'),
        ('data "amazon-amy" "a" {}', 'Did you mean "amazon-ami"?'),
        ('locals { a = data.null.b.output }\ndata "null" "c" {}', 'Did you mean "null.c"?'),
        ('locals { a = build.ID }', "in provisioners and post-processors only"),
        ('locals { a = env("HOME") }', "defaults of variables only"),
        ('variable "a" { default = var.b }', "Compute the value in a local: locals"),
        ('packer { required_version = ">= 2.0.0" }', "Cotta reads templates as Packer 1.16.0 does"),
        (
            'packer {\n  required_plugins {\n    a = { source = "x/y", version = "1" }\n  }\n}',
            "t.pkr.hcl:3 Incorrect plugin source",
        ),
        (
            ('packer {\n  required_plugins {\n    a = { source = "a.b/x/y", version = "1" }\n'
            "  }\n}"),
            "warning: Plugin that is not native",
        ),
        (
            ('packer {\n  required_plugins {\n    a = { source = "github.com/hashicorp/amazon", '
            'version = "= 1.2.8" }\n  }\n}'),
            "warning: Other version of a plugin",
        ),
        (EBS.replace('"app"\n', '"a:b"\n') + 'build { sources = ["amazon-ebs.app"] }', "not :"),
        (
            EBS.replace('ssh_username  = "admin"', "") + 'build { sources = ["amazon-ebs.app"] }',
            'it is "ec2-user" on Amazon Linux',
        ),
        (
            EBS.replace("source_ami ", "kms_key_id = 1\nencrypt_boot = false\nsource_ami ")
            + 'build { sources = ["amazon-ebs.app"] }',
            "Key without encryption",
        ),
        (
            EBS.replace("source_ami ", "launch_block_device_mappings = []\nsource_ami ")
            + 'build { sources = ["amazon-ebs.app"] }',
            "write launch_block_device_mappings { … } here",
        ),
        *(
            (
                EBS.replace("source_ami ", f"{written}\nsource_ami ")
                + 'build { sources = ["amazon-ebs.app"] }',
                says,
            )
            for written, says in (
                ('boot_mode = "uefi"', "has this from the image it begins with"),
                ('ssh_local_tunnels = ["8080:a:80"]', "Tunnels are not native"),
                ('deprecate_at = "soon"', "is no time such as 2027-01-31T00:00:00Z"),
                ("temporary_key_pair_bits = 4096", "AWS chooses the size of the keys"),
                ("block_duration_minutes = 60", "AWS has ended spot machines of a fixed time"),
            )
        ),
        (
            EBS.replace("source_ami ", "vault_aws_engine {}\nsource_ami ")
            + 'build { sources = ["amazon-ebs.app"] }',
            "Vault is not asked natively",
        ),
    ],
)  # fmt: skip
def test_a_mistake_says_where_why_and_what_next(template: str, says: str) -> None:
    said = answer_of(template).said

    assert any(says in one for one in said), said


def test_a_wrong_source_that_two_builds_use_is_told_once() -> None:
    answer = answer_of(
        EBS.replace("t3.micro", "")
        + 'build { sources = ["amazon-ebs.app"] }\nbuild { sources = ["amazon-ebs.app"] }'
    )

    assert answer.summaries == [(4, "Missing instance type")]


def test_a_pattern_that_matches_nothing_is_told() -> None:
    template = NULL + 'build { sources = ["null.box"] }'

    nothing = answer_of(template, selection=Selection(only=("null.bx",)))
    partly = answer_of(template, selection=Selection(only=("null.bx", "null.*")))

    assert nothing.said == [
        (
            'Pattern that matches nothing: No build is named as -only="null.bx" says. Did you mean '
            '"null.box"? There is: null.box.'
        )
    ]
    assert not partly.diagnostics.has_errors
    assert len(partly.diagnostics) == 1
