"""Times that mean nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
