"""What is wrong with a module, and where, is what terraform says.

In the JSON syntax terraform counts columns inside strings from the quote, one
to the left of where the text is, so there a column may differ by one.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from cotta.configs.install import install_modules
from cotta.configs.loader import load_configuration
from cotta.configs.provider_rules import check_providers_present
from cotta.configs.static import check_module_arguments, check_references
from cotta.diagnostics import Diagnostics
from tests.oracle.modules import RECORDED, ask, corpus, write_files
from tests.oracle.reference_mistakes import PRELUDE, mistakes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.oracle.modules import Complaint

MODULES = corpus()
REFERENCES = mistakes()

# Mistakes that terraform finds only in a plan, or doubles: what we say of them at once.
EARLIER: dict[str, list[Complaint]] = {
    "trigger nope": [("error", "Reference to undeclared resource", "main.tf", 3, 29)],
    "trigger data": [("error", "Reference to undeclared resource", "main.tf", 3, 29)],
    "connection": [("error", "Reference to undeclared input variable", "main.tf", 3, 12)],
    "postcondition nope": [
        ("error", "Reference to undeclared local value", "main.tf", 5, 23),
        ("error", "Reference to undeclared resource", "main.tf", 4, 34),
    ],
}


def our_complaints(folder: Path, files: Mapping[str, str] | None = None) -> list[Complaint]:
    if files is not None:
        write_files(folder, files)
    diags = Diagnostics()
    tree = load_configuration(folder, diags, shown_from=folder)
    assert tree is not None
    for check in (check_module_arguments, check_providers_present, check_references):
        if not diags.has_errors:
            check(tree, diags)
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
    files = MODULES[name]
    write_files(tmp_path, files)
    install_modules(tmp_path, Diagnostics())

    ours = our_complaints(tmp_path)

    assert without_json_columns(ours) == without_json_columns(recorded()[name])


def test_recorded_mistakes_in_references_are_ours(tmp_path: Path) -> None:
    write_files(tmp_path, PRELUDE)
    install_modules(tmp_path, Diagnostics())

    ours = {name: our_complaints(tmp_path, files) for name, files in REFERENCES.items()}

    theirs = recorded()
    assert ours == {name: theirs[name] for name in REFERENCES} | EARLIER


@pytest.mark.oracle
def test_recorded_complaints_are_terraforms(tmp_path: Path) -> None:
    answers = {}
    for name, files in MODULES.items():
        folder = tmp_path / name
        folder.mkdir()
        answers[name] = ask(folder, files)
    folder = tmp_path / "references"
    folder.mkdir()
    ask(folder, {**PRELUDE, "main.tf": ""})
    for name, files in REFERENCES.items():
        answers[name] = ask(folder, files, is_installed=True)

    if os.environ.get("COTTA_GOLDEN") == "write":
        RECORDED.write_text(json.dumps(answers, indent=0), encoding="utf-8")
    assert answers == recorded()
