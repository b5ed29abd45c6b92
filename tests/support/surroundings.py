"""Worlds for functions in which time stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cotta.hcl.functions.surroundings import Surroundings
from tests.support.fake_files import FakeFiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.hcl.functions.surroundings import FileReader


def a_world(
    files: FileReader | dict[str, bytes | str | None] | None = None,
    *,
    base: str = ".",
    answers_impure: bool = True,
    plan_time: datetime | None = None,
    environment: Mapping[str, str] | None = None,
) -> Surroundings:
    """Return surroundings on 1 January 2026 where chance gives only zeros."""
    reader = FakeFiles(files) if files is None or isinstance(files, dict) else files
    return Surroundings(
        files=reader,
        base=base,
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        random=lambda count: b"\0" * count,
        answers_impure=answers_impure,
        plan_time=plan_time,
        environment=environment or {},
    )


NOWHERE = a_world()
