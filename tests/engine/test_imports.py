"""Imports with a provider that has something to find, and with one that has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TWO = """
import {
  for_each = toset(["0", "1"])
  to       = terraform_data.a[tonumber(each.key)]
  id       = "old-${each.key}"
}
resource "terraform_data" "a" { count = 2 }
"""


def test_objects_are_taken_over_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(TWO)

    first = run_cotta("apply", "-auto-approve")
    again = run_cotta("plan", "-detailed-exitcode")

    assert "Plan: 2 to import, 0 to add, 0 to change, 0 to destroy." in first.stdout
    assert "Apply complete! Resources: 2 imported, 0 added" in first.stdout
    assert 'id = "old-1"' in run_cotta("state", "show", "terraform_data.a[1]").stdout
    assert (again.status, again.stderr) == (0, "")


def test_one_object_can_not_become_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(TWO.replace("tonumber(each.key)", "0"))

    done = run_cotta("plan")

    assert done.status == 1
    assert 'Duplicate import configuration for "terraform_data.a[0]"' in done.stderr


def test_an_instance_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(TWO.replace("count = 2", "count = 1"))

    done = run_cotta("plan")

    assert done.status == 1
    assert "Configuration for import target does not exist" in done.stderr
    assert "terraform_data.a[1]" in done.stderr
