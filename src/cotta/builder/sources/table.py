"""The sources by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.builder.sources import amazon_ebs, file, null

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.builder.artifacts import Artifact
    from cotta.builder.sources.baking import Baking

Bake: TypeAlias = "Callable[[Baking], Artifact | None]"

SOURCES: Final[Mapping[str, Bake]] = {
    "amazon-ebs": amazon_ebs.bake,
    "file": file.bake,
    "null": null.bake,
}
