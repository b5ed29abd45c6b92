"""Functions of texts, files, dates and networks answer what terraform answers.

COTTA_ORACLE_SEED and COTTA_ORACLE_COUNT choose other documents than the usual ones.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cotta.hcl.functions.tables import provider_terraform_functions, terraform_functions
from cotta.system.reading import DiskReader
from tests.oracle.our_answers import differences
from tests.oracle.values_by_terraform import ask
from tests.support import function_cases as cases
from tests.support.generator import FOLDER
from tests.support.surroundings import a_world

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.values.functions import Function

RECORDED = Path(__file__).parent / "data" / "functions"
SEED = int(os.environ.get("COTTA_ORACLE_SEED", "20261125"))
COUNT = int(os.environ.get("COTTA_ORACLE_COUNT", "300"))
RECORDED_AT_MOST = 250

KINDS: dict[str, Callable[[], list[str]]] = {
    "encodings": cases.encoding_calls,
    "hashes": cases.hash_calls,
    "dates": cases.date_calls,
    "networks": cases.network_calls,
    "files": cases.file_calls,
    "provider": cases.provider_calls,
    "generated": lambda: cases.generated_calls(random.Random(SEED), COUNT),
}


def our_functions(folder: Path) -> Mapping[str, Function]:
    world = a_world(DiskReader(folder), answers_impure=False)
    return {**terraform_functions(world), **provider_terraform_functions()}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    cases.make_tree(tmp_path)
    return tmp_path


@pytest.mark.oracle
@pytest.mark.parametrize("kind", KINDS)
def test_functions_answer_like_terraform(kind: str, tree: Path) -> None:
    calls = KINDS[kind]()

    answers = ask(calls, folder=tree, declarations=FOLDER + cases.PROVIDER)

    if os.environ.get("COTTA_GOLDEN") == "write":
        pairs = [[call, answer] for call, answer in zip(calls, answers, strict=True)]
        kept = pairs[:: -(-len(pairs) // RECORDED_AT_MOST)]
        lines = json.dumps(kept, ensure_ascii=False, indent=0, sort_keys=True)
        (RECORDED / f"{kind}.json").write_text(lines + "\n", encoding="utf-8")
    found = differences(calls, answers, our_functions(tree))
    assert not found, f"{len(found)} of {len(calls)} differ:\n" + "\n".join(found[:20])


@pytest.mark.parametrize("kind", KINDS)
def test_functions_answer_as_terraform_did(kind: str, tree: Path) -> None:
    pairs = json.loads((RECORDED / f"{kind}.json").read_text(encoding="utf-8"))

    found = differences([c for c, _ in pairs], [a for _, a in pairs], our_functions(tree))

    assert not found, f"{len(found)} of {len(pairs)} differ:\n" + "\n".join(found[:20])
