"""Blocks, labels and argument names are where `@cdktf/hcl2json` sees them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench.parsing import configuration
from cotta.diagnostics import Diagnostics
from cotta.hcl.ast import Body, Expression, Literal, Template
from cotta.hcl.parser import parse_file
from tests.oracle.witnesses import witness
from tests.support.breaker import GOOD

HERE = Path(__file__).parent
CORPUS = sorted(
    path for path in (HERE.parent / "language").glob("*.hcl") if path.with_suffix(".json").exists()
)

# Stands for an expression that is more than a literal.
EXPRESSION = "(expression)"


def theirs(texts: dict[str, str]) -> dict[str, Any]:
    node = witness("node")
    if not (HERE / "node_modules").is_dir():
        pytest.skip("MISSING WITNESS: hcl2json is not installed; `make test` does it, with npm")
    answered = subprocess.run(
        [node, "blocks.mjs"],
        cwd=HERE,
        input=json.dumps(texts),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    answers: dict[str, Any] = json.loads(answered.stdout)
    return answers


def ours(text: str) -> dict[str, Any]:
    diags = Diagnostics()
    body = parse_file(text.encode(), "f.tf", diags).body
    assert not len(diags)
    assert isinstance(body, Body)
    return _shape(body)


def _shape(body: Body) -> dict[str, Any]:
    shape: dict[str, Any] = {
        name: _literal(attribute.expression) for name, attribute in body.attributes.items()
    }
    for block in body.blocks:
        assert isinstance(block.body, Body)
        names = [block.type, *block.labels]
        at = shape
        for name in names[:-1]:
            at = at.setdefault(name, {})
        at.setdefault(names[-1], []).append(_shape(block.body))
    return shape


def _literal(expression: Expression) -> Any:
    match expression:
        case Literal(value=True | False as value):
            return value
        case Literal(value=int() as value) if abs(value) < 1 << 53:
            return value
        case Template(parts=(Literal(value=str() as value),)) if not _HEREDOC_OR_ESCAPE & {*value}:
            return value
        case _:
            return EXPRESSION


# hcl2json rewrites heredocs and leaves $${ as it is.
_HEREDOC_OR_ESCAPE = frozenset('\n\r\\"$%')


def without_expressions(theirs: Any, ours: Any) -> Any:
    """Return `theirs` with a placeholder wherever `ours` has one."""
    if ours == EXPRESSION:
        return EXPRESSION
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return {key: without_expressions(value, ours.get(key)) for key, value in theirs.items()}
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        return [without_expressions(*pair) for pair in zip(theirs, ours, strict=True)]
    return theirs


@pytest.mark.oracle
def test_blocks_are_hcl2jsons() -> None:
    texts = {f"good-{at}.tf": text for at, text in enumerate(GOOD)}
    texts |= {path.name: path.read_text(encoding="utf-8") for path in CORPUS}
    texts["configuration.tf"] = configuration(20_000)

    answers = theirs(texts)

    for name, text in texts.items():
        expected = ours(text)
        assert without_expressions(answers[name], expected) == expected, name
