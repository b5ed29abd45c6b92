"""What a build leaves behind, and what post-processors hand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cotta.builder.events import Ui


def _keep(_ui: Ui) -> None:
    """Do nothing: there is nothing that could be destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One artifact, as Packer's summary, manifest and machine-readable lines show it.

    `id` is `region:ami,…` for images.  `text` is what the summary prints
    behind the build's name, of one line or several; "" prints nothing.
    `destroy` takes away what the artifact stands for.
    """

    builder_id: str
    id: str
    text: str
    files: tuple[str, ...] = ()
    destroy: Callable[[Ui], None] = _keep
    # Further facts for post-processors and `-json`: texts only.
    facts: Mapping[str, str] = field(default_factory=dict)


def artifact_of_files(
    builder_id: str, files: tuple[str, ...], *, removed: Iterable[str]
) -> Artifact:
    """Return the artifact that files are; those `removed` go when it is destroyed."""
    going = tuple(removed)

    def destroy(_: Ui) -> None:
        for name in going:
            Path(name).unlink(missing_ok=True)

    return Artifact(
        builder_id=builder_id,
        id="",
        text=f"Created artifact from files: {', '.join(files)}",
        files=files,
        destroy=destroy,
    )
