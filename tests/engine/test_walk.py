"""How a walk ends: what is under way, what lasts, and what is raised."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from cotta.engine.walk import Cancellation, Job, Walk
from tests.support.scripted_provider import ProviderBrokeError

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_what_is_under_way_ends_before_an_error_is_raised() -> None:
    ended: list[str] = []
    broken = threading.Event()

    def work(node: str) -> None:
        if node == "broken":
            broken.set()
            raise ProviderBrokeError(node)
        broken.wait(5)

    def start(node: str) -> Sequence[Job]:
        return (Job(lambda: work(node), lambda _: ended.append(node)),)

    settled: list[int] = []
    walk = Walk(
        {"broken": (), "other": (), "later": ("other",)},
        start=start,
        finish=lambda _: True,
        parallelism=2,
        settle=lambda: settled.append(len(ended)),
    )
    with pytest.raises(ProviderBrokeError):
        walk.run()

    assert ended == ["other"]
    assert settled[-1] == 1


def test_nothing_is_begun_once_settling_has_asked_to_stop() -> None:
    cancellation = Cancellation()
    begun: list[str] = []

    def start(node: str) -> Sequence[Job]:
        return (Job(lambda: begun.append(node), lambda _: None),)

    skipped = Walk(
        {"a": (), "b": ("a",)},
        start=start,
        finish=lambda _: True,
        parallelism=2,
        cancellation=cancellation,
        settle=cancellation.request,
    ).run()

    assert begun == []
    assert skipped == ["a", "b"]


def test_what_a_callback_raises_waits_for_what_is_under_way() -> None:
    ended: list[str] = []
    may_end = threading.Event()

    def fail(_: object) -> None:
        may_end.set()
        raise BrokenPipeError

    def start(node: str) -> Sequence[Job]:
        if node == "told":
            return (Job(lambda: None, fail),)
        return (Job(lambda: may_end.wait(60), lambda _: ended.append(node)),)

    walk = Walk({"slow": (), "told": ()}, start=start, finish=lambda _: True, parallelism=2)
    with pytest.raises(BrokenPipeError):
        walk.run()

    assert ended == ["slow"]


def test_settling_that_fails_is_not_tried_again() -> None:
    tries: list[int] = []

    def settle() -> None:
        tries.append(1)
        raise ProviderBrokeError

    def start(_: str) -> Sequence[Job]:
        return (Job(lambda: None, lambda _: None),)

    walk = Walk(
        {"a": (), "b": ()}, start=start, finish=lambda _: True, parallelism=1, settle=settle
    )
    with pytest.raises(ProviderBrokeError):
        walk.run()

    assert tries == [1]


def test_what_has_ended_is_settled_while_a_slow_one_is_waited_for() -> None:
    done: list[str] = []
    quick_is_safe = threading.Event()

    def settle() -> None:
        if "quick" in done:
            quick_is_safe.set()

    def start(node: str) -> Sequence[Job]:
        wait = quick_is_safe.wait if node == "slow" else bool
        return (Job(lambda: wait(60), lambda _: done.append(node)),)

    Walk(
        {"slow": (), "quick": ()},
        start=start,
        finish=lambda _: True,
        parallelism=2,
        settle=settle,
    ).run()

    assert done == ["quick", "slow"]


def test_who_insists_is_not_kept_waiting() -> None:
    cancellation = Cancellation()
    done: list[str] = []
    settled: list[list[str]] = []
    never = threading.Event()

    def insist(_: object) -> None:
        done.append("quick")
        cancellation.insist()

    def start(node: str) -> Sequence[Job]:
        return (Job(never.wait, done.append),) if node == "slow" else (Job(bool, insist),)

    walk = Walk(
        {"slow": (), "quick": ()},
        start=start,
        finish=lambda _: True,
        parallelism=2,
        cancellation=cancellation,
        settle=lambda: settled.append(list(done)),
    )
    with pytest.raises(KeyboardInterrupt):
        walk.run()
    never.set()

    assert settled[-1] == ["quick"]


def test_jobs_under_way_are_hastened_once_when_the_walk_is_stopped() -> None:
    cancellation = Cancellation()
    hastened: list[int] = []
    stopped = threading.Event()

    def hasten() -> None:
        hastened.append(1)
        stopped.set()

    def work() -> None:
        cancellation.request()
        assert stopped.wait(60)

    skipped = Walk(
        {"a": (), "b": ("a",)},
        start=lambda _: (Job(work, lambda _: None),),
        finish=lambda _: True,
        parallelism=2,
        cancellation=cancellation,
        tick_seconds=0.01,
        hasten=hasten,
    ).run()

    assert hastened == [1]
    assert skipped == ["b"]
