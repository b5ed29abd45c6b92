"""Builds from a template to outcomes: keys, what is there already, and a thread for each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cotta.builder.build import Lookup, post_process, read_data, run_build
from cotta.builder.digests import DiskDigests
from cotta.builder.fingerprint import (
    FORMAT,
    STILL_TIME,
    BaseImage,
    ContentKey,
    Ingredients,
    changed_parts,
    content_key,
    no_chance,
)
from cotta.builder.masking import Mask
from cotta.builder.parallel import run_side_by_side
from cotta.builder.running import BuildError, Cancelled, Run
from cotta.builder.understanding import understand
from cotta.builder.verifying import verify_build
from cotta.cli.build_memory import BuildMemory
from cotta.cli.outcomes import Outcome
from cotta.cli.views.builds import Tone
from cotta.diagnostics.diagnostics import Diagnostics, DiagnosticsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.builder.events import Ui
    from cotta.builder.loader import TemplateFiles
    from cotta.builder.model import Build
    from cotta.builder.options.values import Options
    from cotta.builder.understanding import Asked, Understood
    from cotta.cli.views.builds import BuildsView
    from cotta.clouds.which import Access
    from cotta.values.value import Value

# What has an image that can be found again.
_FINDABLE: Final = frozenset({"amazon-ebs"})
_NAMED_CHANGES: Final = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """The builds that were asked for, each as the world is and as it would be in a still one."""

    understood: Understood
    builds: tuple[Build, ...]
    still: tuple[Build, ...]


def plan_builds(files: TemplateFiles, asked: Asked, diags: Diagnostics) -> Plan:
    """Return the builds of a template; data sources are asked once for both forms.

    Raises `DiagnosticsError` with everything that is wrong.
    """
    answers: dict[tuple[str, str], Value] = {}
    ask = asked.read_data

    def once(kind: str, options: Options) -> Value:
        assert ask is not None
        key = (kind, repr(options))
        if key not in answers:
            answers[key] = ask(kind, options)
        return answers[key]

    read = once if ask is not None else None
    understood = understand(files.files, replace(asked, read_data=read), diags)
    diags.raise_if_errors()
    still = understand(
        files.files,
        replace(asked, read_data=read, started=STILL_TIME, random=no_chance),
        Diagnostics(),
    )
    return Plan(understood, understood.builds, still.builds)


def data_reader(access: Callable[[], Access]) -> Callable[[str, Options], Value]:
    """Return what asks data sources, in the cloud that is meant."""
    return lambda kind, options: read_data(kind, options, access)


def needs_cloud(plan: Plan) -> bool:
    """Say whether any build talks to a cloud."""
    return any(build.source.type in _FINDABLE for build in plan.builds)


def run_builds(plan: Plan, run: Run, view: BuildsView, *, limit: int) -> list[Outcome]:
    """Run the builds side by side, `limit` at a time (0: all); return how each ended, in order."""
    memory = BuildMemory(run.home / "keys", run.folder.resolve())
    outcomes: dict[int, Outcome] = {}

    def job(at: int) -> Callable[[], Outcome]:
        return lambda: _run_one(plan, at, run, view, memory)

    def ended(at: int, outcome: Outcome) -> None:
        outcomes[at] = outcome
        view.ended(outcome)

    run_side_by_side([job(at) for at in range(len(plan.builds))], limit, ended)
    return [outcomes[at] for at in sorted(outcomes)]


def _run_one(plan: Plan, at: int, run: Run, view: BuildsView, memory: BuildMemory) -> Outcome:
    build = plan.builds[at]
    voice = Voice(view, build)
    began = run.clock.now()
    outcome = Outcome(build=build.id, took=began - began)
    try:
        outcome = _make(plan, at, run, voice, memory, outcome)
    except Cancelled as error:
        text = str(error) or "Cancelled."
        outcome = replace(outcome, error=voice.masked(text), is_cancelled=True)
    except BuildError as error:
        outcome = replace(outcome, error=voice.masked(str(error)))
    except DiagnosticsError as error:
        outcome = replace(outcome, error=voice.masked(_as_text(error)))
    return replace(outcome, took=run.clock.now() - began)


def _make(
    plan: Plan, at: int, run: Run, ui: Voice, memory: BuildMemory, outcome: Outcome
) -> Outcome:
    build = plan.builds[at]
    if run.cancelled():
        raise Cancelled("Cancelled before it began.")
    if build.source.type not in _FINDABLE:
        return replace(outcome, artifacts=run_build(build, run, ui))
    lookup = Lookup(build, run)
    try:
        key = _key_of(plan, at, lookup)
        found = None if run.force or run.verifies else lookup.unchanged(key.text)
    finally:
        lookup.close()
    run = replace(run, key=key.text)
    if found is not None:
        for image in found.id.split(","):
            ui.say(f"Unchanged: {image.rpartition(':')[2]} (in {image.partition(':')[0]})")
        artifacts = post_process(build, found, run, ui, keeps=True)
        return replace(outcome, artifacts=artifacts, is_unchanged=True)
    _say_why(key, memory.parts_of(build.id), run, ui)
    artifacts = verify_build(build, run, ui) if run.verifies else run_build(build, run, ui)
    memory.remember(build.id, key)
    return replace(outcome, artifacts=artifacts)


def _key_of(plan: Plan, at: int, lookup: Lookup) -> ContentKey:
    build = plan.builds[at]
    base = lookup.base()
    try:
        return content_key(
            Ingredients(
                build=build,
                still=plan.still[at],
                base=BaseImage(*base) if base is not None else None,
                template=plan.understood.template,
                reader=DiskDigests(),
                versions={"format": str(FORMAT)},
            )
        )
    except OSError as error:
        raise BuildError(
            f"{error.filename or 'A file'} can't be read ({error.strerror}), and it is part of "
            "the image."
        ) from error


def _say_why(key: ContentKey, before: dict[str, str] | None, run: Run, ui: Ui) -> None:
    """Say why an image is baked although there may be one."""
    if key.defeats:
        for defeat in key.defeats:
            ui.message(f"Always baked anew: {defeat.describe()}")
    elif run.force:
        ui.message("Baked anew by -force, whether it is unchanged or not.")
    elif before is not None:
        changes = list(changed_parts(before, key.parts))
        if changes:
            more = len(changes) - _NAMED_CHANGES
            listed = ", ".join(changes[:_NAMED_CHANGES])
            ui.message(f"Changed since the last build: {listed}{f' and {more} more' * (more > 0)}")


def _as_text(error: DiagnosticsError) -> str:
    from cotta.cli.views.diagnostics import encode_diagnostics
    from cotta.diagnostics.render import render_diagnostic

    records = encode_diagnostics(error.diagnostics)
    return "\n".join(
        render_diagnostic(record, width=0, colour=False).rstrip("\n") for record in records
    )


class Voice:
    """The voice of one build in a view; what is sensitive is hidden."""

    def __init__(self, view: BuildsView, build: Build) -> None:
        self._view = view
        self._build = build.id
        self._mask = Mask(build.secrets)

    def masked(self, text: str) -> str:
        """Return the text with every secret hidden."""
        return self._mask.hide(text)

    def say(self, text: str) -> None:
        """Say what is being done."""
        self._view.line(self._build, Tone.SAY, self.masked(text))

    def message(self, text: str) -> None:
        """Say a detail."""
        self._view.line(self._build, Tone.MESSAGE, self.masked(text))

    def error(self, text: str) -> None:
        """Say what went wrong."""
        self._view.line(self._build, Tone.ERROR, self.masked(text))

    def ask(self, question: str) -> str:
        """Return what the person answers."""
        return self._view.asks(self._build, self.masked(question))

    def progress(self, what: str, done: int, total: int) -> None:
        """Say how far a transfer has come."""
        self._view.moves(self._build, what, done, total)
