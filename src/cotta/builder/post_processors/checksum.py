"""The post-processor `checksum`: the digests of an artifact's files, each kind in a file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.builder.artifacts import artifact_of_files
from cotta.builder.model import RenderError
from cotta.builder.post_processors.processing import Processed
from cotta.builder.running import BuildError

if TYPE_CHECKING:
    from cotta.builder.artifacts import Artifact
    from cotta.builder.options.values import Options
    from cotta.builder.post_processors.processing import Processing

BUILDER_ID: Final = "packer.post-processor.checksum"


def process(options: Options, artifact: Artifact, processing: Processing) -> Processed:
    """Write the digests, as `sha256sum` does; those of an earlier run are written over."""
    build = processing.build
    written: list[str] = []
    for kind in options.texts("checksum_types"):
        fields = {
            "BuildName": build.source.name,
            "BuilderType": build.source.type,
            "ChecksumType": kind,
        }
        try:
            name = build.layer.render(options.text("output"), fields, processing.generated)
        except RenderError as error:
            raise BuildError(f"output can't be filled in: {error}") from error
        if artifact.files:
            _write(Path(name), kind, artifact.files)
            written.append(name)
    if not artifact.files:
        processing.ui.message("The artifact has no files, so there is nothing to make digests of.")
    files = (*artifact.files, *written)

    made = artifact_of_files(BUILDER_ID, files, removed=written)
    return Processed(made, keeps_input=True, is_forced=True)


def _write(path: Path, kind: str, files: tuple[str, ...]) -> None:
    lines = []
    try:
        for name in files:
            with Path(name).open("rb") as file:
                digest = hashlib.file_digest(file, kind).hexdigest()
            lines.append(f"{digest}\t{Path(name).name}\n")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines))
    except OSError as error:
        raise BuildError(f"{error.filename}: {error.strerror}.") from error
