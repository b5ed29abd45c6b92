"""Settings of the whole suite."""

from __future__ import annotations

import os

from hypothesis import settings

# Fixtures of the whole suite.
from tests.support.amazon_linux import amazon_linux
from tests.support.base_image import base_image, web_image
from tests.support.booted_region import running_region_with_machines

__all__ = ["amazon_linux", "base_image", "running_region_with_machines", "web_image"]

# In CI the same examples are tried every time: what a new one finds is for a
# person to look at, not a reason to turn a good change away.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")
