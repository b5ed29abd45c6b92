"""The loop: what it does about duties that raise, acts that fail, wakes, and clocks that jump."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from cotta.region.controller import Act, Controller, Outlook
from cotta.region.store.store import StoreError
from cotta.system.clock import FixedClock
from tests.support.times import NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

# No test is to take so long: what is waited for has come by then, or never does.
PATIENCE: Final = 20.0
LONG: Final = timedelta(hours=1)


class Looking:
    """A duty that answers what a function says, and counts."""

    name = "looking"

    def __init__(self, outlook: Callable[[int], Outlook] = lambda _: Outlook()) -> None:
        self._outlook = outlook
        self.times: list[datetime] = []
        self._changed = threading.Condition()

    def look(self, now: datetime) -> Outlook:
        with self._changed:
            self.times.append(now)
            self._changed.notify_all()
        return self._outlook(len(self.times))

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.times) >= count, PATIENCE)


class Failing:
    """A duty that always raises."""

    name = "failing"

    def look(self, now: datetime) -> Outlook:
        raise ZeroDivisionError


class Running:
    """Starts controllers, and stops them at the end."""

    def __init__(self) -> None:
        self._started: list[Controller] = []

    def __call__(self, *duties: Looking | Failing, **settings: Any) -> Controller:
        controller = a_controller(*duties, **settings)
        self._started.append(controller)
        controller.start()
        return controller

    def stop(self) -> None:
        for controller in self._started:
            controller.stop()


def a_controller(*duties: Looking | Failing, **settings: Any) -> Controller:
    return Controller(duties, clock=FixedClock(NOON), interval=LONG, **settings)


@pytest.fixture
def running() -> Iterator[Running]:
    started = Running()
    yield started
    started.stop()


def test_it_looks_at_once_and_again_when_woken(running: Running) -> None:
    duty = Looking()

    controller = running(duty)
    duty.wait_for(1)
    controller.wake()

    duty.wait_for(2)
    assert duty.times == [NOON, NOON]


def test_a_wake_during_a_look_is_not_lost(running: Running) -> None:
    woken: list[Controller] = []

    def wake_once(count: int) -> Outlook:
        if count == 1:
            woken[0].wake()
        return Outlook()

    duty = Looking(wake_once)
    woken.append(a_controller(duty))
    woken[0].start()

    try:
        duty.wait_for(2)
    finally:
        woken[0].stop()


def test_a_duty_that_raises_keeps_no_other_from_its_work(running: Running) -> None:
    before, after = Looking(), Looking()

    controller = running(before, Failing(), after)
    after.wait_for(1)
    controller.wake()

    after.wait_for(2)
    before.wait_for(2)


def test_it_looks_again_when_a_duty_wants_it(running: Running) -> None:
    duty = Looking(lambda count: Outlook(again=NOON if count < 3 else None))

    running(duty)

    duty.wait_for(3)


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        (NOON + timedelta(seconds=7), 7.0),
        (NOON - timedelta(days=1), 0.0),
        # The clock was set back by a year: it is looked at in the usual time all the same.
        (NOON + timedelta(days=365), LONG.total_seconds()),
        (None, LONG.total_seconds()),
    ],
)
def test_how_long_it_waits(again: datetime | None, expected: float) -> None:
    controller = a_controller(Looking(lambda _: Outlook(again=again)))

    assert controller.look() == expected

    controller.stop()


class Jumping(FixedClock):
    """A clock with one time after the other."""

    def __init__(self, *times: datetime) -> None:
        self._times = iter(times)

    def now(self) -> datetime:
        return next(self._times)


def told_times(clock: Jumping, looks: int, set_back: Callable[[datetime], None]) -> list[datetime]:
    """Return what duties are told of the time, at looks that are a second apart."""
    told: list[datetime] = []

    class Noting:
        name = "noting"

        def look(self, now: datetime) -> Outlook:
            told.append(now)
            return Outlook()

    passed = [0.0]
    controller = Controller(
        [Noting()], clock=clock, interval=LONG, set_back=set_back, monotonic=lambda: passed[0]
    )
    for seconds in range(looks):
        passed[0] = float(seconds)
        controller.look()
    controller.stop()
    return told


def test_the_rows_follow_a_clock_that_was_set_back_before_duties_are_told() -> None:
    day, second = timedelta(days=1), timedelta(seconds=1)
    heard: list[datetime] = []
    times = (NOON, NOON - day, NOON - day + second, NOON + day)

    told = told_times(Jumping(*times), 4, heard.append)

    assert told == list(times)
    assert heard == [NOON - day]


def test_time_goes_on_where_a_clock_is_corrected_or_the_rows_cannot_follow() -> None:
    second, refusals = timedelta(seconds=1), [StoreError("the disk is full")] * 2

    def refuse_twice(_: datetime) -> None:
        if refusals:
            raise refusals.pop()

    earlier = NOON - 60 * second
    times = (NOON, NOON + 0.1 * second, NOON, earlier, earlier, earlier, earlier + second)

    told = told_times(Jumping(*times), 7, refuse_twice)

    # By 1.1 seconds at the third look; by a minute at the fourth, and told at the sixth.
    assert told == [
        NOON,
        NOON + 0.1 * second,
        NOON + 1.1 * second,
        NOON + 2.1 * second,
        NOON + 3.1 * second,
        earlier,
        earlier + second,
    ]


def test_an_act_under_way_is_not_begun_again_and_its_end_wakes(running: Running) -> None:
    may_end, begun = threading.Event(), threading.Semaphore(0)

    def perform() -> None:
        begun.release()
        may_end.wait(PATIENCE)

    duty = Looking(lambda count: Outlook([Act("machine i-1", perform)] if count < 4 else []))
    controller = running(duty)
    assert begun.acquire(timeout=PATIENCE)
    for count in (2, 3):
        controller.wake()
        duty.wait_for(count)
    assert not begun.acquire(blocking=False)

    may_end.set()

    duty.wait_for(4)


def test_an_act_that_failed_is_tried_again(running: Running) -> None:
    tried: list[int] = []
    done = threading.Event()

    def perform() -> None:
        tried.append(1)
        if len(tried) == 1:
            raise OSError("the disk is full")
        done.set()

    duty = Looking(lambda _: Outlook([] if done.is_set() else [Act("seal", perform)]))
    running(duty)

    assert done.wait(PATIENCE)
    assert len(tried) == 2


def test_a_failed_act_waits_longer_each_time_and_the_others_do_not_wait() -> None:
    seconds = [100.0]
    tried: list[str] = []

    def act(key: str) -> Act:
        def perform() -> None:
            tried.append(key)
            if key == "bad":
                raise OSError("no")

        return Act(key, perform)

    duty = Looking(lambda _: Outlook([act("bad"), act("good")]))
    controller = a_controller(duty, monotonic=lambda: seconds[0])

    def look_until(wanted: Callable[[float], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not wanted(controller.look()) and time.monotonic() < end:
            time.sleep(0.001)
        assert wanted(controller.look())

    look_until(lambda wait: wait == 0.5)
    look_until(lambda _: tried.count("good") > 5)
    assert tried.count("bad") == 1
    seconds[0] += 0.5
    look_until(lambda wait: wait == 1.0)
    seconds[0] += 0.5
    look_until(lambda _: tried.count("good") > 10)
    assert tried.count("bad") == 2
    seconds[0] += 0.5
    look_until(lambda wait: wait == 2.0)
    assert tried.count("bad") == 3
    controller.stop()


def test_acts_take_turns_and_only_free_workers() -> None:
    may_end = threading.Event()
    begun: list[str] = []
    enough = threading.Semaphore(0)

    def act(key: str) -> Act:
        def perform() -> None:
            begun.append(key)
            enough.release()
            may_end.wait(PATIENCE)

        return Act(key, perform)

    many = Looking(lambda _: Outlook([act(f"machine {n}") for n in range(5)]))
    one = Looking(lambda _: Outlook([act("balancer")]))
    controller = a_controller(many, one, workers=2)

    controller.look()
    controller.look()
    for _ in range(2):
        assert enough.acquire(timeout=PATIENCE)
    may_end.set()
    controller.stop()

    assert sorted(begun) == ["balancer", "machine 0"]


def test_stopping_waits_for_what_is_under_way_and_begins_nothing(running: Running) -> None:
    begun, ended = threading.Event(), threading.Event()
    may_end = threading.Event()

    def perform() -> None:
        begun.set()
        may_end.wait(PATIENCE)
        ended.set()

    controller = running(Looking(lambda _: Outlook([Act("machine i-1", perform)])))
    assert begun.wait(PATIENCE)
    threading.Timer(0.05, may_end.set).start()

    controller.stop()

    assert ended.is_set()
