"""Generated policy documents by the official provider and by us: the same texts."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.oracle.official_provider import official_workspace
from tests.support.policies import a_block, document_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

DOCUMENTS = 300


def test_documents_are_written_as_the_official_provider_does(tmp_path: Path) -> None:
    blocks = {f"d{seed}": a_block(Random(seed)) for seed in range(DOCUMENTS)}
    terraform = official_workspace(tmp_path)
    (tmp_path / "main.tf.json").write_text(
        json.dumps({"data": {"aws_iam_policy_document": blocks}})
    )
    terraform.init()
    terraform.run("apply", "-auto-approve")
    state = json.loads(terraform.run("show", "-json"))
    theirs = {one["name"]: one["values"] for one in state["values"]["root_module"]["resources"]}

    for name, block in blocks.items():
        document = document_of(block)
        assert document.render() == theirs[name]["json"], block
        assert document.render(indent=None) == theirs[name]["minified_json"]
