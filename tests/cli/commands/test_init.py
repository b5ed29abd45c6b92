"""`cotta init` and `cotta get`, without another program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_provider_that_is_not_there_is_named_with_those_that_are(folder: Path) -> None:
    (folder / "main.tf").write_text('resource "nope_thing" "x" {}')

    done = run_cotta("init")

    assert done.status == 1
    assert "Error: Failed to query available provider packages" in done.stderr
    assert "hashicorp/nope" in done.stderr
    assert "terraform.io/builtin/terraform" in done.stderr


def test_a_backend_elsewhere_is_refused_by_name_and_can_be_left_out(folder: Path) -> None:
    (folder / "main.tf").write_text('terraform {\n  backend "s3" {}\n}\n')

    refused = run_cotta("init")
    left_out = run_cotta("init", "-backend=false")

    assert refused.status == 1
    assert "Unsupported backend type" in refused.stderr
    assert '"s3"' in refused.stderr
    assert left_out.status == 0


def test_a_folder_of_terraforms_with_a_backend_elsewhere_is_refused_by_all(folder: Path) -> None:
    (folder / ".terraform").mkdir()
    record = {"version": 3, "backend": {"type": "s3", "config": {"bucket": "b"}, "hash": 1}}
    (folder / ".terraform" / "terraform.tfstate").write_text(json.dumps(record))

    for line in (["state", "list"], ["plan"], ["output"]):
        done = run_cotta(*line)
        assert done.status == 1
        assert "Unsupported backend type" in done.stderr


def test_a_remembered_backend_that_is_damaged_is_told_and_can_be_written_anew(
    folder: Path,
) -> None:
    (folder / "main.tf").write_text('terraform {\n  backend "local" { path = "s" }\n}\n')
    (folder / ".terraform").mkdir()
    (folder / ".terraform" / "terraform.tfstate").write_text("{")

    damaged = run_cotta("plan")
    again = run_cotta("init", "-reconfigure")

    assert damaged.status == 1
    assert "Failed to load the backend configuration" in damaged.stderr
    assert again.status == 0
    assert run_cotta("plan").status == 0


def test_get_names_what_is_new_only(folder: Path) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "m.tf").touch()
    (folder / "main.tf").write_text('module "a" { source = "./m" }')

    assert run_cotta("get").stdout == "- a in m\n"
    assert run_cotta("get").stdout == ""
    assert run_cotta("get", "-update").stdout == "- a in m\n"
