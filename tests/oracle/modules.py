"""Broken modules, and what terraform says about them.

A corpus file holds a module: `-- NAME --` begins each of its files.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.oracle.witnesses import terraform

if TYPE_CHECKING:
    from collections.abc import Mapping

BROKEN = Path(__file__).parents[1] / "configs" / "broken"
RECORDED = Path(__file__).parent / "data" / "broken_modules.json"

# Severity, summary, file, line, column; no place is None.
Complaint = tuple[str, str, str | None, int, int]


def split_files(text: str) -> dict[str, str]:
    """Return the files that a corpus file holds."""
    parts = re.split(r"^-- (.+) --\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def corpus() -> dict[str, dict[str, str]]:
    """Return every broken module of the corpus by its name."""
    return {
        path.stem: split_files(path.read_text(encoding="utf-8"))
        for path in sorted(BROKEN.glob("*.txt"))
    }


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write a module's files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def ask(folder: Path, files: Mapping[str, str], *, is_installed: bool = False) -> list[Complaint]:
    """Return what `terraform validate` finds, sorted."""
    write_files(folder, files)
    if not is_installed and any("/" in name for name in files):
        terraform("get", folder=folder)
    found = json.loads(terraform("validate", "-json", folder=folder).stdout)["diagnostics"]
    return sorted(map(_complaint, found), key=str)


def _complaint(record: dict[str, object]) -> Complaint:
    severity, summary = str(record["severity"]), str(record["summary"])
    place = record.get("range")
    if not isinstance(place, dict):
        return severity, summary, None, 0, 0
    start = place["start"]
    return severity, summary, place["filename"], start["line"], start["column"]
