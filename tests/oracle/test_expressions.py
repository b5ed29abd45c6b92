"""Random expressions mean to us what they mean to terraform.

COTTA_ORACLE_SEED and COTTA_ORACLE_COUNT choose others than the usual ones.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.evaluate import evaluate
from cotta.hcl.functions.tables import terraform_functions
from cotta.hcl.parser import parse_expression
from cotta.values.codec_json import encode_plain, encode_type
from cotta.values.json_text import write_json
from cotta.values.value import (
    ANY_NULL,
    is_container,
    is_null,
    is_wholly_known,
    type_of,
    unmark_deep,
)
from tests.oracle.values_by_terraform import ask
from tests.support.generator import FOLDER, ExpressionMaker, scope
from tests.support.surroundings import NOWHERE

if TYPE_CHECKING:
    from cotta.diagnostics.source import SourceRange
    from cotta.values.value import Value
    from tests.oracle.values_by_terraform import Answer

FUNCTIONS = terraform_functions(NOWHERE)
RECORDED = Path(__file__).parent / "data" / "expressions.json"
SEED = int(os.environ.get("COTTA_ORACLE_SEED", "20261123"))
COUNT = int(os.environ.get("COTTA_ORACLE_COUNT", "2000"))


def generated(seed: int, count: int) -> list[str]:
    maker = ExpressionMaker(random.Random(seed))
    return [maker.expression(maker.random.randint(0, 3)) for _ in range(count)]


def our_answer(expression: str) -> Answer:
    """Return what we make of an expression: first as in `validate`, then as in `plan`."""
    diags = Diagnostics()
    node = parse_expression(SourceFile("main.tf", expression), diags)
    evaluate(node, scope(FUNCTIONS, validating=True), diags)
    value: Value = ANY_NULL
    if not diags.has_errors:
        value, _marks = unmark_deep(evaluate(node, scope(FUNCTIONS), diags))
    for found in diags:
        assert found.subject is not None
        return {"error": found.summary, "at": _bytes(expression, found.subject)}
    if is_null(value):
        return {"value": None}
    if not is_wholly_known(value):
        return {"unknown": is_container(value)}
    kind = type_of(value)
    text = write_json(encode_plain(value))
    # Fractions stay texts: all their digits count.
    return {"value": json.loads(text, parse_float=str), "type": encode_type(kind)}


def _bytes(expression: str, found: SourceRange) -> list[int]:
    return [len(expression[:edge].encode()) for edge in (found.start, found.end)]


def differences(expressions: list[str], answers: list[Answer]) -> list[str]:
    found = []
    for expression, theirs in zip(expressions, answers, strict=True):
        ours = our_answer(expression)
        if "unknown" in theirs:
            theirs = {"unknown": theirs["unknown"] is not True}
        if ours != theirs:
            found.append(f"{expression}\n    terraform {theirs}\n    cotta     {ours}")
    return found


@pytest.mark.oracle
def test_generated_expressions_have_terraforms_values(tmp_path: Path) -> None:
    expressions = generated(SEED, COUNT)

    answers = ask(expressions, folder=tmp_path, declarations=FOLDER)

    if os.environ.get("COTTA_GOLDEN") == "write":
        pairs = [[e, a] for e, a in zip(expressions, answers, strict=True)][:600]
        RECORDED.write_text(json.dumps(pairs, ensure_ascii=False, indent=0), encoding="utf-8")
    found = differences(expressions, answers)
    assert not found, f"{len(found)} of {len(expressions)} differ:\n" + "\n".join(found[:20])


def test_recorded_expressions_have_terraforms_values() -> None:
    pairs = json.loads(RECORDED.read_text(encoding="utf-8"))

    found = differences([e for e, _ in pairs], [a for _, a in pairs])

    assert not found, f"{len(found)} of {len(pairs)} differ:\n" + "\n".join(found[:20])
