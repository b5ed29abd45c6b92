"""The post-processors by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.builder.post_processors import artifice, checksum, manifest, shell_local

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.builder.artifacts import Artifact
    from cotta.builder.options.values import Options
    from cotta.builder.post_processors.processing import Processed, Processing

Process: TypeAlias = "Callable[[Options, Artifact, Processing], Processed]"

POST_PROCESSORS: Final[Mapping[str, Process]] = {
    "artifice": artifice.process,
    "checksum": checksum.process,
    "manifest": manifest.process,
    "shell-local": shell_local.process,
}
