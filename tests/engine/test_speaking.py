"""What a provider says and asks while it makes a change."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from cotta.engine.apply_walk import apply_plan
from cotta.engine.events import ApplyFinished, ApplySaid, ApplyStarted, Event, Subject
from cotta.engine.walk import Cancellation, Job, Walk
from cotta.plans.changes import Action
from cotta.providers.interface import Question
from tests.support.engine import MemoryLedger, Stage, a_configuration
from tests.support.scripted_provider import Trouble

ONE = 'resource "scripted_thing" "a" { name = "a" }'
TWO = ONE + '\nresource "scripted_thing" "b" { name = "b" }'
LEAVE_OR_CANCEL = Question(
    text="What becomes of it?",
    choices={"leave": "it goes on", "cancel": "it ends"},
    default="leave",
)


@dataclass
class Person:
    """Answers questions, and remembers what was asked, and on which thread."""

    answer: str
    asked: list[tuple[str, Question, int]] = field(default_factory=list)

    def __call__(self, subject: Subject, question: Question) -> str:
        self.asked.append((str(subject.address), question, threading.get_ident()))
        return self.answer


def apply(
    stage: Stage, text: str, person: Person, cancellation: Cancellation | None = None
) -> None:
    planning = stage.plan(text)
    world = stage.world(a_configuration(text))
    world.ask = person
    if cancellation is not None:
        world.cancellation = cancellation
    stage.state = apply_plan(world, planning.plan, stage.ledger).state


def said(events: list[Event]) -> list[tuple[str, Action, str, dict[str, object]]]:
    return [
        (str(one.subject.address), one.action, one.line, dict(one.figures))
        for one in events
        if isinstance(one, ApplySaid)
    ]


def test_what_is_said_comes_between_the_beginning_and_the_end() -> None:
    stage = Stage()
    stage.script.lines["a"] = ("1 of 2 replaced", "2 of 2 replaced")

    stage.apply(ONE)

    assert [type(event) for event in stage.events] == [
        ApplyStarted,
        ApplySaid,
        ApplySaid,
        ApplyFinished,
    ]
    assert said(stage.events) == [
        ("scripted_thing.a", Action.CREATE, "1 of 2 replaced", {"step": 1}),
        ("scripted_thing.a", Action.CREATE, "2 of 2 replaced", {"step": 2}),
    ]


def test_an_end_can_be_spoken_of_too() -> None:
    stage = Stage()
    stage.apply(ONE)
    stage.script.lines["a"] = ("going",)

    stage.apply("")

    assert said(stage.events) == [("scripted_thing.a", Action.DELETE, "going", {"step": 1})]


def test_what_many_say_at_once_is_heard_on_one_thread() -> None:
    stage = Stage()
    text = 'resource "scripted_thing" "many" {\n count = 20\n name = "m-${count.index}"\n}'
    for index in range(20):
        stage.script.lines[f"m-{index}"] = tuple(f"line {n}" for n in range(50))
    planning = stage.plan(text)
    world = stage.world(a_configuration(text))
    threads: set[int] = set()
    heard: dict[str, list[str]] = {}

    def listen(event: Event) -> None:
        threads.add(threading.get_ident())
        if isinstance(event, ApplySaid):
            heard.setdefault(str(event.subject.address), []).append(event.line)

    world.listener = listen
    apply_plan(world, planning.plan, stage.ledger)

    assert threads == {threading.get_ident()}
    assert heard == {
        f"scripted_thing.many[{index}]": [f"line {n}" for n in range(50)] for index in range(20)
    }


def test_a_person_is_asked_on_the_deciding_thread() -> None:
    stage, person = Stage(), Person("cancel")
    stage.script.questions["a"] = LEAVE_OR_CANCEL

    apply(stage, ONE, person)

    assert person.asked == [("scripted_thing.a", LEAVE_OR_CANCEL, threading.get_ident())]
    assert stage.scripted.answers == ["cancel"]


def test_an_answer_that_was_no_choice_is_the_default() -> None:
    stage, person = Stage(), Person("what?")
    stage.script.questions["a"] = LEAVE_OR_CANCEL

    apply(stage, ONE, person)

    assert stage.scripted.answers == ["leave"]


def test_where_nobody_is_it_is_the_default() -> None:
    stage = Stage()
    stage.script.questions["a"] = LEAVE_OR_CANCEL

    stage.apply(ONE)

    assert stage.scripted.answers == ["leave"]


def test_a_provider_that_is_stopped_can_ask_what_to_do() -> None:
    stage, person, cancellation = Stage(), Person("cancel"), Cancellation()
    stage.script.troubles["apply", 1] = Trouble.HANG
    stage.script.questions["a"] = LEAVE_OR_CANCEL
    threading.Timer(0.2, cancellation.request).start()

    apply(stage, ONE, person, cancellation)

    assert stage.scripted.answers == ["cancel"]


def test_what_is_finished_lasts_while_a_person_thinks() -> None:
    stage = Stage()
    stage.script.questions["b"] = LEAVE_OR_CANCEL
    stage.script.delays["apply", 2] = 0.3
    kept: list[list[str]] = []

    @dataclass
    class Slow(Person):
        ledger: MemoryLedger = field(default_factory=MemoryLedger)

        def __call__(self, subject: Subject, question: Question) -> str:
            kept.append([name for name, _, _ in self.ledger.entries[: self.ledger.settled]])
            return super().__call__(subject, question)

    stage.world(a_configuration(TWO))
    planning = stage.plan(TWO)
    world = stage.world(a_configuration(TWO))
    world.parallelism = 1
    world.ask = Slow("leave", ledger=stage.ledger)
    apply_plan(world, planning.plan, stage.ledger)

    assert kept == [["scripted_thing.a"]]


def test_a_question_is_broken_off_with_the_walk() -> None:
    cancellation = Cancellation()
    answers: list[str] = []
    asked = threading.Event()

    def ask() -> str:
        asked.set()
        cancellation.insist()
        return "too late"

    def start(_node: str) -> list[Job]:
        return [Job(lambda: answers.append(walk.consult(ask, "default")), lambda _: None)]

    walk = Walk(
        {"a": ()},
        start=start,
        finish=lambda _: True,
        parallelism=1,
        cancellation=cancellation,
    )
    with pytest.raises(KeyboardInterrupt):
        walk.run()

    assert asked.is_set()


def test_a_question_that_can_not_be_put_leaves_nobody_waiting() -> None:
    answers: list[str] = []

    def ask() -> str:
        raise BrokenPipeError

    def start(_node: str) -> list[Job]:
        return [Job(lambda: answers.append(walk.consult(ask, "default")), lambda _: None)]

    walk = Walk({"a": ()}, start=start, finish=lambda _: True, parallelism=1)
    with pytest.raises(BrokenPipeError):
        walk.run()

    assert answers == ["default"]


def test_a_job_that_only_computes_can_ask_too() -> None:
    answers: list[str] = []

    def start(_node: str) -> list[Job]:
        work = lambda: answers.append(walk.consult(lambda: "yes", "no"))  # noqa: E731
        return [Job(work, lambda _: None, waits=False)]

    walk = Walk({"a": ()}, start=start, finish=lambda _: True, parallelism=1)
    walk.run()

    assert answers == ["yes"]
