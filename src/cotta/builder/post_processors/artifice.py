"""The post-processor `artifice`: files of the person's take the artifact's place."""

from __future__ import annotations

import glob
from typing import TYPE_CHECKING, Final

from cotta.builder.artifacts import artifact_of_files
from cotta.builder.post_processors.processing import Processed
from cotta.builder.running import BuildError

if TYPE_CHECKING:
    from cotta.builder.artifacts import Artifact
    from cotta.builder.options.values import Options
    from cotta.builder.post_processors.processing import Processing

BUILDER_ID: Final = "packer.post-processor.artifice"


def process(options: Options, _artifact: Artifact, _processing: Processing) -> Processed:
    """Return the files as an artifact; patterns may name several."""
    files = tuple(
        name
        for pattern in options.texts("files")
        for name in sorted(glob.glob(pattern))  # noqa: PTH207 - as the person has written them
    )
    if not files:
        raise BuildError(f"No file is there of {', '.join(options.texts('files'))}.")

    made = artifact_of_files(BUILDER_ID, files, removed=files)
    return Processed(made, keeps_input=False)
