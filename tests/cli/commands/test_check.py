"""`cotta check`, as a person and as a machine see it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path

_KEPT = 'resource "terraform_data" "a" {\n}\n'
_WARNING = 'resource "aws_launch_template" "a" {\n}\n'
_ERROR = 'data "aws_ami" "a" {\n  most_recent = true\n  name_regex  = "^web"\n}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "flags", "status"),
    [
        (_KEPT, [], 0),
        (_WARNING, [], 0),
        (_WARNING, ["-strict"], 1),
        (_ERROR, [], 1),
        ("# cotta:allow CT004: a lab\n" + _ERROR, ["-strict"], 0),
    ],
)
def test_status(folder: Path, text: str, flags: list[str], status: int) -> None:
    (folder / "main.tf").write_text(text)

    assert run_cotta("check", *flags).status == status


def test_a_finding_has_place_reason_and_remedy(folder: Path) -> None:
    (folder / "main.tf").write_text(_ERROR)

    said = run_cotta("check").stdout

    assert "Error: CT004 Image looked up without an owner" in said
    assert "on main.tf line 2" in said
    assert "CVE-2018-15869" in said
    assert 'owners = ["self"]' in said
    assert "1 error, 0 warnings. docs/rules.md explains each rule." in said


def test_as_json(folder: Path) -> None:
    (folder / "main.tf").write_text("# cotta:allow CT004: a lab\n" + _ERROR + _WARNING)

    record = json.loads(run_cotta("check", "-json").stdout)

    assert (record["error_count"], record["warning_count"]) == (0, 1)
    assert [(one["rule"], one["allowed"]) for one in record["findings"]] == [
        ("CT004", "a lab"),
        ("CT017", None),
    ]
    assert record["findings"][1]["range"]["start"]["line"] == 6
    assert record["findings"][1]["page"] == "docs/rules.md#ct017"


def test_mistakes_of_the_configuration_come_first(folder: Path) -> None:
    (folder / "main.tf").write_text('resource "terraform_data" "a" {\n  input = local.nothing\n}\n')

    ended = run_cotta("check")

    assert ended.status == 1
    assert "Reference to undeclared local value" in ended.stderr
