"""The first mistake of a broken file is terraform's first, by name and by place.

The files are those of `data/broken.txt` and `data/broken-json.txt`, and random ones.

COTTA_ORACLE_SEED and COTTA_ORACLE_COUNT choose others than the usual files.
"""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cotta.diagnostics import Diagnostics
from cotta.hcl.json_syntax import parse_json_file
from cotta.hcl.parser import parse_file
from tests.oracle.witnesses import terraform
from tests.support.breaker import broken_file, broken_json

if TYPE_CHECKING:
    from collections.abc import Sequence

Mistake = tuple[str, int, int]

DATA = Path(__file__).parent / "data"
RECORDED = DATA / "broken-files.json"
BY_HAND = (DATA / "broken.txt").read_text(encoding="utf-8").split("\n----\n")
SEED = int(os.environ.get("COTTA_ORACLE_SEED", "20261123"))
COUNT = int(os.environ.get("COTTA_ORACLE_COUNT", "3000"))

# What terraform says once a file can be read; other rooms answer for that.
_MEANING = re.compile(
    "Duplicate |Unsupported (argument|block)|Missing required argument|Extraneous label|"
    "Extraneous JSON|"
    "Invalid (variable|output|resource|module|local|data)|Unsuitable value|Missing name for|"
    'Missing type for|Unexpected "|Variables not allowed|Invalid operand|Invalid index'
)
# Terraform looks for the bracket first and then points at where it found one.
_ELSEWHERE = "Missing close bracket on"


def by_terraform(texts: Sequence[str], folder: Path, ending: str = ".tf") -> list[list[Mistake]]:
    """Return what terraform finds wrong in the syntax of each text."""
    for at, text in enumerate(texts):
        (folder / f"f{at}{ending}").write_bytes(text.encode())
    records = json.loads(terraform("validate", "-json", folder=folder).stdout)["diagnostics"]
    found: list[list[Mistake]] = [[] for _ in texts]
    for record in records:
        if "range" in record and not _MEANING.match(record["summary"]):
            start = record["range"]["start"]
            at = int(record["range"]["filename"].removeprefix("f").removesuffix(ending))
            found[at].append((record["summary"], start["line"], start["column"]))
    return found


def by_us(text: str) -> list[Mistake]:
    diags = Diagnostics()
    parse_file(text.encode(), "f.tf", diags)
    found = []
    for diagnostic in diags:
        assert diagnostic.subject is not None
        first = diagnostic.subject.first
        found.append((diagnostic.summary, first.line, first.column))
    return found


def is_alike(theirs: list[Mistake], ours: list[Mistake]) -> bool:
    """Say whether the first mistakes agree; at one place, any of theirs will do."""
    if any(_ELSEWHERE in summary for summary, _, _ in theirs):
        return not ours or ours[0] in theirs or _ELSEWHERE in ours[0][0]
    if not theirs or not ours:
        return theirs == ours
    first = min(place for _, *place in theirs)
    return ours[0] in [mistake for mistake in theirs if [*mistake[1:]] == first]


def differences(texts: Sequence[str], answers: Sequence[list[Mistake]]) -> list[str]:
    pairs = ((text, theirs, by_us(text)) for text, theirs in zip(texts, answers, strict=True))
    return [
        f"{text}\n    terraform {theirs}\n    cotta     {ours}"
        for text, theirs, ours in pairs
        if not is_alike(theirs, ours)
    ]


@pytest.mark.oracle
def test_first_mistake_is_terraforms(tmp_path: Path) -> None:
    maker = random.Random(SEED)
    texts = [*BY_HAND, *(broken_file(maker) for _ in range(COUNT))]

    answers = by_terraform(texts, tmp_path)

    if os.environ.get("COTTA_GOLDEN") == "write":
        pairs = list(zip(texts, answers, strict=True))[: len(BY_HAND) + 300]
        lines = ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in pairs)
        RECORDED.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    found = differences(texts, answers)
    assert not found, f"{len(found)} of {len(texts)} differ:\n" + "\n".join(found[:20])


def test_recorded_first_mistake_is_terraforms() -> None:
    pairs = json.loads(RECORDED.read_text(encoding="utf-8"))

    found = differences([t for t, _ in pairs], [[(s, r, c) for s, r, c in a] for _, a in pairs])

    assert not found, f"{len(found)} of {len(pairs)} differ:\n" + "\n".join(found[:20])


# JSON: terraform goes on after a mistake and finds more, some of them before it,
# and points at some where it went on.
_JSON_ELSEWHERE = frozenset(
    {
        "Missing attribute seperator comma",
        "Mismatched braces",
        "Mismatched brackets",
        "Invalid array value",
    }
)
JSON_RECORDED = DATA / "broken-json.json"
JSON_BY_HAND = (DATA / "broken-json.txt").read_text(encoding="utf-8").split("\n----\n")


def json_differences(texts: Sequence[str], answers: Sequence[list[Mistake]]) -> list[str]:
    found = []
    for text, theirs in zip(texts, answers, strict=True):
        diags = Diagnostics()
        parse_json_file(text.encode(), "f.tf.json", diags)
        ours = [
            (d.summary, d.subject.first.line, d.subject.first.column) for d in diags if d.subject
        ]
        summaries = [summary for summary, _, _ in theirs]
        if ours:
            agrees = ours[0] in theirs or (
                ours[0][0] in _JSON_ELSEWHERE and ours[0][0] in summaries
            )
        else:
            # What a body may hold is asked later, of either root.
            agrees = all(summary == "Incorrect JSON value type" for summary in summaries)
        if not agrees:
            found.append(f"{text}\n    terraform {theirs}\n    cotta     {ours}")
    return found


@pytest.mark.oracle
def test_first_mistake_in_json_is_one_of_terraforms(tmp_path: Path) -> None:
    maker = random.Random(SEED)
    texts = [*JSON_BY_HAND, *(broken_json(maker) for _ in range(COUNT))]

    answers = by_terraform(texts, tmp_path, ".tf.json")

    if os.environ.get("COTTA_GOLDEN") == "write":
        pairs = list(zip(texts, answers, strict=True))[: len(JSON_BY_HAND) + 200]
        lines = ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in pairs)
        JSON_RECORDED.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    found = json_differences(texts, answers)
    assert not found, f"{len(found)} of {len(texts)} differ:\n" + "\n".join(found[:20])


def test_recorded_first_mistake_in_json_is_one_of_terraforms() -> None:
    pairs = json.loads(JSON_RECORDED.read_text(encoding="utf-8"))

    found = json_differences(
        [t for t, _ in pairs], [[(s, r, c) for s, r, c in a] for _, a in pairs]
    )

    assert not found, f"{len(found)} of {len(pairs)} differ:\n" + "\n".join(found[:20])
