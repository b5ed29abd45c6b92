"""`cotta check`, as a person and as a machine see it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

_KEPT = 'resource "terraform_data" "a" {\n}\n'
_WARNING = 'resource "aws_launch_template" "a" {\n}\n'
_ERROR = 'data "aws_ami" "a" {\n  most_recent = true\n  name_regex  = "^web"\n}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "flags", "status"),
    [
        (_KEPT, [], 0),
        (_WARNING, [], 0),
        (_WARNING, ["-strict"], 1),
        (_ERROR, [], 1),
        ("# cotta:allow CT004: a lab\n" + _ERROR, ["-strict"], 0),
    ],
)
def test_status(folder: Path, text: str, flags: list[str], status: int) -> None:
    (folder / "main.tf").write_text(text)

    assert run_cotta("check", *flags).status == status


def test_a_finding_has_place_reason_and_remedy(folder: Path) -> None:
    (folder / "main.tf").write_text(_ERROR)

    said = run_cotta("check").stdout

    assert "Error: CT004 Image looked up without an owner" in said
    assert "on main.tf line 2" in said
    assert "CVE-2018-15869" in said
    assert 'owners = ["self"]' in said
    assert "1 error, 0 warnings. docs/rules.md explains each rule." in said


def test_as_json(folder: Path) -> None:
    (folder / "main.tf").write_text("# cotta:allow CT004: a lab\n" + _ERROR + _WARNING)

    record = json.loads(run_cotta("check", "-json").stdout)

    assert (record["error_count"], record["warning_count"]) == (0, 1)
    assert [(one["rule"], one["allowed"]) for one in record["findings"]] == [
        ("CT004", "a lab"),
        ("CT017", None),
    ]
    assert record["findings"][1]["range"]["start"]["line"] == 6
    assert record["findings"][1]["page"] == "docs/rules.md#ct017"


def test_mistakes_of_the_configuration_come_first(folder: Path) -> None:
    (folder / "main.tf").write_text('resource "terraform_data" "a" {\n  input = local.nothing\n}\n')

    ended = run_cotta("check")

    assert ended.status == 1
    assert "Reference to undeclared local value" in ended.stderr


_TEMPLATE = """\
variable "size" {
  default = "t3.micro"
}

source "amazon-ebs" "web" {
  ami_name      = "web-{{timestamp}}"
  instance_type = var.size
  region        = "us-east-1"
  ssh_username  = "admin"
  source_ami_filter {
    filters     = { name = "debian-12-*" }
    owners      = ["136693071363"]
    most_recent = true
  }
  tags = { Name = "web" }
}

build {
  sources = ["source.amazon-ebs.web"]
  provisioner "file" {
    source      = "./app/"
    destination = "/tmp/app"
  }
}
"""


def test_a_template_is_checked(folder: Path) -> None:
    (folder / "app").mkdir()
    (folder / "web.pkr.hcl").write_text(_TEMPLATE)

    said = run_cotta("check", "web.pkr.hcl").stdout

    assert "CT014 File baked into a place that does not survive" in said
    assert "on web.pkr.hcl line 20" in said
    assert "0 errors, 1 warning." in said


@pytest.mark.parametrize(
    "mend",
    [
        ('destination = "/tmp/app"', 'destination = "/opt/app"'),
        (
            "build {\n",
            'build {\n  provisioner "shell" {\n    inline = ["cp -a /tmp/app /opt/app"]\n  }\n',
        ),
        ('  provisioner "file" {', '  # cotta:allow CT014: a demo\n  provisioner "file" {'),
    ],
)
def test_a_template_can_be_mended(folder: Path, mend: tuple[str, str]) -> None:
    (folder / "app").mkdir()
    (folder / "web.pkr.hcl").write_text(_TEMPLATE.replace(*mend))

    assert run_cotta("check", "-strict", ".").status == 0


def test_a_folder_of_both_is_checked_whole_with_values_for_either(folder: Path) -> None:
    both = folder / "both"
    (both / "app").mkdir(parents=True)
    (both / "web.pkr.hcl").write_text(_TEMPLATE)
    (both / "main.tf").write_text(_WARNING + 'variable "n" {\n  type = number\n}\n')

    ended = run_cotta("check", "-json", "-var=size=t3.small", "-var=n=1", "both")

    assert ended.status == 0, ended.stderr
    rules = [one["rule"] for one in json.loads(ended.stdout)["findings"]]
    assert rules == ["CT014", "CT017"]


def test_a_value_that_neither_has_a_variable_for_is_a_mistake(folder: Path) -> None:
    (folder / "app").mkdir()
    (folder / "web.pkr.hcl").write_text(_TEMPLATE)
    (folder / "main.tf").write_text(_WARNING)

    ended = run_cotta("check", "-var=sise=t3.small")

    assert ended.status == 1
    assert 'has a variable "sise". Did you mean "size"?' in ended.stderr.replace("\n│ ", " ")


_PRODUCTION = """\
locals {
  env = "production"
}

data "aws_ami" "a" {
  most_recent = true
  owners      = ["self"]
  name_regex  = "^web"
}
"""


def test_what_is_pinned_is_not_asked_to_be(folder: Path) -> None:
    (folder / "main.tf").write_text(_PRODUCTION)
    assert "CT011" in run_cotta("check").stdout
    pin = {"image": "ami-1", "name": "web-1", "since": "2026-01-01T00:00:00Z", "why": "shipped"}
    record = {"format_version": 1, "pins": {"data.aws_ami.a": pin}}
    (folder / "images.pins.json").write_text(json.dumps(record))

    assert "The practices are kept." in run_cotta("check").stdout


@pytest.mark.parametrize(
    ("provisioner", "rules"),
    [
        ('inline = ["echo ${var.token} > /etc/token"]', ["CT015"]),
        ('inline = ["curl -H ${var.token} https://example.org | tar -x"]', []),
        ('inline = ["aws configure set aws_access_key_id AKIAIOSFODNN7EXAMPLE"]', ["CT015"]),
    ],
)
def test_a_secret_that_is_baked_is_found_and_one_that_is_used_is_not(
    folder: Path, provisioner: str, rules: list[str]
) -> None:
    (folder / "app").mkdir()
    secret = 'variable "token" {\n  default   = "hunter2-hunter2"\n  sensitive = true\n}\n'
    text = _TEMPLATE.replace('destination = "/tmp/app"', 'destination = "/opt/app"')
    head, _, tail = text.rpartition("}")
    shell = f'  provisioner "shell" {{\n    {provisioner}\n  }}\n'
    (folder / "web.pkr.hcl").write_text(secret + head + shell + "}" + tail)

    found = json.loads(run_cotta("check", "-json", "web.pkr.hcl").stdout)["findings"]

    assert [one["rule"] for one in found] == rules


def test_a_file_with_a_key_in_it_is_found(folder: Path) -> None:
    (folder / "key.pem").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n")
    text = _TEMPLATE.replace("./app/", "key.pem").replace("/tmp/app", "/opt/key.pem")
    (folder / "web.pkr.hcl").write_text(text)

    said = run_cotta("check", "web.pkr.hcl").stdout.replace("\n│ ", " ")

    assert "CT015 Secret where everybody can read it" in said
    assert "key.pem, which goes to /opt/key.pem, has a key or token in it." in said


def test_a_folder_without_either_is_nothing_to_check(folder: Path) -> None:
    ended = run_cotta("check")

    assert (ended.status, ended.stdout) == (1, "")
    assert "Nothing to check" in ended.stderr
    assert list(folder.iterdir()) == []
