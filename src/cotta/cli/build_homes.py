"""Where builds keep what outlives them: journals, keys, what was seen of images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def home_of_builds(environment: Mapping[str, str]) -> Path:
    """Return the folder of journals: in `COTTA_HOME`, or where programs keep their state."""
    named = environment.get("COTTA_HOME")
    if named:
        return Path(named) / "builds"
    state = environment.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "cotta" / "builds"
