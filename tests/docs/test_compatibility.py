"""docs/compatibility.md says what the code says."""

from __future__ import annotations

import os

from tests.support.compatibility import PAGE, with_generated_parts


def test_generated_parts_are_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")

    fresh = with_generated_parts(page)

    if os.environ.get("COTTA_GOLDEN") == "write":
        PAGE.write_text(fresh, encoding="utf-8")
        return
    assert page == fresh, "docs/compatibility.md is out of date; run `make docs`"
