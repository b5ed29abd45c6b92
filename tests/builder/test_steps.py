"""Steps are done in order and undone in reverse, whatever happens in between."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from cotta.builder.running import BuildError, Cancelled, OnError
from cotta.builder.steps import Outcome, Steps
from tests.support.builds import Heard


@dataclass
class Played:
    """A step that notes what is done with it, and fails so many times."""

    name: str
    log: list[str]
    failures: int = 0
    undo_fails: bool = False
    after: list[str] = field(default_factory=list)

    def run(self) -> None:
        self.log.append(f"run {self.name}")
        if self.failures > 0:
            self.failures -= 1
            raise BuildError(f"{self.name} is broken")

    def undo(self, outcome: Outcome) -> None:
        self.log.append(f"undo {self.name} {outcome.value}")
        if self.undo_fails:
            raise BuildError("it does not go away")


def test_steps_are_undone_in_reverse_when_all_is_done() -> None:
    log: list[str] = []

    Steps(Heard()).run([Played("a", log), Played("b", log)])

    assert log == ["run a", "run b", "undo b done", "undo a done"]


def test_a_step_that_failed_half_way_is_undone_too() -> None:
    log: list[str] = []

    with pytest.raises(BuildError, match="b is broken"):
        Steps(Heard()).run([Played("a", log), Played("b", log, failures=1), Played("c", log)])

    assert log == ["run a", "run b", "undo b failed", "undo a failed"]


def test_what_can_not_be_undone_is_said_and_the_rest_is_undone() -> None:
    log: list[str] = []
    ui = Heard()

    Steps(ui).run([Played("a", log), Played("b", log, undo_fails=True)])

    assert log[-2:] == ["undo b done", "undo a done"]
    assert ui.errors == ["Cleaning up after b failed: it does not go away"]


def test_a_request_to_end_is_heeded_between_steps() -> None:
    log: list[str] = []

    with pytest.raises(Cancelled):
        Steps(Heard(), cancelled=lambda: bool(log)).run([Played("a", log), Played("b", log)])

    assert log == ["run a", "undo a cancelled"]


def test_a_second_request_ends_cleaning_up() -> None:
    log: list[str] = []
    ui = Heard()

    with pytest.raises(Cancelled):
        Steps(ui, cancelled=lambda: len(log) > 1, hurried=lambda: len(log) > 2).run(
            [Played("a", log), Played("b", log), Played("c", log)]
        )

    assert log == ["run a", "run b", "undo b cancelled"]
    assert ui.errors == ["Cleaning up was interrupted."]


@pytest.mark.parametrize("policy", [OnError.ABORT, OnError.RUN_CLEANUP_PROVISIONER])
def test_an_abort_leaves_everything_as_it_is(policy: OnError) -> None:
    log: list[str] = []
    ui = Heard()

    with pytest.raises(BuildError, match="b is broken"):
        Steps(ui, on_error=policy).run([Played("a", log), Played("b", log, failures=1)])

    assert log == ["run a", "run b"]
    assert ui.errors == [
        'aborted: skipping cleanup of step "b"',
        'aborted: skipping cleanup of step "a"',
    ]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["r", "r"], ["run a", "run b", "run b", "run b", "undo b done", "undo a done"]),
        (["r", "c"], ["run a", "run b", "run b", "undo b failed", "undo a failed"]),
        (["a"], ["run a", "run b"]),
        # Nobody is there to be asked.
        ([""], ["run a", "run b", "undo b failed", "undo a failed"]),
    ],
)
def test_the_person_is_asked(answers: list[str], expected: list[str]) -> None:
    log: list[str] = []
    ui = Heard(answers=answers)
    steps = [Played("a", log), Played("b", log, failures=2)]

    if answers == ["r", "r"]:
        Steps(ui, on_error=OnError.ASK).run(steps)
    else:
        with pytest.raises(BuildError, match="b is broken"):
            Steps(ui, on_error=OnError.ASK).run(steps)

    assert log == expected
