"""`console` answers about a configuration and its state as terraform's does.

Many questions are one list, since terraform answers one line a process.  Ours
keeps module outputs that are declared sensitive to itself, terraform's console
prints them: they are not asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.oracle

MAIN = """
variable "v" { default = "one" }
variable "need" { type = number }
variable "s" {
  default   = "hush"
  sensitive = true
}
locals {
  l  = "${var.v}!"
  id = terraform_data.a.id
  n  = var.need + 1
}
resource "terraform_data" "a" { input = var.v }
resource "terraform_data" "c" {
  count = 2
  input = count.index
}
resource "terraform_data" "e" {
  for_each = toset(["x", "y"])
  input    = each.key
}
module "m" {
  source = "./m"
  in     = terraform_data.a.output
}
module "k" {
  source   = "./m"
  for_each = { a = 1, b = 2 }
  in       = each.value
}
data "terraform_remote_state" "r" {
  backend = "local"
  config  = { path = "other.tfstate" }
}
"""
MODULE = """
variable "in" {}
resource "terraform_data" "inner" { input = var.in }
output "id" { value = terraform_data.inner.id }
output "in" { value = var.in }
"""
OTHER = """{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x",
"outputs": {"z": {"value": 5, "type": "number"}}, "resources": []}"""
QUESTIONS = (
    "var.v",
    "var.need",
    "var.s",
    "local.l",
    "local.id",
    "local.n",
    "terraform_data.a",
    "terraform_data.c",
    "terraform_data.c[1].input",
    "terraform_data.c[*].input",
    "terraform_data.e",
    'terraform_data.e["x"].output',
    "keys(terraform_data.e)",
    "terraform_data.new",
    "terraform_data.new.id",
    "module.m",
    "module.m.id",
    "module.k",
    'module.k["a"].in',
    "data.terraform_remote_state.r",
    "data.terraform_remote_state.r.outputs",
    "path.module",
    "path.root",
    "path.cwd",
    "terraform.workspace",
    'timestamp() != ""',
)
REFUSED = ("terraform_data.c[5]", "var.nope", "module.m.nope", "terraform_data.a.nope")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(MODULE, encoding="utf-8")
    (tmp_path / "main.tf").write_text(MAIN, encoding="utf-8")
    (tmp_path / "other.tfstate").write_text(OTHER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    terraform("init", folder=tmp_path)
    (tmp_path / "new.tf").write_text('resource "terraform_data" "new" { input = "x" }')
    return tmp_path


def ask_both(question: str, folder: Path, *flags: str) -> tuple[str, str]:
    theirs = terraform("console", *flags, folder=folder, stdin=f"{question}\n")
    ours = run_cotta("console", *flags, stdin=f"{question}\n")
    assert (theirs.returncode, theirs.stderr) == (0, "")
    assert (ours.status, ours.stderr) == (0, "")
    return ours.stdout, theirs.stdout


def test_names_mean_the_same_before_and_after_apply_and_as_planned(folder: Path) -> None:
    everything = f"[{', '.join(QUESTIONS)}]"
    for flags in ((), ("-var=need=3",), ("-plan", "-var=need=3")):
        ours, theirs = ask_both(everything, folder, *flags)
        assert ours == theirs, flags

    (folder / "new.tf").unlink()
    applied = terraform("apply", "-auto-approve", "-var=need=3", folder=folder)
    assert applied.returncode == 0, applied.stderr
    changed = MAIN.replace("count = 2", "count = 3").replace('"x", "y"', '"x", "z"')
    (folder / "main.tf").write_text(changed, encoding="utf-8")
    (folder / "new.tf").write_text('resource "terraform_data" "new" { input = "x" }')
    for flags in ((), ("-var=need=4", "-var=v=two"), ("-plan", "-var=need=3")):
        ours, theirs = ask_both(everything, folder, *flags)
        # What a plan makes of ids is nobody's guess, and both know none.
        assert ours == theirs, flags
    ours, theirs = ask_both(f"type([{', '.join(QUESTIONS)}])", folder, "-var=need=3")
    assert ours == theirs

    for question in REFUSED:
        refused = terraform("console", "-no-color", folder=folder, stdin=f"{question}\n")
        asked = run_cotta("console", stdin=f"{question}\n")
        assert asked.status == 1
        assert heads(asked.stderr) == heads(refused.stderr), question


def test_what_is_wrong_with_the_folder_ends_as_terraforms(folder: Path) -> None:
    for flags in (("-var=nope=1",), ("-var-file=nowhere",)):
        theirs = terraform("console", "-no-color", *flags, folder=folder, stdin="1\n")
        ours = run_cotta("console", *flags, stdin="1\n")
        assert (ours.status, heads(ours.stderr)) == (theirs.returncode, heads(theirs.stderr))
    (folder / "broken.tf").write_text("nonsense {", encoding="utf-8")

    theirs = terraform("console", "-no-color", folder=folder, stdin="1\n")
    ours = run_cotta("console", stdin="1\n")
    assert ours.status == theirs.returncode == 1
    assert set(heads(theirs.stderr)) <= set(heads(ours.stderr))


def heads(text: str) -> list[str]:
    """Return the summaries of the mistakes that a program has told."""
    return re.findall(r"Error: (.*)", text)
