"""`cotta build`: bake the images of a template."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from cotta.builder.running import OnError
from cotta.cli.clouds import access_to, cloud_of, declare_cloud
from cotta.cli.interrupts import Interrupts
from cotta.cli.mistakes import fail
from cotta.cli.templates import (
    asked_for,
    declare_config_type,
    declare_selection,
    declare_values,
    read_files,
    selection_of,
    template_at,
)
from cotta.cli.views.builds import MachineBuilds, TextBuilds, Tone
from cotta.cli.views.diagnostics import show_diagnostics
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.engine.walk import Cancellation
from cotta.system.clock import SystemClock
from cotta.system.ids import RandomIds

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from pathlib import Path

    from cotta.builder.running import Run
    from cotta.cli.flags import Flags
    from cotta.cli.outcomes import Outcome
    from cotta.cli.terminal import Terminal
    from cotta.cli.views.builds import BuildsView
    from cotta.clouds.which import Access

HELP: Final = """\
Usage: cotta [global options] build [options] [template]

  Bakes the images of a template: a .pkr.hcl file or a folder of them, this
  folder if none is named.  All builds run side by side.  An image that is
  there already with the same content is found instead of baked, unless -force.

  The first Ctrl-C stops the builds and takes away what they have made.  What
  a build that was killed has left goes at the next build, or by -reap.
"""

_FIRST_INTERRUPT: Final = (
    "\nCancelling builds after receiving an interrupt. What they have made is taken away; a "
    "second\ninterrupt leaves it and says what is left.\n"
)
_SECOND_INTERRUPT: Final = (
    "\nTwo interrupts received: nothing more is taken away. To do that later, run: cotta build "
    "-reap\n"
)
_INTERRUPTED: Final = (_FIRST_INTERRUPT, _SECOND_INTERRUPT)


def declare(flags: Flags) -> None:
    """Take what packer takes, and more."""
    flags.switch("color", "Write without colour.", default=True)
    declare_selection(flags)
    flags.switch("force", "Bake even what is unchanged, and replace images of the same name.")
    flags.switch("debug", "One build after the other, with a pause after each step.")
    flags.option(
        "on-error",
        "WORD",
        "After a failure: cleanup (the usual), abort, ask, or run-cleanup-provisioner.",
        parse=_parse_on_error,
        default=OnError.CLEANUP,
    )
    flags.option(
        "parallel-builds",
        "N",
        "How many builds run at a time: 0, the usual, is all.",
        parse=_parse_count,
        default=0,
    )
    declare_values(flags)
    flags.switch("warn-on-undeclared-var", "Warn of values in files for no variable.")
    flags.switch("timestamp-ui", "Begin every line with the time.")
    flags.switch("machine-readable", "Print lines for programs, as packer does.")
    flags.switch("json", "Print one JSON record for each event.")
    declare_cloud(flags)
    declare_config_type(flags)
    flags.switch("verify", "Bake images twice; fail, and say what differs, if it does.")
    flags.switch("reap", "Only take away what interrupted builds have left.")
    flags.switch("ignore-prerelease-plugins", "Accepted for Packer's sake; without effect.")
    flags.switch("use-sequential-evaluation", "Accepted for Packer's sake; without effect.")
    flags.switch("skip-enforcement", "Accepted for Packer's sake; without effect.")
    flags.words("paths", most=1, advice="Name one template.")


def _parse_on_error(text: str) -> OnError:
    try:
        return OnError(text)
    except ValueError:
        words = ", ".join(each.value for each in OnError)
        raise argparse.ArgumentTypeError(f'can be {words}, not "{text}"') from None


def _parse_count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f'needs a whole number, 0 or more, not "{text}"')
    return int(text)


@dataclass(frozen=True, slots=True)
class Baked:
    """How the builds ended: the exit status, and each of them."""

    status: int
    outcomes: tuple[Outcome, ...] = ()


def run(given: Namespace, terminal: Terminal) -> int:
    """Bake; 1 if any build failed or was interrupted."""
    if given.reap:
        cancellation = Cancellation()
        with Interrupts(terminal, cancellation, _INTERRUPTED):
            run_ = _run(given, terminal, _access(given, terminal), cancellation, folder=None)
            return _reap(run_, _view(given, terminal))
    path = template_at(given.paths, given)
    if path is None:
        raise fail(
            "No template",
            "There is no .pkr.hcl or .pkr.json file in this folder. Name a template: cotta build "
            "PATH.",
        )
    return bake(path, given, terminal).status


def bake(path: Path, given: Namespace, terminal: Terminal) -> Baked:
    """Bake a template with the flags of `build`; raise `DiagnosticsError` for mistakes in it."""
    cancellation = Cancellation()
    with Interrupts(terminal, cancellation, _INTERRUPTED):
        return _bake(path, given, terminal, cancellation)


def _access(given: Namespace, terminal: Terminal) -> Callable[[], Access]:
    return _asked_once(partial(access_to, cloud_of(given, terminal), terminal))


def _bake(path: Path, given: Namespace, terminal: Terminal, cancellation: Cancellation) -> Baked:
    # Imported here because a mistake in the command line needs nothing of it.
    from cotta.cli.building import data_reader, needs_cloud, plan_builds, run_builds

    access, view = _access(given, terminal), _view(given, terminal)
    clock = SystemClock()
    began = clock.now()
    diags = Diagnostics()
    files = read_files(path, given, diags)
    diags.raise_if_errors()
    assert files is not None
    asked = asked_for(
        files,
        given,
        terminal,
        started=began,
        selection=selection_of(given),
        warns_of_undeclared=given.warn_on_undeclared_var,
        read_data=data_reader(access),
    )
    plan = plan_builds(files, asked, diags)
    if not (given.machine_readable or given.json):
        show_diagnostics(diags, terminal)
    run = _run(given, terminal, access, cancellation, folder=files.folder)
    if needs_cloud(plan):
        access()  # What is wrong with the cloud is told once, not by every build.
        _reap_quietly(run, view)
    if given.debug:
        view.line("", Tone.SAY, "Debug mode enabled. Builds will not be parallelized.")
    view.begins([build.id for build in plan.builds])
    limit = 1 if given.debug else given.parallel_builds
    outcomes = tuple(run_builds(plan, run, view, limit=limit))
    was_interrupted = cancellation.is_requested
    view.summary(outcomes, clock.now() - began, was_interrupted=was_interrupted)
    failed = was_interrupted or any(one.error for one in outcomes)
    return Baked(1 if failed else 0, outcomes)


def _asked_once(ask: Callable[[], Access]) -> Callable[[], Access]:
    answers: list[Access] = []

    def answer() -> Access:
        if not answers:
            answers.append(ask())
        return answers[0]

    return answer


def _run(
    given: Namespace,
    terminal: Terminal,
    access: Callable[[], Access],
    cancellation: Cancellation,
    *,
    folder: Path | None,
) -> Run:
    from pathlib import Path

    from cotta.builder.running import Run
    from cotta.cli.build_homes import home_of_builds

    ids = RandomIds()
    return Run(
        access=access,
        uuid=ids.uuid(),
        folder=folder if folder is not None else Path(),
        home=home_of_builds(terminal.environment),
        environment=terminal.environment,
        cancelled=lambda: cancellation.is_requested,
        hurried=lambda: cancellation.is_urgent,
        clock=SystemClock(),
        ids=ids,
        on_error=given.on_error,
        force=given.force,
        debug=given.debug,
        verifies=given.verify,
    )


# --- reaping ------------------------------------------------------------------


class _Everywhere:
    """The voice of what is no build's."""

    def __init__(self, view: BuildsView) -> None:
        self._view = view

    def say(self, text: str) -> None:
        self._view.line("", Tone.SAY, f"==> {text}")

    def message(self, text: str) -> None:
        self._view.line("", Tone.MESSAGE, f"    {text}")

    def error(self, text: str) -> None:
        self._view.line("", Tone.ERROR, f"==> {text}")

    def ask(self, question: str) -> str:
        return self._view.asks("", question)

    def progress(self, what: str, done: int, total: int) -> None:
        self._view.moves("", what, done, total)


def _reap(run: Run, view: BuildsView) -> int:
    from cotta.builder.reaping import reap

    voice = _Everywhere(view)
    reaped = reap(run, voice, everything=True)
    for line in reaped.kept:
        voice.error(f"Left: {line}")
    if not reaped.removed and not reaped.kept:
        voice.say("Interrupted builds have left nothing.")
    return 1 if reaped.kept else 0


def _reap_quietly(run: Run, view: BuildsView) -> None:
    """Take away what earlier builds have left; what can't be is told, and no reason not to bake."""
    from cotta.builder.reaping import reap

    voice = _Everywhere(view)
    for line in reap(run, voice, everything=False).kept:
        voice.error(f"Left: {line}")


# --- the screen ---------------------------------------------------------------


def _view(given: Namespace, terminal: Terminal) -> BuildsView:
    from cotta.builder.parallel import make_lock

    clock, lock, turn = SystemClock(), make_lock(), make_lock()
    write = partial(_write, terminal)
    if given.json:
        from cotta.cli.views.build_records import JsonBuilds

        return JsonBuilds(write, lock, clock.now)
    if given.machine_readable:
        return MachineBuilds(write, lock, clock.now)
    stamp = clock.now if given.timestamp_ui else None
    ask = partial(_ask, terminal)
    has_colour = given.color and terminal.stdout_has_colour
    if has_colour and terminal.is_interactive and os.isatty(terminal.stdout.fileno()):
        from cotta.cli.views.live_builds import LiveBuilds

        return LiveBuilds(terminal, lock, turn, clock.now, stamp=stamp, ask=ask)
    return TextBuilds(write, lock, colour=has_colour, stamp=stamp, ask=ask, now=clock.now)


def _write(terminal: Terminal, text: str) -> None:
    terminal.write(text)
    terminal.stdout.flush()


def _ask(terminal: Terminal) -> str:
    """Return a line that the person types; "" where nobody does."""
    return terminal.stdin.readline().decode("utf-8", "replace").strip()
