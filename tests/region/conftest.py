"""A region on a loopback port, for real boto3 clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.regions import running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.regions import RunningRegion


@pytest.fixture
def region(tmp_path: Path) -> Iterator[RunningRegion]:
    """Give a fresh region, which is gone after the test."""
    with running_region(tmp_path) as running:
        yield running
