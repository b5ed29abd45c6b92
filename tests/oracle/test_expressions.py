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

from tests.oracle.our_answers import differences
from tests.oracle.values_by_terraform import ask
from tests.support.calls import CallMaker
from tests.support.generator import FOLDER, ExpressionMaker

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parent / "data"
SEED = int(os.environ.get("COTTA_ORACLE_SEED", "20261123"))
COUNT = int(os.environ.get("COTTA_ORACLE_COUNT", "2000"))
RECORDED = 900


def expressions(seed: int, count: int) -> list[str]:
    maker = ExpressionMaker(random.Random(seed))
    return [maker.expression(maker.random.randint(0, 3)) for _ in range(count)]


def calls(seed: int, count: int) -> list[str]:
    maker = CallMaker(random.Random(seed))
    return [maker.call(maker.random.randint(1, 3)) for _ in range(count)]


GENERATORS: dict[str, Callable[[int, int], list[str]]] = {
    "expressions": expressions,
    "calls": calls,
}


@pytest.mark.oracle
@pytest.mark.slow
@pytest.mark.parametrize("kind", GENERATORS)
def test_generated_expressions_have_terraforms_values(kind: str, tmp_path: Path) -> None:
    generated = GENERATORS[kind](SEED, COUNT)

    answers = ask(generated, folder=tmp_path, declarations=FOLDER)

    if os.environ.get("COTTA_GOLDEN") == "write":
        pairs = [[e, a] for e, a in zip(generated, answers, strict=True)][:RECORDED]
        text = json.dumps(pairs, ensure_ascii=False, indent=0)
        (DATA / f"{kind}.json").write_text(text, encoding="utf-8")
    found = differences(generated, answers)
    assert not found, f"{len(found)} of {len(generated)} differ:\n" + "\n".join(found[:20])


@pytest.mark.parametrize("kind", GENERATORS)
def test_recorded_expressions_have_terraforms_values(kind: str) -> None:
    pairs = json.loads((DATA / f"{kind}.json").read_text(encoding="utf-8"))

    found = differences([e for e, _ in pairs], [a for _, a in pairs])

    assert not found, f"{len(found)} of {len(pairs)} differ:\n" + "\n".join(found[:20])
