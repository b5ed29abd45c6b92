"""`init` and `get` do what terraform's do: the same lines, records, status and files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.oracle

MODULES = {
    "main.tf": """
module "b" { source = "./m" }
module "a" { source = "./m" }
resource "terraform_data" "x" {}
""",
    "m/m.tf": 'module "z" { source = "./n" }',
    "m/n/n.tf": 'output "o" { value = 1 }',
}
LOCAL = {
    "main.tf": """
terraform {
  backend "local" { path = "sub/x.tfstate" }
}
resource "terraform_data" "x" {}
"""
}
EMPTY_LOCAL = {"main.tf": 'terraform {\n  backend "local" {}\n}\n'}


def changed(text: str) -> dict[str, str]:
    return {"main.tf": text}


Step = tuple[str, ...] | dict[str, str]
STORIES: dict[str, tuple[Step, ...]] = {
    "nothing there": (("init",), ("init", "-json"), ("get",)),
    "modules": (MODULES, ("init",), ("init",), ("init", "-json"), ("init", "-upgrade"), ("plan",)),
    "get": (MODULES, ("get",), ("get",), ("get", "-update"), ("init", "-get=false")),
    "not got": (MODULES, ("init", "-get=false"), ("plan",)),
    "no backend": (LOCAL, ("init", "-backend=false"), ("plan",), ("validate",)),
    "backend": (
        LOCAL,
        ("init", "-input=false"),
        ("init",),
        ("apply", "-auto-approve"),
        ("state", "list"),
        ("workspace", "new", "w"),
        ("apply", "-auto-approve"),
        ("state", "list"),
    ),
    "backend changes": (
        LOCAL,
        ("init",),
        changed('terraform {\n  backend "local" { path = "other" }\n}\n'),
        ("plan",),
        ("init",),
        ("init", "-reconfigure"),
        ("plan",),
        changed(""),
        ("plan",),
    ),
    "backend by flags": (
        EMPTY_LOCAL,
        ("init", "-backend-config=path=mine", "-backend-config=workspace_dir=spaces"),
        ("plan",),
        ("init", "-reconfigure", "-backend-config=nope=1"),
    ),
    "unknown backend": (changed('terraform {\n  backend "nope" {}\n}\n'), ("init",)),
    "backend mistakes": (
        changed('terraform {\n  backend "local" { pathy = 1 }\n}\n'),
        ("init",),
        changed('terraform {\n  backend "local" { path = var.x }\n}\nvariable "x" {}\n'),
        ("init",),
    ),
    "syntax": (changed('resource "a" "b" {'), ("init",), ("get",)),
    "missing module": (changed('module "m" { source = "./nope" }'), ("init",), ("get",)),
    "version": (changed('terraform {\n  required_version = ">= 2"\n}\n'), ("init",)),
    "flags": (("init", "-migrate-state", "-reconfigure"), ("init", "-migrate-state", "-json")),
}


def lines(text: str) -> list[str]:
    """Return the lines of a run: their words, where a run is not about plans."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"terraform (plan|apply|init)\b", r"cotta \1", text)
    return text.replace("Terraform", "Cotta").splitlines()


def records(text: str) -> list[Any]:
    """Return the JSON records without times and our own words; terraform mixes plain lines in."""
    found = [json.loads(line) for line in lines(text) if line.startswith("{")]
    for record in found:
        record.pop("@timestamp")
        if "diagnostic" in record:
            record["diagnostic"] = record["diagnostic"]["summary"]
    return found


def summaries(stderr: str) -> set[str]:
    text = " ".join(line.lstrip("│ ") for line in lines(stderr))
    found = set(re.findall(r"Error: ([A-Z][\w\- ]{12,30})", text))
    # Terraform puts this in front of what is wrong; it says nothing more.
    return {one for one in found if not one.startswith("Cotta encountered problems")}


def files(folder: Path) -> set[str]:
    """Return the names of what is in a folder, but for what says nothing."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != ".empty.tfrc"]
    return {str(path.relative_to(folder)) for path in found if not _is_void(path)}


def _is_void(path: Path) -> bool:
    """Say whether terraform has written that there are no modules, or that no backend is set."""
    text = path.read_text()
    if path.name == "modules.json":
        return len(json.loads(text)["Modules"]) < 2
    if not path.match(".terraform/terraform.tfstate"):
        return False
    return not (json.loads(text).get("backend") or {}).get("type")


@pytest.mark.parametrize("story", STORIES)
def test_story(story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    ours.mkdir()
    monkeypatch.chdir(ours)
    for step in STORIES[story]:
        if isinstance(step, dict):
            for folder in (theirs, ours):
                for name, text in step.items():
                    (folder / name).parent.mkdir(exist_ok=True, parents=True)
                    (folder / name).write_text(text)
            continue
        expected, found = terraform(*step, folder=theirs), run_cotta(*step)
        assert found.status == expected.returncode, (step, found, expected)
        if "-json" in step:
            assert records(found.stdout) == records(expected.stdout)
        elif step[0] in ("init", "get", "state"):
            shown = lines(found.stdout)
            assert shown == [
                line
                for line in lines(expected.stdout)
                if story != "missing module" or line[:1] != "-"
            ], step
        if found.status != 0 and "-json" not in step:
            assert {one[:20] for one in summaries(found.stderr)} == {
                one[:20] for one in summaries(expected.stderr)
            }, (step, found.stderr, expected.stderr)
        if found.status == 0:
            assert files(ours) == files(theirs), step


def test_terraform_goes_on_in_our_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(LOCAL["main.tf"])

    assert run_cotta("init").status == 0
    assert run_cotta("apply", "-auto-approve").status == 0
    theirs = terraform("plan", "-detailed-exitcode", folder=tmp_path)

    assert theirs.returncode == 0, theirs.stdout + theirs.stderr
    assert terraform("init", "-input=false", folder=tmp_path).returncode == 0
