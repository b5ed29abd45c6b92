"""What a post-processor is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.builder.artifacts import Artifact
    from cotta.builder.events import Ui
    from cotta.builder.model import Build
    from cotta.builder.running import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """What the post-processors of one build are given."""

    build: Build
    run: Run
    ui: Ui
    generated: Mapping[str, str | int | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Processed:
    """An artifact, and whether the one that it was made of stays.

    `is_forced` means that it stays whatever the template says, since nothing new was made of it.
    """

    artifact: Artifact
    keeps_input: bool
    is_forced: bool = False
