"""What is wrong with a module, and where, is what terraform says.

COTTA_ORACLE_SEED and COTTA_ORACLE_COUNT choose other mutants than the usual ones.
In the JSON syntax terraform counts columns inside strings from the quote, one
to the left of where the text is, so there a column may differ by one.
"""

from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING

import pytest

from cotta.configs.install import install_modules
from cotta.configs.loader import load_configuration
from cotta.configs.provider_rules import check_providers_present
from cotta.configs.static import check_module_arguments, check_references
from cotta.diagnostics import Diagnostics
from cotta.providers.builtin.terraform_data import SCHEMA as TERRAFORM_DATA
from tests.oracle.modules import RECORDED, ask, corpus, write_files
from tests.oracle.reference_mistakes import PRELUDE, mistakes
from tests.support.mutants import mutant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cotta.configs.model import ResourceBlock
    from cotta.schemas.model import Block
    from tests.oracle.modules import Complaint

MODULES = corpus()
REFERENCES = mistakes()
MUTANTS = RECORDED.with_name("mutants.json")
SEED = int(os.environ.get("COTTA_ORACLE_SEED", "20261125"))
COUNT = int(os.environ.get("COTTA_ORACLE_COUNT", "300"))

_VARIABLE = "Reference to undeclared input variable"
_RESOURCE = "Reference to undeclared resource"
# Of several mistakes in what is evaluated together, terraform tells some in the next run only.
_TOGETHER: dict[str, list[Complaint]] = {
    "[var.zz, self.id]": [
        ("error", 'Invalid "self" reference', "main.tf", 2, 20),
        ("error", _VARIABLE, "main.tf", 2, 12),
    ],
    "[var.zz, terraform_data.nope]": [
        ("error", _VARIABLE, "main.tf", 2, 12),
        ("error", _RESOURCE, "main.tf", 2, 20),
    ],
    "terraform_data.nope[var.zz].id": [
        ("error", _VARIABLE, "main.tf", 2, 31),
        ("error", _RESOURCE, "main.tf", 2, 11),
    ],
}

# Mistakes that terraform finds only in a plan, or doubles: what we say of them at once.
EARLIER: dict[str, list[Complaint]] = {
    **{f"output {expression}": found for expression, found in _TOGETHER.items()},
    **{f"body {expression}": found for expression, found in _TOGETHER.items()},
    "trigger nope": [("error", "Reference to undeclared resource", "main.tf", 3, 29)],
    "trigger data": [("error", "Reference to undeclared resource", "main.tf", 3, 29)],
    "connection": [("error", "Reference to undeclared input variable", "main.tf", 3, 12)],
    "postcondition nope": [
        ("error", "Reference to undeclared local value", "main.tf", 5, 23),
        ("error", "Reference to undeclared resource", "main.tf", 4, 34),
    ],
}


def settled(answers: Mapping[str, list[Complaint]]) -> dict[str, list[Complaint]]:
    """Return complaints without what terraform says now one way, now the other.

    A reference to an undefined provider is a warning or an error to it, as its
    maps happen to be ordered.
    """
    return {
        name: sorted(
            (one if one[1] != "Reference to undefined provider" else ("either", *one[1:]))
            for one in found
        )
        for name, found in answers.items()
    }


def schema_of(block: ResourceBlock) -> Block | None:
    return TERRAFORM_DATA.block if block.address.type == "terraform_data" else None


def our_complaints(folder: Path, files: Mapping[str, str] | None = None) -> list[Complaint]:
    if files is not None:
        write_files(folder, files)
    diags = Diagnostics()
    tree = load_configuration(folder, diags, shown_from=folder)
    assert tree is not None
    for check in (check_module_arguments, check_providers_present):
        if not diags.has_errors:
            check(tree, diags)
    if not diags.has_errors:
        check_references(tree, diags, schema_of=schema_of)
    found: list[Complaint] = []
    for one in diags:
        place = one.subject
        if place is None:
            found.append((one.severity.value, one.summary, None, 0, 0))
        else:
            at = place.first
            found.append((one.severity.value, one.summary, place.file.name, at.line, at.column))
    return sorted(found, key=str)


# Complaints that take a provider's schema, or a value, to make: the engine's.
ENGINES = frozenset(
    {
        "Unsupported argument",
        "Missing required argument",
        "Unsupported block type",
        "Incorrect value type",
        "Incorrect attribute value type",
        "Incorrect condition type",
        "Invalid count argument",
        "Invalid for_each argument",
        "Invalid template interpolation value",
        "Invalid operand",
        "Invalid index",
        "Invalid function argument",
        "Missing required provider",
        "Provider configuration not present",
        "Invalid expression",
        "Error in function call",
        "Unsupported attribute",
        "Invalid backend configuration",
        "Invalid error message",
        "Invalid resource type",
        "Invalid import id argument",
        "Invalid address",
        # Echoes of a mistake that is told already.
        "Unknown variable",
        "Invalid provider configuration alias",
        "Invalid type specification",
    }
)


def generated(seed: int, count: int) -> list[str]:
    return [mutant(random.Random(f"{seed}-{number}")) for number in range(count)]


def is_comparable(text: str, theirs: list[Complaint], ours: list[Complaint]) -> bool:
    """Say whether both have spoken of the same stage.

    Beyond Terraform, variables may decide create_before_destroy and
    prevent_destroy; and the targets of replace_triggered_by are judged before
    a plan is made.
    """
    summaries = {one[1] for one in theirs}
    has_more = summaries & ENGINES or any(one.startswith("Cycle: ") for one in summaries)
    if has_more and theirs != ours:
        return False
    lines = text.splitlines()
    own = [one for one in (*ours, *theirs) if one[0] == "error" and one[2]]
    special = ("create_before_destroy", "prevent_destroy", "replace_triggered_by")
    return not any(lines[one[3] - 1].strip().startswith(special) for one in own)


def unequal(texts: list[str], answers: list[list[Complaint]], folder: Path) -> list[str]:
    found, compared = [], 0
    for text, theirs in zip(texts, answers, strict=True):
        ours = our_complaints(folder, {"main.tf": text})
        if is_comparable(text, theirs, ours):
            compared += 1
            if ours != theirs:
                found.append(f"{text}\n    terraform {theirs}\n    cotta     {ours}")
    assert compared > len(texts) * 0.7
    return found


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


def test_recorded_mutants_are_refused_alike(tmp_path: Path) -> None:
    answers = [
        [(one[0], one[1], one[2], one[3], one[4]) for one in found]
        for found in json.loads(MUTANTS.read_text(encoding="utf-8"))
    ]

    assert unequal(generated(SEED, len(answers)), answers, tmp_path) == []


@pytest.mark.oracle
def test_generated_mutants_are_refused_alike(tmp_path: Path) -> None:
    texts = generated(SEED, COUNT)

    answers = [ask(tmp_path, {"main.tf": text}) for text in texts]

    if os.environ.get("COTTA_GOLDEN") == "write":
        MUTANTS.write_text(json.dumps(answers[:150], indent=0), encoding="utf-8")
    assert unequal(texts, answers, tmp_path) == []


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
    assert settled(answers) == settled(recorded())
