"""The chains of a build: run one after another; which artifacts stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.post_processors.table import POST_PROCESSORS
from cotta.builder.provisioners.provisioning import place_of
from cotta.builder.running import BuildError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.builder.artifacts import Artifact
    from cotta.builder.model import PostProcessor
    from cotta.builder.post_processors.processing import Processing


def run_chains(
    chains: Sequence[Sequence[PostProcessor]],
    made: Artifact,
    processing: Processing,
    *,
    keeps: bool = False,
) -> tuple[Artifact, ...]:
    """Return what there is in the end: the source's artifact, if it stays, and each chain's last.

    A chain that fails does not keep others from running; the build fails in the end
    (`BuildError`), and the source's artifact stays then.
    """
    stays = keeps or not chains
    found: list[Artifact] = []
    mistakes: list[str] = []
    for chain in chains:
        try:
            last, keeps_first = _run_chain(chain, made, processing)
        except BuildError as error:
            processing.ui.error(str(error))
            mistakes.append(str(error))
            stays = True
            continue
        found.append(last)
        stays = stays or keeps_first
    if mistakes:
        raise BuildError("\n".join(mistakes))
    if stays:
        return (made, *found)
    processing.ui.say("Deleting original artifact for build...")
    made.destroy(processing.ui)
    return tuple(found)


def _run_chain(
    chain: Sequence[PostProcessor], made: Artifact, processing: Processing
) -> tuple[Artifact, bool]:
    """Return the last artifact of a chain, and whether the first one is to stay."""
    current, keeps_first = made, False
    for number, link in enumerate(chain):
        processing.ui.say(f"Running post-processor: {link.name or link.type}")
        if processing.run.cancelled():
            raise BuildError("Interrupted before the post-processors were done.")
        try:
            done = POST_PROCESSORS[link.type](
                link.options(processing.generated), current, processing
            )
        except BuildError as error:
            raise BuildError(
                f'The post-processor "{link.type}" in {place_of(link.range)} failed. {error}'
            ) from error
        keeps = done.keeps_input
        if link.keep_input_artifact is not None and not done.is_forced:
            keeps = link.keep_input_artifact
        elif link.keep_input_artifact is False and done.is_forced:
            processing.ui.message(
                f'keep_input_artifact = false does nothing for "{link.type}": it makes nothing new.'
            )
        if number == 0:
            keeps_first = keeps
        elif not keeps and done.artifact is not current:
            processing.ui.say("Deleting the artifact of the post-processor before...")
            current.destroy(processing.ui)
        current = done.artifact
    return current, keeps_first
