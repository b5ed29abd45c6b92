"""Golden files: what people see, kept in `tests/golden` and reviewed as prose.

They change only by `make golden`, which sets COTTA_GOLDEN=write.
"""

from __future__ import annotations

import os
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden"


def assert_golden(name: str, actual: str) -> None:
    """Compare `actual` with the golden file `name`, or rewrite that file."""
    path = GOLDEN / name
    if os.environ.get("COTTA_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual, encoding="utf-8")
        return
    assert path.is_file(), f"{path} does not exist; run `make golden` and review it"
    assert actual == path.read_text(encoding="utf-8"), f"{name} differs; see `make golden`"
