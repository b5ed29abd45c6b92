"""Settings of the whole suite."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import settings

# Fixtures of the whole suite.
from tests.support.amazon_linux import amazon_linux
from tests.support.base_image import base_image, web_image
from tests.support.booted_region import running_region_with_machines
from tests.support.workshop import workshop

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["amazon_linux", "base_image", "running_region_with_machines", "web_image", "workshop"]

# In CI the same examples are tried every time: what a new one finds is for a
# person to look at, not a reason to turn a good change away.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# Pages of memory that a worker may have before it looks for what nobody uses any more: 1 GiB.
_MANY_PAGES: Final = (1 << 30) // os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(autouse=True, scope="module")
def memory_is_given_back() -> Iterator[None]:
    """Collect what tests have left: commands freeze what they have read, and clients are cycles."""
    yield
    gc.unfreeze()
    if int(Path("/proc/self/statm").read_text().split()[1]) > _MANY_PAGES:
        gc.collect()
