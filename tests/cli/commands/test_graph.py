from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

CHAIN = """
resource "terraform_data" "a" {}
resource "terraform_data" "b" { input = local.l }
resource "terraform_data" "c" { input = [terraform_data.a.id, terraform_data.b.id] }
locals { l = terraform_data.a.id }
module "m" {
  source = "./m"
  in     = terraform_data.c.id
}
"""
MODULE = """
variable "in" {}
resource "terraform_data" "d" { input = var.in }
"""
CYCLE = """
resource "terraform_data" "x" { input = terraform_data.y.id }
resource "terraform_data" "y" { input = terraform_data.x.id }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edges(text: str) -> set[tuple[str, str]]:
    return set(re.findall(r'"((?:[^"\\]|\\.)*)" -> "((?:[^"\\]|\\.)*)"', text))


def a_chain(folder: Path) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "m.tf").write_text(MODULE, encoding="utf-8")
    (folder / "main.tf").write_text(CHAIN, encoding="utf-8")
    run_cotta("init")


def test_resources_are_drawn_with_the_fewest_edges(folder: Path) -> None:
    a_chain(folder)

    shown = run_cotta("graph")

    assert shown.status == 0
    assert edges(shown.stdout) == {
        ("terraform_data.b", "terraform_data.a"),
        ("terraform_data.c", "terraform_data.b"),
        ("module.m.terraform_data.d", "terraform_data.c"),
    }
    assert 'label = "module.m"' in shown.stdout


def test_what_only_the_state_has_is_drawn_too(folder: Path) -> None:
    a_chain(folder)
    run_cotta("apply", "-auto-approve")
    (folder / "main.tf").write_text("", encoding="utf-8")

    assert '"terraform_data.b" [label="terraform_data.b"];' in run_cotta("graph").stdout


def test_an_empty_folder_has_a_graph_that_says_so() -> None:
    assert "does not contain any resources" in run_cotta("graph").stdout


@pytest.mark.parametrize("type_", [[], ["-type=plan"]])
def test_a_cycle_is_reported_or_drawn_in_red(folder: Path, type_: list[str]) -> None:
    (folder / "main.tf").write_text(CYCLE, encoding="utf-8")

    reported = run_cotta("graph", *type_)
    drawn = run_cotta("graph", "-draw-cycles", *type_)

    assert (reported.status, reported.stdout) == (1, "")
    assert "Error: Cycle" in reported.stderr
    assert drawn.status == 0
    assert len(re.findall(r'"terraform_data\.[xy]" -> .*color = "red"', drawn.stdout)) == 2


def test_ends_are_drawn_in_reverse(folder: Path) -> None:
    a_chain(folder)
    run_cotta("apply", "-auto-approve")

    found = edges(run_cotta("graph", "-type=plan-destroy").stdout)

    assert ("terraform_data.a (before destroy)", "terraform_data.b (destroyed)") in found


def test_a_saved_plan_is_drawn_step_by_step(folder: Path) -> None:
    a_chain(folder)
    run_cotta("plan", "-out=saved")

    found = edges(run_cotta("graph", "-plan=saved").stdout)

    assert ("terraform_data.c (expand)", "terraform_data.b") in found
    assert ("terraform_data.b", "terraform_data.b (act)") in found


@pytest.mark.parametrize(
    ("arguments", "summary"),
    [
        (["-type=nonsense"], "Unsupported graph type"),
        (["-type=validate"], "Graph type no longer available"),
        (["-plan=nowhere"], "Failed to load plan file"),
    ],
)
def test_mistakes_are_told(arguments: list[str], summary: str) -> None:
    ended = run_cotta("graph", *arguments)

    assert ended.status == 1
    assert f"Error: {summary}\n" in ended.stderr
