"""Plans of terraform with the official AWS provider, shown as terraform has shown them.

`tests/oracle/test_aws_drift.py` records them, and holds them to terraform.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.recorded_plans import mode_of, shown

RECORDS: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "recorded_drift.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", RECORDS)
def test_a_plan_is_shown_as_terraform_shows_it(name: str) -> None:
    record = RECORDS[name]

    assert shown(record["plan"], mode_of(record["flags"])) == record["text"]
