"""The post-processor `artifice`: files of the person's take the artifact's place."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.builder.artifacts import Artifact
from cotta.builder.post_processors.processing import Processed
from cotta.builder.running import BuildError

if TYPE_CHECKING:
    from cotta.builder.events import Ui
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

    def destroy(_: Ui) -> None:
        for name in files:
            Path(name).unlink(missing_ok=True)

    return Processed(
        Artifact(
            builder_id=BUILDER_ID,
            id="",
            text=f"Created artifact from files: {', '.join(files)}",
            files=files,
            destroy=destroy,
        ),
        keeps_input=False,
    )
