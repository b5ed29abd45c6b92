"""One build from its source to its artifacts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.builder.data_sources import read
from cotta.builder.journal import Heading, journal_of
from cotta.builder.looking import Watch
from cotta.builder.post_processors.chains import run_chains
from cotta.builder.post_processors.processing import Processing
from cotta.builder.provisioners.provisioning import Deadline
from cotta.builder.running import BuildError, Cancelled, OnError
from cotta.builder.sources import amazon_ebs
from cotta.builder.sources.amazon.removing import describe
from cotta.builder.sources.baking import Baking
from cotta.builder.sources.reaching import no_variables
from cotta.builder.sources.table import SOURCES
from cotta.builder.templates.naming import DataError
from cotta.clouds.tags import COMMIT_TAG, TEMPLATE_TAG
from cotta.images.contents import write_record
from cotta.system.processes import CommandError
from cotta.system.processes import run as run_command

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from cotta.builder.artifacts import Artifact
    from cotta.builder.events import Ui
    from cotta.builder.journal import Journal
    from cotta.builder.model import Build
    from cotta.builder.options.values import Options
    from cotta.builder.running import Run
    from cotta.clouds.which import Access
    from cotta.values.value import Value

_OF_A_CLOUD: Final = frozenset({"amazon-ebs"})
# Non-secret options of a source that say how its account is reached.
_REACHED: Final = ("profile", "shared_credentials_file", "custom_endpoint_ec2")


def run_build(build: Build, run: Run, ui: Ui) -> tuple[Artifact, ...]:
    """Return the artifacts of a build, in Packer's order; none where it makes none.

    Raises `BuildError`, `Cancelled` or `DiagnosticsError`, after taking away what was made unless
    the person wants it to stay.  What is left all the same has been said.
    """
    artifact, variables = bake(build, run, ui, watch=Watch())
    if artifact is None:
        return ()
    return post_process(build, artifact, run, ui, variables=variables)


def post_process(
    build: Build,
    artifact: Artifact,
    run: Run,
    ui: Ui,
    *,
    keeps: bool = False,
    variables: Mapping[str, str | int | bool] | None = None,
) -> tuple[Artifact, ...]:
    """Return what the chains of a build make of its artifact, which stays in any case if `keeps`.

    `variables` are the build's, where it ran.
    """
    processing = Processing(
        build=build, run=run, ui=ui, generated=variables or no_variables(run.uuid)
    )
    if keeps:
        artifact = replace(artifact, destroy=lambda _: None)
    return run_chains(build.post_processors, artifact, processing, keeps=keeps)


def bake(
    build: Build,
    run: Run,
    ui: Ui,
    *,
    watch: Watch,
    salt: str = "",
    instance_type: str = "",
    image_name: str = "",
    written: Callable[[], None] = lambda: None,
) -> tuple[Artifact | None, Mapping[str, str | int | bool]]:
    """Return the artifact of the source, and the build's variables.

    What `watch` has seen of an image is kept as its record.  `written` is called after every write
    of the journal.
    """
    with journal_of(run.home, heading_of(build, run), written) as journal:
        baking = Baking(
            build=build,
            run=run,
            ui=ui,
            journal=journal,
            deadline=Deadline(run.clock, run.cancelled),
            image_tags=image_tags(build, run) if build.source.type in _OF_A_CLOUD else {},
            watch=watch if build.source.type in _OF_A_CLOUD else None,
            salt=salt,
            instance_type=instance_type,
            image_name=image_name,
        )
        artifact = _bake(baking)
    if artifact is not None and watch.last is not None:
        for place in artifact.id.split(","):
            write_record(run.home, place.partition(":")[2], watch.last.contents)
    return artifact, baking.variables


def _bake(baking: Baking) -> Artifact | None:
    """Return the artifact of the source; says what is left where something is."""
    run = baking.run
    try:
        return SOURCES[baking.build.source.type](baking)
    except (BuildError, Cancelled):
        if baking.journal.left and run.on_error is not OnError.CLEANUP and not run.cancelled():
            # The person wants a look: the next build does not take it away.
            baking.journal.keep()
        raise
    finally:
        _say_what_is_left(baking.journal, baking.ui)


def _say_what_is_left(journal: Journal, ui: Ui) -> None:
    if journal.left:
        ui.error("This is left of the build:")
        for made in journal.left:
            ui.error(f"    {describe(made)}")
        ui.error("To take it away, run: cotta build -reap")


class Lookup:
    """What a build finds out before it begins, over one connection to its cloud.

    Making a client of AWS's takes 0.1 s of CPU, a fifth of what an unchanged build may take.
    """

    def __init__(self, build: Build, run: Run) -> None:
        self._build = build
        self._run = run
        self._cloud = amazon_ebs.cloud_of(build, run) if build.source.type == "amazon-ebs" else None

    def base(self) -> tuple[str, str] | None:
        """Return the image that the build would begin with: its id, and its digest or "".

        None for a source that begins with none.  Raises `BuildError`.
        """
        return None if self._cloud is None else amazon_ebs.base_of(self._build, self._cloud)

    def unchanged(self, key: str) -> Artifact | None:
        """Return the artifact of an earlier build with a content key, if it is still there."""
        if self._cloud is None:
            return None
        return amazon_ebs.find_unchanged(self._build, replace(self._run, key=key), self._cloud)

    def close(self) -> None:
        """Free the connection; an artifact that was found opens it again where it must."""
        if self._cloud is not None:
            self._cloud.close()


def read_data(kind: str, options: Options, access: Callable[[], Access]) -> Value:
    """Return what a data source answers; raises `DataError`."""
    try:
        return read(kind, options, access)
    except BuildError as error:
        raise DataError(str(error)) from error


def find_unchanged(build: Build, run: Run) -> Artifact | None:
    """Return the artifact of an earlier build with the run's content key, if it is still there."""
    lookup = Lookup(build, run)
    try:
        return lookup.unchanged(run.key)
    finally:
        lookup.close()


def heading_of(build: Build, run: Run) -> Heading:
    """Return what a journal of the build begins with."""
    began = run.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    if build.source.type not in _OF_A_CLOUD:
        return Heading(run=run.uuid, build=build.id, began=began)
    options = build.source.options
    reached = {name: options.text(name) for name in _REACHED if options.text(name)}
    role = options.block("assume_role")
    if role is not None:
        names = ("role_arn", "session_name")
        reached.update({name: role.text(name) for name in names if role.text(name)})
    access = run.access()
    return Heading(
        run=run.uuid, build=build.id, began=began, cloud=access.cloud.value, reached=reached
    )


def image_tags(build: Build, run: Run) -> dict[str, str]:
    """Return the tags that say where an image comes from."""
    found = {TEMPLATE_TAG: f"{build.range.file.name} {build.id}"}
    commit = commit_of(run.folder)
    if commit:
        found[COMMIT_TAG] = commit
    return found


def commit_of(folder: Path) -> str:
    """Return the commit that a folder is at, with `-dirty` if it was changed; "" outside of Git."""
    try:
        commit = run_command(["git", "rev-parse", "HEAD"], folder=folder).stdout.strip()
    except CommandError:
        return ""
    try:
        run_command(["git", "diff", "--quiet", "HEAD", "--", "."], folder=folder)
    except CommandError:
        return f"{commit}-dirty"
    return commit
