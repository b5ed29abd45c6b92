"""The duty that keeps some room on the disk, for writes that lead to more of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.region.controller import Outlook

if TYPE_CHECKING:
    from datetime import datetime

    from cotta.region.store.reserve import Reserve


class ReserveDuty:
    """The reserve, whole again as soon as there is room."""

    name = "reserve"

    def __init__(self, reserve: Reserve) -> None:
        self._reserve = reserve

    def look(self, now: datetime) -> Outlook:  # noqa: ARG002 - room has no times
        """Take what is missing."""
        self._reserve.take()
        return Outlook()
