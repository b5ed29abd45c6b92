from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

NEEDS = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "< 6, ~> 5.1"
    }
  }
}
resource "terraform_data" "x" {}
module "m" { source = "./m" }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def a_folder(folder: Path) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "m.tf").write_text('resource "random_id" "r" {}', encoding="utf-8")
    (folder / "main.tf").write_text(NEEDS, encoding="utf-8")
    run_cotta("get")


def test_providers_are_a_tree_with_the_versions_asked_for(folder: Path) -> None:
    a_folder(folder)

    assert run_cotta("providers").stdout == (
        "\nProviders required by configuration:\n"
        ".\n"
        "├── provider[registry.terraform.io/hashicorp/aws] ~> 5.1, < 6.0.0\n"
        "├── provider[terraform.io/builtin/terraform]\n"
        "└── module.m\n"
        "    └── provider[registry.terraform.io/hashicorp/random]\n"
        "\n"
    )


def test_providers_of_the_state_are_named_besides(folder: Path) -> None:
    (folder / "main.tf").write_text('resource "terraform_data" "x" {}', encoding="utf-8")
    run_cotta("apply", "-auto-approve")

    assert run_cotta("providers").stdout.endswith(
        "Providers required by state:\n\n    provider[terraform.io/builtin/terraform]\n\n"
    )


def test_modules_are_a_tree_or_a_record(folder: Path) -> None:
    a_folder(folder)

    assert run_cotta("modules").stdout == (
        '\nModules declared by configuration:\n.\n└── "m"[./m]\n\n'
    )
    assert json.loads(run_cotta("modules", "-json").stdout) == {
        "format_version": "1.0",
        "modules": [{"key": "m", "source": "./m", "version": ""}],
    }


def test_without_modules_that_is_said() -> None:
    assert run_cotta("modules").stdout == "No modules found in configuration.\n"


def test_schemas_are_printed_as_json_only(folder: Path) -> None:
    (folder / "main.tf").write_text('resource "terraform_data" "x" {}', encoding="utf-8")

    asked = run_cotta("providers", "schema")
    shown = json.loads(run_cotta("providers", "schema", "-json").stdout)

    assert (asked.status, asked.stdout) == (1, "")
    builtin = shown["provider_schemas"]["terraform.io/builtin/terraform"]
    assert builtin["resource_schemas"]["terraform_data"]["block"]["attributes"]["id"] == {
        "type": "string",
        "description_kind": "plain",
        "computed": True,
    }


@pytest.mark.parametrize("command", [("lock",), ("mirror", "copies")])
def test_there_is_nothing_to_lock_or_copy_where_all_is_native(
    folder: Path, command: tuple[str, ...]
) -> None:
    (folder / "main.tf").write_text('resource "terraform_data" "x" {}', encoding="utf-8")

    ended = run_cotta("providers", *command)

    assert ended.status == 0
    assert "is part of Cotta" in ended.stdout


@pytest.mark.parametrize(
    "command", [("schema", "-json"), ("lock",), ("mirror", "copies")], ids=lambda words: words[0]
)
def test_a_provider_that_is_not_there_is_named(folder: Path, command: tuple[str, ...]) -> None:
    a_folder(folder)

    ended = run_cotta("providers", *command)

    assert (ended.status, ended.stdout) == (1, "")
    assert "hashicorp/aws" in ended.stderr
