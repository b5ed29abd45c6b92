"""`cotta ship` where it stops; the walk in tests/boot goes all the way."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cotta.region.home import Home, Settings
from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from tests.support.cli import Ended

_TEMPLATE = """\
variable "text" {
  default = "baked"
}

source "file" "a" {
  content = var.text
  target  = "out.txt"
}

build {
  sources = ["source.file.a"]
}
"""
_CONFIGURATION = """\
variable "input" {
  default = "a"
}

resource "terraform_data" "a" {
  input = var.input
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.pkr.hcl").write_text(_TEMPLATE)
    Path("main.tf").write_text(_CONFIGURATION)
    return tmp_path


def ship(*arguments: str) -> Ended:
    return run_cotta("ship", "-auto-approve", *arguments, environment={"HOME": str(Path.cwd())})


def test_a_folder_is_baked_and_applied() -> None:
    ended = ship("-var=text=new", "-var=input=b")

    assert (ended.status, ended.stderr) == (0, ""), ended.stdout
    assert Path("out.txt").read_text() == "new"
    assert "Apply complete! Resources: 1 added" in ended.stdout
    assert "Shipped in" in ended.stdout


def test_a_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path.parent)

    assert ship(tmp_path.name).status == 0
    assert (tmp_path / "terraform.tfstate").exists()


def test_records_end_with_the_report() -> None:
    records = [json.loads(line) for line in ship("-json").stdout.splitlines()]

    assert records[-1]["type"] == "ship_report"
    assert records[-1]["report"]["images"] == []
    assert "apply_complete" in {record["type"] for record in records}


def test_a_practice_that_is_an_error_stops_it_before_anything_is_baked() -> None:
    Path("main.tf").write_text(
        'data "aws_ami" "a" {\n  most_recent = true\n  name_regex  = "^web"\n}\n'
    )

    ended = ship()

    assert ended.status == 1
    assert "CT004 Image looked up without an owner" in ended.stderr
    assert not Path("out.txt").exists()


def test_a_failed_build_deploys_nothing() -> None:
    Path("a.pkr.hcl").write_text(
        _TEMPLATE.replace(
            "}\n\nbuild {",
            '}\n\nbuild {\n  provisioner "shell-local" {\n    inline = ["exit 3"]\n  }',
        )
    )

    ended = ship()

    assert ended.status == 1
    assert "No image was baked and nothing deployed" in ended.stderr
    assert not Path("terraform.tfstate").exists()


def test_a_failed_apply_says_how_to_go_on() -> None:
    Path("main.tf").write_text(
        _CONFIGURATION.replace(
            "= var.input", '= var.input\n  provisioner "local-exec" {\n    command = "exit 3"\n  }'
        )
    )

    ended = ship()

    assert ended.status == 1
    assert "go on with: cotta ship, or go back to the image before with: cotta ro" in ended.stderr
    assert Path("out.txt").exists()


def test_the_command_to_go_on_names_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.pkr.hcl").write_text(_TEMPLATE.replace("out.txt", "no/such/folder/"))
    monkeypatch.chdir(tmp_path.parent)

    ended = ship(tmp_path.name)

    assert ended.status == 1
    assert f"go on with: cotta ship {tmp_path.name}\n" in ended.stderr


def test_as_records_it_says_so_too() -> None:
    Path("a.pkr.hcl").write_text(_TEMPLATE.replace("out.txt", "no/such/folder/"))

    last = json.loads(ship("-json").stdout.splitlines()[-1])

    assert last["type"] == "ship_stopped"
    assert last["@message"].startswith("No image was baked and nothing deployed")
    assert last["advice"] == "Mend what is said above, and go on with: cotta ship"


def test_the_way_back_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("main.tf").write_text('resource "terraform_data" "a" {\n  input = file("none")\n}\n')
    monkeypatch.chdir(tmp_path.parent)

    ended = ship(tmp_path.name)

    assert ended.status == 1
    assert f"with: cotta rollback {tmp_path.name}\n" in ended.stderr


def test_a_region_that_is_down_is_said_before_anything_is_baked(tmp_path: Path) -> None:
    Path("a.pkr.hcl").write_text(
        _TEMPLATE
        + """
source "amazon-ebs" "b" {
  ami_name      = "an-image"
  instance_type = "t3.micro"
  region        = "us-east-1"
  ssh_username  = "admin"
  source_ami    = "ami-1"
  tags          = { Name = "b" }
}
build {
  sources = ["source.amazon-ebs.b"]
}
"""
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    home = tmp_path / "home"
    home.mkdir()
    Home(home).write_settings(Settings(network="172.31.0.0/16", port=port))

    ended = run_cotta("ship", "-auto-approve", environment={"COTTA_HOME": str(home)})

    assert ended.status == 1
    assert "The local region is down" in ended.stderr
    assert f"http://127.0.0.1:{port}" in ended.stderr
    assert "cotta region up" in ended.stderr
    assert not Path("out.txt").exists()


@pytest.mark.parametrize("missing", ["a.pkr.hcl", "main.tf"])
def test_half_a_folder_is_nothing_to_ship(missing: str) -> None:
    Path(missing).unlink()

    ended = ship()

    assert ended.status == 1
    assert "Nothing to ship" in ended.stderr


def test_records_leave_nobody_to_ask() -> None:
    ended = run_cotta("ship", "-json")

    assert ended.status == 1
    assert "auto-approve required" in ended.stderr
