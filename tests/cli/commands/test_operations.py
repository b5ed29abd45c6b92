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


def test_apply_makes_what_is_declared_and_then_finds_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)

    first = run_cotta("apply", "-auto-approve")
    again = run_cotta("plan", "-detailed-exitcode")

    assert first.status == 0
    assert "Apply complete! Resources: 1 added, 0 changed, 0 destroyed." in first.stdout
    assert first.stdout.endswith('Outputs:\n\ntext = "hello"\n')
    assert again.status == 0
    assert "No changes. Your infrastructure matches the configuration." in again.stdout


def test_a_plan_with_changes_can_say_so_in_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)

    assert run_cotta("plan", "-detailed-exitcode").status == 2
    assert not (tmp_path / "terraform.tfstate").exists()


def test_a_saved_plan_is_carried_out_as_it_is_and_only_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)
    assert run_cotta("plan", "-out=saved", "-var=text=kept").status == 0
    (tmp_path / "main.tf").write_text("", encoding="utf-8")

    done = run_cotta("apply", "saved")
    stale = run_cotta("apply", "saved")

    assert done.status == 0
    assert 'text = "kept"' in done.stdout
    assert stale.status == 1
    assert "Saved plan is stale" in stale.stderr


def test_without_a_yes_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_folder(tmp_path, monkeypatch)

    answer = run_cotta("apply", stdin=b"y\n")

    assert answer.status == 1
    assert answer.stdout.endswith("Apply cancelled.\n")
    assert not (tmp_path / "terraform.tfstate").exists()


def test_destroy_takes_everything_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_folder(tmp_path, monkeypatch)
    run_cotta("apply", "-auto-approve")

    done = run_cotta("destroy", "-auto-approve")

    assert done.status == 0
    assert "Destroy complete! Resources: 1 destroyed." in done.stdout
    state = json.loads((tmp_path / "terraform.tfstate").read_text(encoding="utf-8"))
    assert (state["resources"], state["outputs"]) == ([], {})


def test_a_failing_provisioner_taints_what_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
    resource "terraform_data" "a" {
      provisioner "local-exec" { command = "echo one; echo two >&2; exit 3" }
    }
    """
    a_folder(tmp_path, monkeypatch, text)

    failed = run_cotta("apply", "-auto-approve")
    state = json.loads((tmp_path / "terraform.tfstate").read_text(encoding="utf-8"))

    assert failed.status == 1
    assert "terraform_data.a (local-exec): one\n" in failed.stdout
    assert "terraform_data.a (local-exec): two\n" in failed.stdout
    assert "exit status 3" in failed.stderr
    assert state["resources"][0]["instances"][0]["status"] == "tainted"


def test_the_stream_has_a_record_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_folder(tmp_path, monkeypatch)

    answer = run_cotta("apply", "-json", "-auto-approve")

    records = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [record["type"] for record in records] == [
        "version",
        "planned_change",
        "change_summary",
        "outputs",
        "apply_start",
        "apply_complete",
        "change_summary",
        "outputs",
    ]


def test_every_mistake_is_told_and_nothing_is_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
    resource "terraform_data" "a" { input = var.missing }
    resource "terraform_data" "b" { inpt = 1 }
    """
    a_folder(tmp_path, monkeypatch, text)

    answer = run_cotta("validate", "-json")

    found = json.loads(answer.stdout)
    assert answer.status == 1
    assert (found["valid"], found["error_count"] >= 1) == (False, True)
    assert found["diagnostics"][0]["summary"] == "Reference to undeclared input variable"


WARNED = """
variable "size" { default = 3 }
check "size" {
  assert {
    condition     = var.size > 5
    error_message = "too small"
  }
}
"""


def test_warnings_are_part_of_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_folder(tmp_path, monkeypatch, WARNED)
    (tmp_path / "more.tfvars").write_text("other = 1\n")

    full = run_cotta("plan", "-var-file=more.tfvars")
    brief = run_cotta("plan", "-var-file=more.tfvars", "-compact-warnings")

    assert (full.stderr, brief.stderr) == ("", "")
    assert "│     │ var.size is 3\n" in full.stdout
    assert full.stdout.index("Value for undeclared variable") < full.stdout.index("too small")
    assert brief.stdout.endswith(
        "\nWarnings:\n\n- Value for undeclared variable\n- Check block assertion failed\n"
        "  on main.tf line 5\n\n"
        "To see the full warning notes, run Cotta without -compact-warnings.\n"
    )


def test_checks_are_told_once_by_an_apply_that_asks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch, ONE + WARNED)

    done = run_cotta("apply", "-auto-approve")

    assert done.stdout.count("too small") == 1
    assert done.stdout.index("Creation complete") < done.stdout.index("too small")


def test_a_plan_with_mistakes_is_kept_to_be_looked_at_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch, ONE + 'resource "terraform_data" "b" { input = 1 + var.text }')

    planned = run_cotta("plan", "-out=saved")
    applied = run_cotta("apply", "saved")

    assert planned.status == 1
    assert "planned the following actions, but then encountered a problem" in planned.stdout
    assert "# terraform_data.a will be created" in run_cotta("show", "saved").stdout
    assert applied.status == 1
    assert "Cannot apply incomplete plan" in applied.stderr
    assert not (tmp_path / "terraform.tfstate").exists()


EPHEMERAL = """
variable "token" {
  default   = "hush"
  ephemeral = true
}
"""


@pytest.mark.parametrize(
    ("block", "summary"),
    [
        ('resource "terraform_data" "a" { input = [var.token] }', "Invalid use of ephemeral value"),
        ('output "o" { value = terraform.applying }', "Ephemeral value not allowed"),
        ('output "o" {\nvalue = 1\nephemeral = true\n}', "Ephemeral output not allowed"),
        ('module "m" {\nsource = "./m"\ntoken = var.token\n}', "Ephemeral value not allowed"),
        ('module "f" { source = "./f" }', "Value not allowed in ephemeral output"),
    ],
)
def test_what_is_ephemeral_is_kept_nowhere(
    block: str, summary: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (
        ("m", 'variable "token" {}'),
        ("f", 'output "o" {\nvalue = 1\nephemeral = true\n}'),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    a_folder(tmp_path, monkeypatch, EPHEMERAL + block)
    run_cotta("init")

    assert f"Error: {summary}\n" in run_cotta("validate").stderr
    done = run_cotta("apply", "-auto-approve")

    assert done.status == 1
    assert f"Error: {summary}\n" in done.stderr
    assert "hush" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("line", "summary"),
    [
        ("destroy -refresh-only -auto-approve", "Invalid mode option"),
        ("destroy -destroy -auto-approve", "Invalid mode option"),
        ("apply -destroy -refresh-only -auto-approve", "Incompatible plan mode options"),
        ("apply -refresh-only -refresh=false -auto-approve", "Incompatible refresh options"),
        ("apply -destroy -replace=terraform_data.a -auto-approve", "Unsupported plan mode"),
        ("apply -parallelism=-1 -auto-approve", "Invalid parallelism value"),
        ("plan -generate-config-out=x", "Configuration can't be generated yet"),
    ],
)
def test_flags_that_do_not_go_together_change_nothing(
    line: str, summary: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_folder(tmp_path, monkeypatch)
    run_cotta("apply", "-auto-approve")
    before = (tmp_path / "terraform.tfstate").read_bytes()

    ended = run_cotta(*line.split())

    assert ended.status == 1
    assert f"Error: {summary}\n" in ended.stderr
    assert (tmp_path / "terraform.tfstate").read_bytes() == before


def test_an_empty_out_saves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_folder(tmp_path, monkeypatch)

    assert run_cotta("plan", "-out=").status == 0


def test_ending_everything_leaves_nothing_to_be_read_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = (
        'data "terraform_remote_state" "r" {\n  backend = "local"\n'
        '  config = { path = "terraform.tfstate" }\n  depends_on = [terraform_data.a]\n}\n'
    )
    a_folder(tmp_path, monkeypatch)
    run_cotta("apply", "-auto-approve")
    a_folder(tmp_path, monkeypatch, ONE + other)

    planned = run_cotta("plan", "-destroy", "-var=text=new")

    assert planned.status == 0
    assert "will be read during apply" not in planned.stdout
    assert "Plan: 0 to add, 0 to change, 1 to destroy." in planned.stdout
