"""`cotta metadata functions`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.witnesses import terraform
from tests.support.cli import run_cotta

if TYPE_CHECKING:
    from pathlib import Path


def test_signatures_are_one_line_of_json() -> None:
    ended = run_cotta("metadata", "functions", "-json")

    assert (ended.status, ended.stderr, ended.stdout.count("\n")) == (0, "", 1)
    record = json.loads(ended.stdout)
    assert record["format_version"] == "1.0"
    assert record["function_signatures"]["upper"]["parameters"] == [
        {"name": "str", "type": "string"}
    ]


def test_json_must_be_asked_for() -> None:
    ended = run_cotta("metadata", "functions")

    assert (ended.status, ended.stdout) == (1, "")
    assert "Error: Missing -json flag" in ended.stderr


@pytest.mark.oracle
def test_signatures_are_terraforms_but_for_the_words(tmp_path: Path) -> None:
    theirs = json.loads(terraform("metadata", "functions", "-json", folder=tmp_path).stdout)

    ours = json.loads(run_cotta("metadata", "functions", "-json").stdout)

    assert _without_words(ours) == _without_words(theirs)


def _without_words(part: Any) -> Any:
    """Return a record without its descriptions, which are our own."""
    if isinstance(part, dict):
        return {key: _without_words(value) for key, value in part.items() if key != "description"}
    return [_without_words(one) for one in part] if isinstance(part, list) else part
