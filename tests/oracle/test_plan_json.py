"""Plans as JSON are terraform's, for the same folder and the same state.

Terraform applies the first version of each configuration; both then plan the
second from its state.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cotta.configs.json_config import ConfigurationRenderer
from cotta.diagnostics import Diagnostics
from cotta.engine.plan_walk import make_plan
from cotta.engine.world import PlanOptions
from cotta.plans.changes import PlanMode
from cotta.plans.json_plan import render_plan
from cotta.providers.builtin.provider import BuiltinProvider
from cotta.schemas.model import Block, Schema
from cotta.states.model import Snapshot, State
from cotta.states.statefile import parse_state
from cotta.system.ids import CountedIds
from cotta.values.json_text import write_json
from tests.oracle.witnesses import terraform
from tests.support.engine import Stage, a_configuration

if TYPE_CHECKING:
    from pathlib import Path

    from cotta.addrs.providers import ProviderSource
    from cotta.addrs.resources import Resource

pytestmark = pytest.mark.oracle

CREATION = """
variable "n" {
  type    = number
  default = 2
}

variable "secret" {
  default   = "s3cret"
  sensitive = true
}

locals {
  list = { a = [1, "b", null], e = {}, l = [] }
}

resource "terraform_data" "counted" {
  count = var.n
  input = { index = count.index, secret = var.secret, list = local.list }
}

resource "terraform_data" "each" {
  for_each         = toset(["x", "y"])
  input            = "${each.key}-${terraform_data.counted[0].id}"
  triggers_replace = [terraform_data.counted[1].output.index, local.list["a"][0]]
  lifecycle {
    create_before_destroy = true
  }
}

resource "terraform_data" "later" {
  input      = [for d in terraform_data.each : d.id]
  depends_on = [terraform_data.counted]
}

output "known" {
  value       = local.list
  description = "what is known"
}

output "hidden" {
  value     = { a = var.secret, b = terraform_data.later.id }
  sensitive = true
}

output "unknown" {
  value = [terraform_data.later.id, 1]
}
"""

CHANGES = (
    """
variable "v" {
  default = "one"
}
resource "terraform_data" "updated" { input = { v = var.v, s = sensitive("x") } }
resource "terraform_data" "unchanged" { input = ["same"] }
resource "terraform_data" "replaced" { triggers_replace = var.v }
resource "terraform_data" "gone" {}
resource "terraform_data" "old" { input = terraform_data.unchanged.id }
resource "terraform_data" "counted" { count = 3 }
resource "terraform_data" "forgotten" {}
output "dropped" { value = 1 }
output "kept" { value = { a = "k" } }
output "changed" { value = [terraform_data.updated.output, "k"] }
""",
    """
variable "v" {
  default = "two"
}
resource "terraform_data" "updated" { input = { v = var.v, s = sensitive("x") } }
resource "terraform_data" "unchanged" { input = ["same"] }
resource "terraform_data" "replaced" { triggers_replace = var.v }
resource "terraform_data" "new" { input = terraform_data.unchanged.id }
resource "terraform_data" "counted" { count = 1 }
moved {
  from = terraform_data.old
  to   = terraform_data.new
}
removed {
  from = terraform_data.forgotten
  lifecycle {
    destroy = false
  }
}
output "kept" { value = { a = "k" } }
output "changed" { value = [terraform_data.updated.output, "k"] }
""",
)

IGNORING = (
    """
resource "terraform_data" "path" {
  input = { x = 1, y = 2 }
  lifecycle {
    ignore_changes = [input.x]
  }
}
resource "terraform_data" "key" {
  input = tomap({ x = 1, y = 2 })
  lifecycle {
    ignore_changes = [input["x"]]
  }
}
resource "terraform_data" "all" {
  input            = "a"
  triggers_replace = "a"
  lifecycle {
    ignore_changes = all
  }
}
resource "terraform_data" "became_secret" { input = "a" }
""",
    """
resource "terraform_data" "path" {
  input = { x = 10, y = 20 }
  lifecycle {
    ignore_changes = [input.x]
  }
}
resource "terraform_data" "key" {
  input = tomap({ x = 10, y = 20 })
  lifecycle {
    ignore_changes = [input["x"]]
  }
}
resource "terraform_data" "all" {
  input            = "b"
  triggers_replace = "b"
  lifecycle {
    ignore_changes = all
  }
}
resource "terraform_data" "became_secret" { input = sensitive("a") }
""",
)


def by_terraform(folder: Path, before: str, text: str, *flags: str) -> dict[str, Any]:
    """Return terraform's plan for `text` where `before` has been applied."""
    main = folder / "main.tf"
    main.write_text(before)
    assert terraform("init", folder=folder).returncode == 0
    if before:
        applied = terraform("apply", "-auto-approve", "-no-color", folder=folder)
        assert applied.returncode == 0, applied.stderr
    main.write_text(text)
    planned = terraform("plan", "-no-color", "-out=p", *flags, folder=folder)
    assert planned.returncode == 0, planned.stderr
    shown = terraform("show", "-json", "p", folder=folder)
    plan: dict[str, Any] = json.loads(shown.stdout)
    return plan


def by_us(folder: Path, text: str, mode: PlanMode) -> dict[str, Any]:
    """Return our plan for `text`, from the state that terraform left."""
    found = Diagnostics()
    path = folder / "terraform.tfstate"
    snapshot = parse_state(path.read_bytes(), "s", found) if path.exists() else None
    assert list(found) == []
    configuration = a_configuration(text)
    planning = make_plan(
        Stage().world(configuration),
        PlanOptions(mode=mode),
        snapshot if snapshot is not None else Snapshot(state=State()),
    )
    assert not planning.has_errors, planning.diagnostics
    declared = BuiltinProvider(CountedIds(), lambda _path: None).schema()

    def resource_schema(_source: ProviderSource, resource: Resource) -> Schema | None:
        return declared.resources.get(resource.type)

    renderer = ConfigurationRenderer(
        configuration,
        resource_schema=resource_schema,
        provider_schema=lambda _source: declared.provider,
        provisioner_schema=lambda _type: Schema(Block()),
    )
    rendered = render_plan(
        planning.plan, resource_schema, version="1.11.4", configuration=renderer.render()
    )
    plan: dict[str, Any] = json.loads(write_json(rendered))
    return plan


def compared(plan: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be equal: not the time, nor the order of what decided something."""
    plan.get("relevant_attributes", []).sort(key=json.dumps)
    return {key: value for key, value in plan.items() if key != "timestamp"}


@pytest.mark.parametrize(
    ("before", "text", "mode"),
    [
        ("", CREATION, PlanMode.NORMAL),
        (CREATION, CREATION, PlanMode.NORMAL),
        (CREATION, CREATION, PlanMode.DESTROY),
        (*CHANGES, PlanMode.NORMAL),
        (*IGNORING, PlanMode.NORMAL),
    ],
    ids=["create", "nothing", "destroy", "change", "ignore"],
)
def test_a_plan_is_terraforms(before: str, text: str, mode: PlanMode, tmp_path: Path) -> None:
    flags = ["-destroy"] if mode is PlanMode.DESTROY else []

    theirs = compared(by_terraform(tmp_path, before, text, *flags))

    ours = compared(by_us(tmp_path, text, mode))
    assert list(ours) == list(theirs)
    for key, value in theirs.items():
        assert write_json(ours[key], indent=1) == write_json(value, indent=1), key
