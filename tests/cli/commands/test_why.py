"""`plan -why` and `apply -why`, as people and machines see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import run_cotta
from tests.support.golden import assert_golden

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "ask-why.md"

BEFORE = """\
variable "release" {
  default = "1.0"
}
locals {
  image = terraform_data.image.id
}
resource "terraform_data" "image" {
  triggers_replace = var.release
}
resource "terraform_data" "template" {
  input = local.image
}
resource "terraform_data" "web" {
  count = 3
  input = count.index
  lifecycle {
    replace_triggered_by = [terraform_data.template]
  }
}
module "balancer" {
  source = "./balancer"
  image  = local.image
}
resource "terraform_data" "name" {
  triggers_replace = module.balancer.id
  lifecycle {
    create_before_destroy = true
  }
}
resource "terraform_data" "alarm" {
  for_each = toset(["cpu", "disk"])
  input    = each.key
}
resource "terraform_data" "bastion" {
}
"""
BALANCER = """\
variable "image" {}
resource "terraform_data" "this" {
  triggers_replace = var.image
}
output "id" {
  value = terraform_data.this.id
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "balancer").mkdir()
    (tmp_path / "balancer" / "main.tf").write_text(BALANCER, encoding="utf-8")
    (tmp_path / "main.tf").write_text(BEFORE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    run_cotta("init")
    assert run_cotta("apply", "-auto-approve").status == 0
    run_cotta("taint", 'terraform_data.alarm["cpu"]')
    after = BEFORE.replace("count = 3", "count = 2").replace('"disk"', '"memory"')
    after = after.replace('"bastion" {\n}', '"jump" {\n}')
    after += "moved {\n  from = terraform_data.bastion\n  to   = terraform_data.jump\n}\n"
    (tmp_path / "main.tf").write_text(after, encoding="utf-8")
    return tmp_path


def reasons(text: str) -> str:
    """Return the part of a plan's text that says why."""
    begin = text.index("\nWhy:\n") + 1
    return text[begin : text.index("\n─", begin)]


@pytest.mark.usefixtures("folder")
def test_every_action_is_followed_to_its_root() -> None:
    found = reasons(run_cotta("plan", "-why", "-var=release=1.1").stdout)

    assert_golden("why/reasons.txt", found)
    assert found in PAGE.read_text(encoding="utf-8")


@pytest.mark.usefixtures("folder")
def test_records_have_the_same_in_a_field_that_others_pass_over() -> None:
    plain = run_cotta("plan", "-json", "-var=release=1.1")
    asked = run_cotta("plan", "-json", "-why", "-var=release=1.1")

    def read(text: str) -> list[dict[str, Any]]:
        records = [json.loads(line) for line in text.splitlines()]
        return [{k: v for k, v in one.items() if k != "@timestamp"} for one in records]

    records = read(asked.stdout)
    explained = {
        one["change"]["resource"]["addr"]: one.pop("why") for one in records if "why" in one
    }
    assert records == read(plain.stdout)
    assert explained["terraform_data.template"] == [
        {
            "text": "input refers to local.image, and that to terraform_data.image.id "
            "(main.tf line 5)",
            "filename": "main.tf",
            "line": 11,
            "column": 11,
            "resource": "terraform_data.image",
        }
    ]


@pytest.mark.usefixtures("folder")
def test_apply_says_why_before_it_asks() -> None:
    ended = run_cotta("apply", "-why", "-var=release=1.1", stdin="no\n")

    assert ended.status == 1
    assert ended.stdout.index("\nWhy:\n") < ended.stdout.index("Do you want to perform")


@pytest.mark.usefixtures("folder")
def test_nobody_is_told_who_has_not_asked() -> None:
    assert "\nWhy:\n" not in run_cotta("plan", "-var=release=1.1").stdout


def test_of_a_long_chain_the_beginning_and_the_root_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = ['variable "v" { default = 1 }', 'resource "terraform_data" "n0" { input = var.v }']
    for number in range(1, 40):
        before = f"terraform_data.n{number - 1}.output"
        blocks.append(f'resource "terraform_data" "n{number}" {{ input = {before} }}')
    (tmp_path / "main.tf").write_text("\n".join(blocks), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    run_cotta("apply", "-auto-approve")

    found = reasons(run_cotta("plan", "-why", "-var=v=2").stdout)

    paragraphs = found.split("\n\n")[1:]
    assert len(paragraphs) == 40
    assert max(len(paragraph.splitlines()) for paragraph in paragraphs) == 6
    last = next(one for one in paragraphs if one.startswith("  # terraform_data.n39 "))
    assert last.splitlines()[-2:] == [
        "      ← … and so on over 36 more, back to",
        "      ← terraform_data.n0 is updated, main.tf line 2: input has a new value, from var.v",
    ]
