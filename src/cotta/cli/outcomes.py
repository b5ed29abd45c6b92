"""How a build ended, for the views and the exit status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from cotta.builder.artifacts import Artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One build that came to an end.

    `error` says why it failed, "" if it didn't.  `is_unchanged` says that its
    artifact was there already.
    """

    build: str
    took: timedelta
    artifacts: tuple[Artifact, ...] = ()
    error: str = ""
    is_unchanged: bool = False
    is_cancelled: bool = False
