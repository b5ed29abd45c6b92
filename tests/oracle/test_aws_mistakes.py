"""Every mistake that the official provider sees in a configuration, ours sees at the same block."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.official_provider import official_workspace
from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

MISTAKES = Path(__file__).with_name("data") / "aws_mistakes.tf"


def blocks_with(severity: str, diagnostics: Iterable[dict[str, Any]]) -> set[str]:
    """Return the names of the blocks that have something against them."""
    lines = MISTAKES.read_text().splitlines()
    found = set()
    for one in diagnostics:
        assert one["range"]["filename"] == "main.tf", one
        if one["severity"] == severity:
            line = one["range"]["start"]["line"]
            head = next(each for each in reversed(lines[:line]) if each.startswith("resource "))
            found.add(head.removesuffix(" {"))
    return found


def test_ours_sees_what_theirs_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = official_workspace(tmp_path)
    theirs.write(MISTAKES.read_text())
    theirs.init()
    told = json.loads(theirs.attempt("validate", "-json").stdout)["diagnostics"]
    monkeypatch.chdir(tmp_path)

    ours = json.loads(run_cotta("validate", "-json").stdout)["diagnostics"]

    errors = blocks_with("error", told)
    assert len(errors) > 100
    assert errors - blocks_with("error", ours) == set()
    # That a trigger of a refresh is needless is told by the plan.
    warnings = blocks_with("warning", told) - {'resource "aws_autoscaling_group" "c28"'}
    assert warnings == blocks_with("warning", ours)
    assert all(one["detail"] for one in ours)
