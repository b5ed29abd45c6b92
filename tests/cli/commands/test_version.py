"""`cotta version`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from cotta.cli.version import LANGUAGE_VERSION, VERSION
from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta


def test_version_is_the_projects() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())

    assert project["project"]["version"] == VERSION


def test_text_is_two_lines() -> None:
    lines = run_cotta("version").stdout.splitlines()

    assert lines[0] == f"Cotta v{VERSION}"
    assert lines[1].startswith("on linux_")


@pytest.mark.oracle
def test_record_is_terraforms_and_one_member_more(tmp_path: Path) -> None:
    theirs = json.loads(terraform("version", "-json", folder=tmp_path).stdout)

    ours = json.loads(run_cotta("version", "-json").stdout)

    assert ours == {"cotta_version": VERSION} | theirs | {"terraform_version": LANGUAGE_VERSION}
