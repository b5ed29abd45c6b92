"""The post-processor `shell-local`: scripts on the machine that builds, after the artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.post_processors.processing import Processed
from cotta.builder.provisioners import shell_local
from cotta.builder.provisioners.provisioning import Deadline, Provisioning

if TYPE_CHECKING:
    from cotta.builder.artifacts import Artifact
    from cotta.builder.options.values import Options
    from cotta.builder.post_processors.processing import Processing


def process(options: Options, artifact: Artifact, processing: Processing) -> Processed:
    """Run the scripts; the artifact goes on as it is."""
    run = processing.run
    shell_local.provision(
        options,
        Provisioning(
            build=processing.build,
            run=run,
            ui=processing.ui,
            machine=None,
            generated=processing.generated,
            deadline=Deadline(run.clock, run.cancelled),
        ),
    )
    return Processed(artifact, keeps_input=True, is_forced=True)
