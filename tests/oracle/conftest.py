"""Fixtures of the comparisons with other programs."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.oracle.official_schemas import official_schemas


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the official AWS provider declares of the types that are native here."""
    base = tmp_path_factory.getbasetemp()
    # A worker's own folder lies inside the session's.
    return official_schemas(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)
