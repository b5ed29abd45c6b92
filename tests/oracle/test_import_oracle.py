"""Imports are planned and applied as terraform does it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.test_init_oracle import lines, summaries
from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.oracle

BLOCKS = """
import {
  to = terraform_data.a
  id = "abc"
}
import {
  for_each = { x = "i1", y = "i2" }
  to       = terraform_data.b[each.key]
  id       = each.value
}
resource "terraform_data" "a" {
  depends_on = [terraform_data.n]
}
resource "terraform_data" "b" {
  for_each = toset(["x", "y"])
  input    = terraform_data.a.id
}
resource "terraform_data" "n" {}
resource "terraform_data" "moved" {}
"""
KEYS = """
variable "s" {
  default   = "x"
  sensitive = true
}
locals { l = { a = 1 } }
import {
  for_each = local.l
  to       = module.m["k"].terraform_data.c[each.value]
  id       = "${var.s}${each.value}"
}
import {
  to = terraform_data.r
  id = 12
}
module "m" {
  source   = "./m"
  for_each = toset(["k"])
}
resource "terraform_data" "r" { triggers_replace = 1 }
"""
MODULE = 'resource "terraform_data" "c" { count = 2 }'

A = 'resource "terraform_data" "a" {}\n'


def an_import(to: str = "terraform_data.a", id_: str = '"abc"') -> str:
    return f"import {{\n  to = {to}\n  id = {id_}\n}}\n"


MISTAKES = {
    "no block": an_import(),
    "no module": an_import("module.m.terraform_data.a"),
    "no instance": an_import("terraform_data.a[2]") + 'resource "terraform_data" "a" { count = 2 }',
    "twice": an_import() + an_import(id_='"abd"') + A,
    "unknown id": an_import(id_="terraform_data.z.id") + A + 'resource "terraform_data" "z" {}',
    "empty id": an_import(id_='""') + A,
    "null id": an_import(id_="null") + A,
    "no text": an_import(id_="[1]") + A,
    "undeclared": an_import(id_="var.nope") + A,
    "data": an_import("data.terraform_remote_state.a") + A,
}


def unordered(text: str) -> list[str]:
    """Return the lines of a run in some order: terraform's workers talk at the same time."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", "\n".join(lines(text)))
    return sorted(" ".join(text.split("\n\n")).replace("\n", " ").split())


def records(text: str) -> list[Any]:
    found = []
    for line in lines(text):
        record = json.loads(re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", line))
        record.pop("@timestamp")
        found.append(json.dumps(record, sort_keys=True))
    return sorted(found)


def write(folder: Path, text: str) -> None:
    (folder / "m").mkdir(exist_ok=True, parents=True)
    (folder / "main.tf").write_text(text)
    (folder / "m" / "m.tf").write_text(MODULE)


def stored(folder: Path) -> Any:
    text = (folder / "terraform.tfstate").read_text()
    return json.loads(re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text))["resources"]


LINES = [
    ["plan"],
    ["plan", "-json"],
    ["plan", "-destroy"],
    ["plan", "-refresh-only"],
    ["plan", "-target=terraform_data.n"],
    ["apply", "-auto-approve"],
    ["plan", "-detailed-exitcode"],
    ["apply", "-auto-approve", "-json"],
]


@pytest.mark.parametrize("text", [BLOCKS, KEYS], ids=["blocks", "keys"])
def test_imports_are_planned_and_applied(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder in (theirs, ours):
        write(folder, text)
    monkeypatch.chdir(ours)
    assert terraform("init", folder=theirs).returncode == run_cotta("init").status == 0

    for line in LINES:
        if "-target=terraform_data.n" in line and text is KEYS:
            continue
        expected, found = terraform(*line, folder=theirs), run_cotta(*line)
        assert found.status == expected.returncode, (line, found, expected)
        if "-json" in line:
            assert records(found.stdout) == records(expected.stdout)
        elif "-target=terraform_data.n" not in line:
            assert unordered(found.stdout) == unordered(expected.stdout)
    assert stored(ours) == stored(theirs)


def test_a_saved_plan_has_what_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder in (theirs, ours):
        write(folder, BLOCKS)
    monkeypatch.chdir(ours)
    plans = []
    terraform("plan", "-out=p", folder=theirs)
    assert run_cotta("plan", "-out=p").status == 0
    for text in (
        terraform("show", "-json", "p", folder=theirs).stdout,
        run_cotta("show", "-json", "p").stdout,
    ):
        plan = json.loads(text)
        plan.pop("timestamp")
        plan.get("relevant_attributes", []).sort(key=json.dumps)
        plans.append(plan)
    assert plans[1] == plans[0]
    assert unordered(run_cotta("apply", "p").stdout) == unordered(
        terraform("apply", "p", folder=theirs).stdout
    )


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_told_as_terraform_tells_them(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder in (theirs, ours):
        write(folder, text)
    monkeypatch.chdir(ours)

    expected, found = terraform("plan", folder=theirs), run_cotta("plan")

    assert found.status == expected.returncode == 1
    assert summaries(found.stderr) == summaries(expected.stderr)


COMMANDS = """
resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" {
  count      = 2
  depends_on = [terraform_data.a]
}
module "m" { source = "./m" }
"""


def test_the_command_takes_objects_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder in (theirs, ours):
        write(folder, COMMANDS)
    monkeypatch.chdir(ours)
    assert terraform("init", folder=theirs).returncode == run_cotta("init").status == 0

    for words in (
        ["terraform_data.a", "abc"],
        ["terraform_data.a", "abc"],
        ["terraform_data.zz", "abc"],
        ["module.zz.terraform_data.zz", "abc"],
        ["terraform_data.b[0]", "abd"],
        ["terraform_data.b[7]", "abd"],
        ["module.m.terraform_data.c[1]", "abe"],
        ["foo", "abd"],
        ["data.terraform_remote_state.a", "abd"],
        ["terraform_data.a"],
    ):
        expected, found = terraform("import", *words, folder=theirs), run_cotta("import", *words)
        assert found.status == expected.returncode, (words, found, expected)
        if found.status == 0:
            assert lines(found.stdout) == lines(expected.stdout)
        elif "zz" not in words[0] and len(words) == 2:
            titles = ({one[:15] for one in summaries(each.stderr)} for each in (found, expected))
            assert next(titles) == next(titles)
    assert stored(ours) == stored(theirs)
