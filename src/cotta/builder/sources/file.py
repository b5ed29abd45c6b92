"""The source `file`: a file, written or copied."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from cotta.builder.artifacts import Artifact
from cotta.builder.running import BuildError
from cotta.builder.sources.reaching import no_variables

if TYPE_CHECKING:
    from cotta.builder.events import Ui
    from cotta.builder.sources.baking import Baking

BUILDER_ID = "packer.file"


def bake(baking: Baking) -> Artifact:
    """Write the file; provisioners run here, since there is no machine."""
    options = baking.build.source.options
    target = Path(options.text("target"))
    try:
        if options.text("source"):
            shutil.copyfile(options.text("source"), target)
        else:
            target.write_text(options.text("content"))
    except OSError as error:
        raise BuildError(f"{error.filename or target}: {error.strerror}.") from error
    baking.provision(None, no_variables(baking.run.uuid))

    def destroy(_: Ui) -> None:
        target.unlink(missing_ok=True)

    return Artifact(
        builder_id=BUILDER_ID,
        id="File",
        text=f"Stored file: {target}",
        files=(str(target),),
        destroy=destroy,
    )
