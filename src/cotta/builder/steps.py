"""The steps of a build: done in order, undone in reverse, whatever happens in between."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

from cotta.builder.running import BuildError, Cancelled, OnError
from cotta.diagnostics.diagnostics import DiagnosticsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotta.builder.events import Ui


class Outcome(Enum):
    """How the steps went, as what is undone needs to know it."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Step(Protocol):
    """Something that a build does, and that is undone at the build's end.

    `undo` is called for every step that was begun, also where it failed half-way: it takes away
    what is there.  What is meant to stay, an image, stays where the outcome is DONE.
    Both raise `BuildError` for what the world refuses.
    """

    @property
    def name(self) -> str:
        """What a person calls it: "launching the instance"."""
        ...

    def run(self) -> None:
        """Do it."""
        ...

    def undo(self, outcome: Outcome) -> None:
        """Take away what it has left."""
        ...


_QUESTION: Final = (
    "[c] Clean up and exit, [a] abort without cleanup, or [r] retry step (build may fail even if "
    "retry succeeds)? "
)


class Steps:
    """Runs the steps of one build."""

    def __init__(
        self,
        ui: Ui,
        *,
        on_error: OnError = OnError.CLEANUP,
        cancelled: Callable[[], bool] = lambda: False,
        hurried: Callable[[], bool] = lambda: False,
        pauses: bool = False,
    ) -> None:
        self._ui = ui
        self._on_error = on_error
        self._cancelled = cancelled
        self._hurried = hurried
        self._pauses = pauses
        self._begun: list[Step] = []

    def run(self, steps: Sequence[Step]) -> None:
        """Do all steps and undo them.

        Raises `BuildError`, or `Cancelled` if that was asked for: in both cases after
        undoing, unless the person wants things to stay as they are.  What can't be undone is said,
        and is no failure of the build: the journal has it.
        """
        try:
            self._forward(steps)
        except _AbortError as abort:
            raise abort.reason from None
        except Cancelled:
            self._back(Outcome.CANCELLED)
            raise
        except BaseException:
            self._back(Outcome.FAILED)
            raise
        self._back(Outcome.DONE)

    def _forward(self, steps: Sequence[Step]) -> None:
        for step in steps:
            while True:
                if self._cancelled():
                    raise Cancelled
                if step not in self._begun:
                    self._begun.append(step)
                try:
                    step.run()
                except (BuildError, DiagnosticsError) as error:
                    if self._cancelled():
                        raise Cancelled from error
                    if self._answer_to(error, step) != "r":
                        raise
                else:
                    break
            if self._pauses:
                self._ui.ask(f"Pausing after {step.name}. Press enter to continue.")

    def _answer_to(self, error: Exception, step: Step) -> str:
        """Return what follows a failure: "c" or "r"; raises for "a"."""
        match self._on_error:
            case OnError.CLEANUP:
                return "c"
            case OnError.ABORT | OnError.RUN_CLEANUP_PROVISIONER:
                self._abort(error)
            case OnError.ASK:
                self._ui.error(f"{step.name}: {error}")
                answer = self._ui.ask(_QUESTION).strip().lower()[:1]
                if answer == "a":
                    self._abort(error)
                # Who can't be asked wants no machine to be left running.
                return answer if answer == "r" else "c"
        return "c"

    def _abort(self, error: Exception) -> None:
        for step in reversed(self._begun):
            self._ui.error(f'aborted: skipping cleanup of step "{step.name}"')
        raise _AbortError(error)

    def _back(self, outcome: Outcome) -> None:
        """Undo what was begun; what can't be undone does not keep the rest from it."""
        while self._begun:
            if self._hurried():
                self._ui.error("Cleaning up was interrupted.")
                return
            step = self._begun.pop()
            try:
                step.undo(outcome)
            except BuildError as error:
                self._ui.error(f"Cleaning up after {step.name} failed: {error}")


class _AbortError(Exception):
    """Everything is to stay as it is."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason
