"""State files travel between terraform and Cotta without losing a byte."""

from __future__ import annotations

import json
from dataclasses import replace
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


VERSION_3 = r"""
{
 "version": 3,
 "terraform_version": "0.11.14",
 "serial": 7,
 "lineage": "abc",
 "modules": [
  {
   "path": [
    "root"
   ],
   "outputs": {
    "s": {
     "sensitive": false,
     "type": "string",
     "value": "v"
    },
    "l": {
     "sensitive": true,
     "type": "list",
     "value": [
      "a",
      "b"
     ]
    },
    "m": {
     "sensitive": false,
     "type": "map",
     "value": {
      "k": "v"
     }
    }
   },
   "resources": {
    "null_resource.a": {
     "type": "null_resource",
     "depends_on": [
      "null_resource.b",
      "module.net",
      "data.null_data_source.d",
      "null_resource.c.*",
      "var.x"
     ],
     "primary": {
      "id": "1",
      "attributes": {
       "id": "1",
       "triggers.%": "1",
       "triggers.k": "v"
      },
      "meta": {
       "schema_version": "2",
       "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0": {
        "create": 600
       }
      },
      "tainted": true
     },
     "deposed": [],
     "provider": "provider.null"
    },
    "null_resource.b": {
     "type": "null_resource",
     "depends_on": [],
     "primary": {
      "id": "2",
      "attributes": {
       "id": "2"
      },
      "meta": {},
      "tainted": false
     },
     "deposed": [],
     "provider": "provider.null.west"
    },
    "null_resource.c.1": {
     "type": "null_resource",
     "depends_on": [],
     "primary": {
      "id": "4",
      "attributes": {
       "id": "4"
      },
      "meta": {},
      "tainted": false
     },
     "deposed": [
      {
       "id": "9",
       "attributes": {
        "id": "9"
       },
       "meta": {},
       "tainted": false
      }
     ],
     "provider": ""
    },
    "null_resource.c.0": {
     "type": "null_resource",
     "depends_on": [],
     "primary": {
      "id": "3",
      "attributes": {
       "id": "3"
      },
      "meta": {},
      "tainted": false
     },
     "deposed": []
    },
    "data.null_data_source.d": {
     "type": "null_data_source",
     "depends_on": [],
     "primary": {
      "id": "5",
      "attributes": {
       "id": "5"
      },
      "meta": {},
      "tainted": false
     },
     "deposed": [],
     "provider": "provider.null"
    }
   },
   "depends_on": []
  },
  {
   "path": [
    "root",
    "net"
   ],
   "outputs": {},
   "resources": {
    "aws_vpc.v": {
     "type": "aws_vpc",
     "depends_on": [
      "aws_x.y"
     ],
     "primary": {
      "id": "6",
      "attributes": {
       "id": "6"
      },
      "meta": {
       "schema_version": 1
      },
      "tainted": false
     },
     "deposed": [],
     "provider": "module.net.provider.aws"
    }
   },
   "depends_on": []
  }
 ]
}
"""


def test_state_of_version_3_is_upgraded_as_terraform_does(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfstate").write_text(VERSION_3)
    diags = Diagnostics()

    snapshot = parse_state(VERSION_3.encode(), "terraform.tfstate", diags)

    assert list(diags) == []
    assert snapshot is not None
    pulled = json.loads(terraform("state", "pull", folder=tmp_path).stdout)
    found = json.loads(encode_state(replace(snapshot, terraform_version="1.11.4")))
    assert found == pulled
