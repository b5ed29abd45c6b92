"""`graph`, `providers` and `modules` print what terraform's do.

Terraform prints modules in no certain order, so its trees are compared as
sets of ways from the root.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.oracle

FILES = {
    "main.tf": """
terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}
variable "v" { default = "x" }
locals { l = terraform_data.a.output }
resource "terraform_data" "a" { input = var.v }
resource "terraform_data" "b" {
  input      = local.l
  depends_on = [terraform_data.a]
}
resource "terraform_data" "c" {
  count = 2
  input = [terraform_data.a.id, terraform_data.b.id]
}
module "m" {
  source   = "./mod"
  for_each = { x = 1, y = 2 }
  in       = terraform_data.c[0].output
}
module "n" {
  source     = "./mod"
  in         = module.m["x"].out
  depends_on = [terraform_data.b]
}
data "terraform_remote_state" "r" {
  backend = "local"
  config  = { path = terraform_data.a.id }
}
resource "terraform_data" "whole" { input = module.n }
resource "terraform_data" "dep" {
  depends_on = [module.m, data.terraform_remote_state.r]
}
resource "terraform_data" "triggered" {
  lifecycle { replace_triggered_by = [terraform_data.whole] }
}
output "o" { value = terraform_data.dep.id }
check "k" {
  data "terraform_remote_state" "s" {
    backend = "local"
    config  = { path = "x.tfstate" }
  }
  assert {
    condition     = data.terraform_remote_state.s.outputs != null && terraform_data.a.id != ""
    error_message = "x"
  }
}
""",
    "mod/main.tf": """
variable "in" {}
resource "terraform_data" "p" { input = var.in }
resource "terraform_data" "alone" {}
module "inner" {
  source = "./inner"
  in     = terraform_data.p.id
}
output "out" { value = module.inner.out }
""",
    "mod/inner/main.tf": """
variable "in" {}
resource "terraform_data" "q" { input = var.in }
output "out" { value = terraform_data.q.id }
""",
}
CONSTRAINTS = """
terraform {
  required_providers {
    a = { version = "~> 5" }
    b = { version = "~> 5.1.2" }
    c = { version = "1.2.0-beta1" }
    d = { version = "= 1.2,>1.0" }
    e = { version = "~> 1.2.3-alpha" }
    f = { version = "<2,>1" }
    g = { source = "example.com/some/g" }
  }
}
resource "terraform_data" "x" {}
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    terraform("get", folder=tmp_path)
    return tmp_path


def ways(tree: str) -> set[str]:
    """Return, of each leaf or branch of a tree, the way to it from the root."""
    found: set[str] = set()
    above: list[str] = []
    for line in tree.splitlines():
        if "── " not in line:
            found.add(line)
            continue
        indent, _, label = line.partition("── ")
        above[len(indent) // 4 :] = [label]
        found.add(" / ".join(above))
    return found


def without_prose(value: Any) -> Any:
    """Return JSON without descriptions: ours are our own, and plain text."""
    if isinstance(value, dict):
        prose = ("description", "description_kind", "summary")
        return {k: without_prose(v) for k, v in value.items() if k not in prose}
    return value


def test_the_graph_of_resources_is_terraforms(folder: Path) -> None:
    expected = terraform("graph", folder=folder).stdout

    assert run_cotta("graph").stdout == expected


def test_trees_and_schemas_are_terraforms(folder: Path) -> None:
    for command in ("providers", "modules"):
        expected = terraform(command, folder=folder).stdout
        assert ways(run_cotta(command).stdout) == ways(expected), command
    expected = terraform("modules", "-json", folder=folder).stdout
    modules = json.loads(run_cotta("modules", "-json").stdout)["modules"]
    assert sorted(map(str, modules)) == sorted(map(str, json.loads(expected)["modules"]))

    expected = terraform("providers", "schema", "-json", folder=folder).stdout
    found = json.loads(run_cotta("providers", "schema", "-json").stdout)
    assert without_prose(found) == without_prose(json.loads(expected))


def test_version_constraints_are_printed_as_terraforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"main.tf": CONSTRAINTS})
    monkeypatch.chdir(tmp_path)

    expected = terraform("providers", folder=tmp_path).stdout
    assert ways(run_cotta("providers").stdout) == ways(expected)


def test_a_cycle_ends_as_terraforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cycle = """
resource "terraform_data" "x" { input = terraform_data.y.id }
resource "terraform_data" "y" { input = terraform_data.x.id }
"""
    write(tmp_path, {"main.tf": cycle})
    monkeypatch.chdir(tmp_path)

    for flags in ([], ["-draw-cycles"]):
        expected = terraform("graph", *flags, folder=tmp_path)
        assert run_cotta("graph", *flags).status == expected.returncode
