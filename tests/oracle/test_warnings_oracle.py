"""Warnings are told by the commands that terraform tells them in, as often, and as shortly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.oracle

CONFIGURATION = """
resource "terraform_data" "a" {
  input = 1
  lifecycle {
    ignore_changes = ["input"]
  }
  depends_on = ["terraform_data.b"]
}

resource "terraform_data" "b" {}

check "one" {
  assert {
    condition     = terraform_data.a.input == 2
    error_message = "It is not two."
  }
}

check "other" {
  assert {
    condition     = terraform_data.a.input == 3
    error_message = "It is not three."
  }
}
"""

COMMANDS = (
    ("validate",),
    ("plan",),
    ("plan", "-compact-warnings"),
    ("apply", "-auto-approve"),
    ("refresh",),
    ("destroy", "-auto-approve", "-compact-warnings"),
)


def warnings_in(text: str) -> list[str]:
    """Return the titles of warnings, and what is said of others like them, in order."""
    return re.findall(r"Warning: .*|^- .*|\(and .*\)", text, re.MULTILINE)


def test_warnings_are_terraforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder in (theirs, ours):
        folder.mkdir()
        (folder / "main.tf").write_text(CONFIGURATION)
        (folder / "terraform.tfvars").write_text("undeclared = 1\n")
    assert terraform("init", folder=theirs).returncode == 0
    monkeypatch.chdir(ours)

    for command in COMMANDS:
        expected = terraform(command[0], "-no-color", *command[1:], folder=theirs)
        found = run_cotta(*command)

        assert found.status == expected.returncode, command
        assert sorted(warnings_in(found.stdout)) == sorted(warnings_in(expected.stdout)), command
