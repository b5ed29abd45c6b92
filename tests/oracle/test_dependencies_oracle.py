"""What each object was made after is kept as terraform keeps it, when nothing else changes too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.oracle

APPLY = ["apply", "-auto-approve"]

# What b depends on, and what is done then.
STEPS: dict[str, list[tuple[str, list[str]]]] = {
    "added": [("", APPLY), ("terraform_data.a", APPLY), ("terraform_data.a", APPLY)],
    "exchanged": [("terraform_data.a", APPLY), ("terraform_data.c", APPLY)],
    "taken away": [("terraform_data.a", APPLY), ("", APPLY)],
    "without refresh": [("", APPLY), ("terraform_data.a", [*APPLY, "-refresh=false"])],
    "of a target": [
        ("terraform_data.a", APPLY),
        ("terraform_data.c", [*APPLY, "-target=terraform_data.b"]),
    ],
    "of another target": [
        ("terraform_data.a", APPLY),
        ("terraform_data.c", [*APPLY, "-target=terraform_data.c"]),
    ],
    "only refreshed": [
        ("terraform_data.a", APPLY),
        ("terraform_data.c", [*APPLY, "-refresh-only"]),
        ("", [*APPLY, "-refresh-only"]),
    ],
    "only refreshed, a target": [
        ("terraform_data.a", APPLY),
        ("terraform_data.c", [*APPLY, "-refresh-only", "-target=terraform_data.b[0]"]),
    ],
    "refreshed": [("", APPLY), ("terraform_data.a", ["refresh"])],
    "after import": [
        ("terraform_data.a", ["import", "terraform_data.b[0]", "abc"]),
        ("terraform_data.a", APPLY),
    ],
}


def write(folder: Path, needed: str) -> None:
    (folder / "main.tf").write_text(f"""
resource "terraform_data" "a" {{}}
resource "terraform_data" "c" {{}}
resource "terraform_data" "b" {{
  count      = 2
  depends_on = [{needed}]
}}
""")


def kept(folder: Path) -> dict[str, list[str]]:
    state = json.loads((folder / "terraform.tfstate").read_text())
    return {
        f"{resource['name']}{instance.get('index_key', '')}": instance.get("dependencies", [])
        for resource in state["resources"]
        for instance in resource["instances"]
    }


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_dependencies_are_kept_as_terraform_keeps_them(
    steps: list[tuple[str, list[str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder in (theirs, ours):
        folder.mkdir()
    monkeypatch.chdir(ours)
    write(theirs, "")
    terraform("init", folder=theirs)

    for needed, command in steps:
        for folder in (theirs, ours):
            write(folder, needed)
        assert terraform(*command, folder=theirs).returncode == run_cotta(*command).status == 0

        assert kept(ours) == kept(theirs), command
