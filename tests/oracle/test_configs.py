"""What is wrong with a module, and where, is what terraform says.

In the JSON syntax terraform counts columns inside strings from the quote, one
to the left of where the text is, so there a column may differ by one.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from cotta.configs.loader import load_configuration
from cotta.diagnostics import Diagnostics
from tests.oracle.modules import RECORDED, ask, corpus, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.oracle.modules import Complaint

MODULES = corpus()


def our_complaints(folder: Path, files: Mapping[str, str]) -> list[Complaint]:
    write_files(folder, files)
    diags = Diagnostics()
    load_configuration(folder, diags, shown_from=folder)
    found: list[Complaint] = []
    for one in diags:
        place = one.subject
        if place is None:
            found.append((one.severity.value, one.summary, None, 0, 0))
        else:
            at = place.first
            found.append((one.severity.value, one.summary, place.file.name, at.line, at.column))
    return sorted(found, key=str)


def without_json_columns(found: list[Complaint]) -> list[Complaint]:
    return sorted(
        (
            (severity, summary, file, line, 0 if file and file.endswith(".json") else column)
            for severity, summary, file, line, column in found
        ),
        key=str,
    )


def recorded() -> dict[str, list[Complaint]]:
    answers = json.loads(RECORDED.read_text(encoding="utf-8"))
    return {name: [tuple(one) for one in found] for name, found in answers.items()}


@pytest.mark.parametrize("name", MODULES)
def test_recorded_complaints_are_ours(tmp_path: Path, name: str) -> None:
    ours = our_complaints(tmp_path, MODULES[name])

    assert without_json_columns(ours) == without_json_columns(recorded()[name])


@pytest.mark.oracle
def test_recorded_complaints_are_terraforms(tmp_path: Path) -> None:
    answers = {}
    for name, files in MODULES.items():
        folder = tmp_path / name
        folder.mkdir()
        answers[name] = ask(folder, files)

    if os.environ.get("COTTA_GOLDEN") == "write":
        RECORDED.write_text(json.dumps(answers, indent=0), encoding="utf-8")
    assert answers == recorded()
