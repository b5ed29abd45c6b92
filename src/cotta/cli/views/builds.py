"""What is seen of builds while they run and when they have ended, in Packer's words.

A view is called from every build's thread; it writes whole lines, one at a time.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

from cotta.cli.views.durations import render_duration
from cotta.cli.views.machine_lines import machine_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from cotta.cli.outcomes import Outcome


class Tone(Enum):
    """How something is said; the value is the word of the machine-readable lines."""

    SAY = "say"
    MESSAGE = "message"
    ERROR = "error"


class BuildsView(Protocol):
    """The screen of one run of builds."""

    def begins(self, builds: Sequence[str]) -> None:
        """Name the builds, in their order."""

    def line(self, build: str, tone: Tone, text: str) -> None:
        """Write what a build says; `build` is "" for what is about all of them."""

    def asks(self, build: str, question: str) -> str:
        """Ask the person, and return the answer; "" where nobody can answer."""

    def moves(self, build: str, what: str, done: int, total: int) -> None:
        """Show how far something is; `total` is 0 where it is not known, and `done` bytes then."""

    def ended(self, outcome: Outcome) -> None:
        """Say that a build has ended, and how."""

    def summary(
        self, outcomes: Sequence[Outcome], took: timedelta, *, was_interrupted: bool
    ) -> None:
        """Say what there is now; `outcomes` are in the order of the builds."""


# What takes less than this is not told about in lines.
_LINE_EVERY: Final = timedelta(seconds=15)


def share_of(done: int, total: int) -> str:
    """Return how much is done: `42 %`, or `17 MB` where the whole is not known."""
    return f"{100 * done // total} %" if total else f"{done // 1_000_000} MB"


class Pace:
    """Says when it is time to tell again how far something is.  For one thread of each build."""

    def __init__(
        self, now: Callable[[], datetime], every: timedelta, *, first: bool = True
    ) -> None:
        """Tell once in `every`, beginning with the first call if `first`, else a while later."""
        self._now = now
        self._every = every
        self._first = first
        self._last: dict[str, tuple[str, datetime]] = {}

    def is_time(self, build: str, what: str) -> bool:
        """Say whether to tell now."""
        now = self._now()
        before, last = self._last.get(build, ("", now))
        if before != what:
            self._last[build] = (what, now)
            return self._first
        if now - last < self._every:
            return False
        self._last[build] = (what, now)
        return True


_PREFIXES: Final = {Tone.SAY: "==> ", Tone.MESSAGE: "    ", Tone.ERROR: "==> "}


def prefixed(build: str, tone: Tone, text: str) -> str:
    """Return what a build says, its name before every line; nothing blank at the end."""
    if not build:
        return text
    return "\n".join(f"{_PREFIXES[tone]}{build}: {line}" for line in text.split("\n")).rstrip()


def end_line(outcome: Outcome) -> str:
    """Return the sentence about the end of a build."""
    took = render_duration(outcome.took)
    if outcome.error:
        return f"Build '{outcome.build}' errored after {took}: {outcome.error}"
    if outcome.is_unchanged:
        return f"Build '{outcome.build}' is unchanged; that took {took} to see."
    return f"Build '{outcome.build}' finished after {took}."


# --- for people -----------------------------------------------------------------

# Green, cyan, magenta, yellow, blue: each build has one, in turn.  Errors are red.
_SHADES: Final = (32, 36, 35, 33, 34)
_RED: Final = 31


class TextBuilds:
    """Packer's lines, in colour or without."""

    def __init__(
        self,
        write: Callable[[str], None],
        lock: AbstractContextManager[object],
        *,
        colour: bool,
        stamp: Callable[[], datetime] | None = None,
        ask: Callable[[], str] | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """Write with `write`; `stamp` tells the local time where lines are to begin with it.

        Without `now` nothing is said of how far something is.
        """
        self._write = write
        self._lock = lock
        self._colour = colour
        self._stamp = stamp
        self._ask = ask
        self._shades: dict[str, int] = {}
        self._pace = None if now is None else Pace(now, _LINE_EVERY, first=False)

    def begins(self, builds: Sequence[str]) -> None:
        """Give every build its colour, and say which."""
        for at, build in enumerate(builds):
            self._shades[build] = _SHADES[at % len(_SHADES)]
        if self._colour:
            for build in builds:
                self._put(build, Tone.SAY, f"{build}: output will be in this color.")
            self._write("\n")

    def line(self, build: str, tone: Tone, text: str) -> None:
        """Write the lines of one text together."""
        shown = prefixed(build, tone, text)
        if self._stamp is not None:
            shown = f"{self._stamp().astimezone().isoformat(timespec='seconds')}: {shown}"
        with self._lock:
            self._put(build, tone, shown)

    def asks(self, build: str, question: str) -> str:
        """Ask on the screen."""
        self.line(build, Tone.SAY, question)
        return "" if self._ask is None else self._ask()

    def moves(self, build: str, what: str, done: int, total: int) -> None:
        """Write a line now and then about what takes long."""
        if self._pace is not None and self._pace.is_time(build, what):
            self.line(build, Tone.MESSAGE, f"{what}: {share_of(done, total)}")

    def ended(self, outcome: Outcome) -> None:
        """Write the sentence about the end."""
        with self._lock:
            tone = Tone.ERROR if outcome.error else Tone.SAY
            self._put(outcome.build, tone, end_line(outcome))

    def summary(
        self, outcomes: Sequence[Outcome], took: timedelta, *, was_interrupted: bool
    ) -> None:
        """Write what failed and what there is."""
        self._write(f"\n==> Wait completed after {render_duration(took)}\n")
        if was_interrupted:
            self._write("Cleanly cancelled builds after being interrupted.\n")
            return
        failed = [one for one in outcomes if one.error]
        if failed:
            self._put(
                "", Tone.ERROR, "\n==> Some builds didn't complete successfully and had errors:"
            )
            for one in failed:
                self._put("", Tone.ERROR, f"--> {one.build}: {one.error}")
        self._write("".join(f"{line}\n" for line in artifact_lines(outcomes)))

    def _put(self, build: str, tone: Tone, text: str) -> None:
        if not self._colour:
            self._write(text + "\n")
            return
        shade = _RED if tone is Tone.ERROR else self._shades.get(build)
        if shade is None:
            self._write(f"\x1b[1m{text}\x1b[0m\n" if not build else text + "\n")
            return
        weight = 0 if tone is Tone.MESSAGE else 1
        self._write(f"\x1b[{weight};{shade}m{text}\x1b[0m\n")


def artifact_lines(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the lines about what there is in the end."""
    made = [one for one in outcomes if one.artifacts]
    if not made:
        return ["", "==> Builds finished but no artifacts were created."]
    return [
        "",
        "==> Builds finished. The artifacts of successful builds are:",
        *(
            f"--> {one.build}: {artifact.text.rstrip(chr(10))}"
            for one in made
            for artifact in one.artifacts
        ),
    ]


# --- for programs ---------------------------------------------------------------


class MachineBuilds:
    """Packer's machine-readable lines."""

    def __init__(
        self,
        write: Callable[[str], None],
        lock: AbstractContextManager[object],
        now: Callable[[], datetime],
    ) -> None:
        self._write = write
        self._lock = lock
        self._now = now

    def begins(self, builds: Sequence[str]) -> None:
        """Write nothing."""

    def line(self, build: str, tone: Tone, text: str) -> None:
        """Write one line, whatever lines the text has."""
        self._ui(tone, prefixed(build, tone, text))

    def asks(self, build: str, question: str) -> str:
        """Write the question; programs give no answer."""
        self.line(build, Tone.SAY, question)
        return ""

    def moves(self, build: str, what: str, done: int, total: int) -> None:
        """Write nothing."""

    def ended(self, outcome: Outcome) -> None:
        """Write the sentence about the end."""
        self._ui(Tone.ERROR if outcome.error else Tone.SAY, end_line(outcome))

    def summary(
        self, outcomes: Sequence[Outcome], took: timedelta, *, was_interrupted: bool
    ) -> None:
        """Write errors and artifacts, each with lines of its own."""
        self._ui(Tone.SAY, f"\n==> Wait completed after {render_duration(took)}")
        if was_interrupted:
            self._ui(Tone.SAY, "Cleanly cancelled builds after being interrupted.")
            return
        failed = [one for one in outcomes if one.error]
        if failed:
            self._put("", "error-count", str(len(failed)))
            self._ui(Tone.ERROR, "\n==> Some builds didn't complete successfully and had errors:")
            for one in failed:
                self._put(one.build, "error", one.error)
                self._ui(Tone.ERROR, f"--> {one.build}: {one.error}")
        self._ui(Tone.SAY, "\n".join(artifact_lines(outcomes)[:2]))
        for one in outcomes:
            if one.artifacts:
                self._artifacts(one)

    def _artifacts(self, outcome: Outcome) -> None:
        build = outcome.build
        self._put(build, "artifact-count", str(len(outcome.artifacts)))
        for at, artifact in enumerate(outcome.artifacts):
            place = str(at)
            self._put(build, "artifact", place, "builder-id", artifact.builder_id)
            self._put(build, "artifact", place, "id", artifact.id)
            self._put(build, "artifact", place, "string", artifact.text)
            self._put(build, "artifact", place, "files-count", str(len(artifact.files)))
            for number, file in enumerate(artifact.files):
                self._put(build, "artifact", place, "file", str(number), file)
            self._put(build, "artifact", place, "end")
            self._ui(Tone.SAY, f"--> {build}: {artifact.text}")

    def _ui(self, tone: Tone, text: str) -> None:
        self._put("", "ui", tone.value, text)

    def _put(self, target: str, type: str, *texts: str) -> None:
        with self._lock:
            self._write(machine_line(int(self._now().timestamp()), target, type, *texts))
