"""State files travel between terraform and Cotta without losing a byte."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cotta.diagnostics import Diagnostics
from cotta.states.encode import encode_state
from cotta.states.statefile import parse_state
from tests.oracle.witnesses import terraform

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.oracle

CHILD = """
variable "x" {}
resource "terraform_data" "a" {
  for_each = toset(["k", "a\\"q", "$${z}", "é"])
  input    = var.x
}
output "id" { value = terraform_data.a["k"].id }
"""

ROOT = """
variable "secret" {
  default   = "s3"
  sensitive = true
}
module "n" {
  source   = "./net"
  for_each = toset(["b", "a"])
  x        = "hi <&> ${each.key}"
}
resource "terraform_data" "c" {
  count = 12
  input = { a = 1.5, b = [1, null], c = "u\\u2028\\u0001\\u0008", s = var.secret, n = 1e30 }
  triggers_replace = [module.n["a"].id, count.index]
  lifecycle {
    create_before_destroy = true
    postcondition {
      condition     = self.id != ""
      error_message = "no"
    }
  }
}
resource "terraform_data" "bad" {
  input = terraform_data.c[0].output
  provisioner "local-exec" { command = "exit 1" }
}
data "terraform_remote_state" "r" {
  backend = "local"
  config  = { path = "${path.module}/other.tfstate" }
}
output "ids" { value = terraform_data.c[*].id }
output "secret" {
  value     = var.secret
  sensitive = true
}
output "shapes" { value = { f = 0.1, big = 123456789012345678901234567890, s = toset(["b", "a"]) } }
output "map" { value = tomap({ x = "1" }) }
output "none" { value = tolist([]) }
check "chk" {
  assert {
    condition     = terraform_data.c[0].id == ""
    error_message = "bad check"
  }
}
"""


def a_folder(folder: Path) -> Path:
    """Return `folder` with a state that terraform made of everything a state can hold."""
    (folder / "net").mkdir()
    (folder / "net" / "main.tf").write_text(CHILD)
    (folder / "main.tf").write_text(ROOT)
    other = {"version": 4, "outputs": {"q": {"value": "w", "type": "string"}}, "resources": []}
    (folder / "other.tfstate").write_text(json.dumps(other))
    assert terraform("init", folder=folder).returncode == 0
    # The failed provisioner leaves a tainted object.
    assert terraform("apply", "-auto-approve", folder=folder).returncode == 1
    return folder


def test_state_by_terraform_is_written_back_to_the_byte(tmp_path: Path) -> None:
    content = (a_folder(tmp_path) / "terraform.tfstate").read_bytes()
    diags = Diagnostics()

    snapshot = parse_state(content, "terraform.tfstate", diags)

    assert list(diags) == []
    assert snapshot is not None
    assert encode_state(snapshot).decode() == content.decode()


@pytest.mark.parametrize("start", range(4))
def test_terraform_reads_what_we_read(tmp_path: Path, start: int) -> None:
    heads = ['"x"', "1", "null", '{"a": [1, 2.50, -0, 1e5, "\\ud83d\\ude00", "\\/"]}']
    part = f"""{{"version": 4, "terraform_version": "1.11.4", "serial": {start}, "lineage": "x",
      "outputs": {{}}, "resources": [{{"mode": "managed", "type": "a", "name": "b",
      "provider": "provider.x", "instances": [{{"attributes": {{"v": {heads[start]}}}}},
      {{"deposed": "0123abcd", "index_key": 1}}]}}]}}"""
    (tmp_path / "terraform.tfstate").write_text(part)
    diags = Diagnostics()

    snapshot = parse_state(part.encode(), "s", diags)
    pulled = terraform("state", "pull", folder=tmp_path)

    assert list(diags) == []
    assert snapshot is not None
    assert json.loads(encode_state(snapshot)) == json.loads(pulled.stdout)
