"""What runs of plan, apply and destroy tell and leave: found by comparing with terraform."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

ONE = """
variable "text" { default = "hello" }
resource "terraform_data" "a" { input = var.text }
output "text" { value = terraform_data.a.output }
"""


def a_folder(path: Path, monkeypatch: pytest.MonkeyPatch, text: str = ONE) -> None:
    (path / "main.tf").write_text(text, encoding="utf-8")
    monkeypatch.chdir(path)


CHAIN = """
resource "terraform_data" "a" {}
resource "terraform_data" "b" { input = terraform_data.a.id }
resource "terraform_data" "c" {
  count = 2
  input = terraform_data.b.output
}
output "c" { value = terraform_data.c[0].id }
"""


@pytest.mark.parametrize("text", [CHAIN, "# all of it is gone"], ids=["declared", "orphans"])
def test_the_end_of_a_target_is_the_end_of_what_stands_on_it_only(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch, CHAIN)
    run_cotta("apply", "-auto-approve")
    (tmp_path / "main.tf").write_text(text)

    done = run_cotta("destroy", "-auto-approve", "-target=terraform_data.b")

    assert done.status == 0
    assert "Destroy complete! Resources: 3 destroyed." in done.stdout
    assert run_cotta("state", "list").stdout == "terraform_data.a\n"
    assert "Resource targeting is in effect" in done.stdout
    assert run_cotta("output", "-raw", "c").stdout


def test_without_a_configuration_only_destroy_destroys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)
    run_cotta("apply", "-auto-approve")
    (tmp_path / "main.tf").unlink()

    refused = run_cotta("apply", "-auto-approve")

    assert refused.status == 1
    assert "Error: No configuration files\n" in refused.stderr
    assert run_cotta("state", "list").stdout == "terraform_data.a\n"
    assert run_cotta("destroy", "-auto-approve").status == 0


MOVED = """
resource "terraform_data" "b" { input = "hello" }
resource "terraform_data" "n" {
  lifecycle { prevent_destroy = true }
}
moved {
  from = terraform_data.a
  to   = terraform_data.b
}
"""


def test_moves_are_told_by_both_names_and_must_be_targets_by_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)
    run_cotta("apply", "-auto-approve")
    (tmp_path / "main.tf").write_text(MOVED)

    planned = run_cotta("plan")
    refused = run_cotta("plan", "-target=terraform_data.b")
    targeted = run_cotta("plan", "-target=terraform_data.b", "-target=terraform_data.a")

    assert "  # terraform_data.a has moved to terraform_data.b\n" in planned.stdout
    assert "Error: Moved resource instances excluded by targeting\n" in refused.stderr
    assert '\n│   -target="terraform_data.a"\n' in refused.stderr
    assert targeted.status == 0


def test_what_is_only_labelled_otherwise_is_an_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)
    run_cotta("apply", "-auto-approve")
    secret = 'resource "terraform_data" "a" { input = sensitive("hello") }\n'
    (tmp_path / "main.tf").write_text(secret + 'output "text" { value = "hello" }')

    done = run_cotta("apply", "-auto-approve")

    assert (
        "# display in UI output after applying this change. The value is unchanged." in done.stdout
    )
    assert "terraform_data.a: Modifications complete after 0s" in done.stdout
    assert "Resources: 0 added, 1 changed, 0 destroyed." in done.stdout
    assert run_cotta("plan", "-detailed-exitcode").status == 0


def test_an_end_that_is_prevented_shows_no_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch, MOVED)
    run_cotta("apply", "-auto-approve")

    done = run_cotta("destroy", "-auto-approve")

    assert done.status == 1
    assert "will be destroyed" not in done.stdout
    assert "Instance cannot be destroyed" in done.stderr


IGNORING = """
resource "terraform_data" "kept" {
  input = FIRST
  lifecycle { ignore_changes = [input] }
}
resource "terraform_data" "replaced" {
  input            = FIRST
  triggers_replace = SECOND
  lifecycle { ignore_changes = [input] }
}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [('sensitive("old")', '"new"'), ('"old"', 'sensitive("new")')],
    ids=["label taken off", "label put on"],
)
def test_ignored_changes_count_only_for_what_is_made_anew(
    before: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch, IGNORING.replace("FIRST", before).replace("SECOND", "1"))
    run_cotta("apply", "-auto-approve")
    (tmp_path / "main.tf").write_text(
        IGNORING.replace("FIRST", after).replace("SECOND", "2"), encoding="utf-8"
    )

    done = run_cotta("apply", "-auto-approve")

    assert done.status == 0, done.stderr
    assert "Plan: 1 to add, 0 to change, 1 to destroy." in done.stdout
    assert "new" not in done.stdout
    state = json.loads((tmp_path / "terraform.tfstate").read_text())
    objects = [resource["instances"][0] for resource in state["resources"]]
    assert [one["attributes"]["input"]["value"] for one in objects] == ["old", "new"]
    assert bool(objects[0]["sensitive_attributes"]) == ("sensitive" in before)
    assert bool(objects[1]["sensitive_attributes"]) == ("sensitive" in after)
    assert run_cotta("plan", "-detailed-exitcode").status == 0
