"""Messy files come out as `terraform fmt` writes them, byte for byte.

But where what terraform writes is broken (it means something else, or doesn't
parse) or not canonical by its own account (it changes again the next time):
docs/compatibility.md says which cases there are.  COTTA_ORACLE_SEED and
COTTA_ORACLE_COUNT choose other files than the usual ones.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from cotta.diagnostics import Diagnostics
from cotta.hcl.format import format_bytes
from tests.oracle.witnesses import terraform
from tests.support.messy import MessyMaker
from tests.support.trees import meaning

RECORDED = Path(__file__).parent / "data" / "formatting.json"
SEED = int(os.environ.get("COTTA_ORACLE_SEED", "20261123"))
COUNT = int(os.environ.get("COTTA_ORACLE_COUNT", "2000"))

# More than these would mean that the comparison excuses too much.
MOST_EXCUSED = 0.08


def terraform_fmt(texts: list[str], folder: Path) -> list[str]:
    """Return what terraform makes of each text; one with mistakes stays as it is."""
    folder.mkdir()
    paths = [folder / f"f{at}.tf" for at in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text.encode())
    terraform("fmt", "-list=false", folder=folder)
    return [path.read_bytes().decode() for path in paths]


def cotta_fmt(text: str) -> str:
    return format_bytes(text.encode(), "main.tf", Diagnostics()).decode()


def difference(messy: str, theirs: str, ours: str) -> str:
    """Describe the first line that differs."""
    lines = zip(theirs.split("\n"), ours.split("\n"), strict=False)
    first = next((pair for pair in lines if pair[0] != pair[1]), ("fewer lines", "more lines"))
    return f"terraform {first[0]!r}\ncotta     {first[1]!r}\nof\n{messy}"


@pytest.mark.oracle
def test_generated_files_are_formatted_as_by_terraform(tmp_path: Path) -> None:
    maker = MessyMaker(random.Random(SEED))
    messy = [maker.file() for _ in range(COUNT)]

    once = terraform_fmt(messy, tmp_path / "once")
    twice = terraform_fmt(once, tmp_path / "twice")

    found, excused, recorded = [], 0, []
    for text, theirs, again in zip(messy, once, twice, strict=True):
        ours = cotta_fmt(text)
        if ours == theirs:
            recorded.append([text, theirs])
        elif theirs != again or meaning(theirs) != meaning(text):
            excused += 1
        else:
            found.append(difference(text, theirs, ours))
    if os.environ.get("COTTA_GOLDEN") == "write":
        RECORDED.write_text(
            json.dumps(recorded[:250], ensure_ascii=False, indent=0), encoding="utf-8"
        )
    assert not found, f"{len(found)} of {COUNT} differ:\n" + "\n\n".join(found[:5])
    assert excused < COUNT * MOST_EXCUSED


def test_recorded_files_are_formatted_as_by_terraform() -> None:
    pairs = json.loads(RECORDED.read_text(encoding="utf-8"))

    found = [
        difference(messy, theirs, cotta_fmt(messy))
        for messy, theirs in pairs
        if cotta_fmt(messy) != theirs
    ]

    assert not found, f"{len(found)} of {len(pairs)} differ:\n" + "\n\n".join(found[:5])
