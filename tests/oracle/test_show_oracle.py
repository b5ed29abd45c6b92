"""`show` of states and saved plans prints what terraform's prints."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.test_init_oracle import summaries
from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.oracle

CONFIGURATION = """
variable "v" {
  default = 1
  validation {
    condition     = var.v > 0
    error_message = "low"
  }
}
variable "u" { default = ["q"] }
variable "secret" {
  default   = "s3"
  sensitive = true
}
module "z" { source = "./m" }
resource "terraform_data" "a" {
  input = var.v
  provisioner "local-exec" {
    command = "echo ${self.input} >/dev/null"
    when    = create
  }
  lifecycle {
    postcondition {
      condition     = self.input > 5
      error_message = "low"
    }
  }
}
resource "terraform_data" "b" {
  for_each         = toset(["x", "y"])
  input            = [terraform_data.a.output, var.secret]
  triggers_replace = var.v
}
check "c" {
  assert {
    condition     = var.v > 0
    error_message = "no"
  }
}
output "o" {
  value = terraform_data.a.id
  precondition {
    condition     = var.v > 1
    error_message = "z"
  }
}
"""
MODULE = """
resource "terraform_data" "in" {
  count = 2
  lifecycle {
    precondition {
      condition     = path.root != ""
      error_message = "never"
    }
  }
}
"""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which terraform has applied the configuration."""
    folder = tmp_path_factory.mktemp("origin")
    (folder / "main.tf").write_text(CONFIGURATION)
    (folder / "m").mkdir()
    (folder / "m" / "m.tf").write_text(MODULE)
    assert terraform("init", folder=folder).returncode == 0
    done = terraform("apply", "-auto-approve", "-var=v=10", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def twins(origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder in (theirs, ours):
        shutil.copytree(origin, folder)
    monkeypatch.chdir(ours)
    return theirs, ours


def words(text: str) -> list[str]:
    return text.replace("Terraform", "Cotta").split()


def tree(text: str) -> Any:
    document = json.loads(text)
    document.pop("timestamp", None)
    return document


PLANS = [
    ["-var=v=10"],
    ["-var=v=11"],
    ["-destroy", "-var=v=10"],
    ["-replace=terraform_data.a", "-var=v=10", "-var=u=[]"],
    ["-refresh-only", "-var=v=10"],
]


@pytest.mark.parametrize("flags", PLANS, ids=" ".join)
def test_a_saved_plan_is_shown_as_terraform_does(
    twins: tuple[Path, Path], flags: list[str]
) -> None:
    theirs, _ = twins
    assert terraform("plan", "-out=p", *flags, folder=theirs).returncode == 0
    assert run_cotta("plan", "-out=p", *flags).status == 0

    expected, found = terraform("show", "-no-color", "p", folder=theirs), run_cotta("show", "p")
    assert (found.status, words(found.stdout)) == (0, words(expected.stdout))
    expected, found = (
        terraform("show", "-json", "p", folder=theirs),
        run_cotta("show", "-json", "p"),
    )
    known, shown = tree(expected.stdout), tree(found.stdout)
    for one in (known, shown):
        one.get("relevant_attributes", []).sort(key=json.dumps)
    assert shown == known


def test_a_state_is_shown_as_terraform_does(twins: tuple[Path, Path]) -> None:
    theirs, _ = twins

    assert tree(run_cotta("show", "-json").stdout) == tree(
        terraform("show", "-json", folder=theirs).stdout
    )
    assert words(run_cotta("show").stdout) == words(
        terraform("show", "-no-color", folder=theirs).stdout
    )
    assert tree(run_cotta("show", "-json", "terraform.tfstate").stdout) == tree(
        terraform("show", "-json", "terraform.tfstate", folder=theirs).stdout
    )


@pytest.mark.parametrize("line", [["nope"], ["main.tf"], ["broken.zip"], ["a", "b"]], ids=" ".join)
def test_what_is_neither_is_refused(twins: tuple[Path, Path], line: list[str]) -> None:
    theirs, ours = twins
    for folder in twins:
        (folder / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    assert ours.is_dir()

    expected, found = terraform("show", *line, folder=theirs), run_cotta("show", *line)

    assert found.status == expected.returncode == 1
    if line != ["a", "b"]:
        assert summaries(found.stderr) == summaries(expected.stderr)
