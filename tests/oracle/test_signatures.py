"""Functions are declared as terraform declares them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cotta.hcl.functions.signatures import encode_signatures
from tests.oracle.our_answers import FUNCTIONS
from tests.oracle.witnesses import terraform

if TYPE_CHECKING:
    from pathlib import Path


def without_descriptions(record: Any) -> Any:
    if isinstance(record, dict):
        return {k: without_descriptions(v) for k, v in record.items() if k != "description"}
    if isinstance(record, list):
        return [without_descriptions(item) for item in record]
    return record


@pytest.mark.oracle
def test_signatures_are_terraforms(tmp_path: Path) -> None:
    theirs = json.loads(terraform("metadata", "functions", "-json", folder=tmp_path).stdout)

    ours = encode_signatures(FUNCTIONS)

    assert without_descriptions(ours) == without_descriptions(theirs)


def test_every_function_has_a_description_and_its_namespaced_twin() -> None:
    signatures = encode_signatures(FUNCTIONS)["function_signatures"]

    assert len(signatures) == 236
    assert [name for name, record in signatures.items() if not record["description"]] == []
    assert all(
        signatures[name] == signatures[f"core::{name}"] for name in signatures if "::" not in name
    )
