"""Play a rollout in simulated time: how low it goes, how high, how long it takes.

The world here is simpler than a cloud: an instance is in service some time after it
was launched, or never, and is gone when it is told to end.  Decisions are those of
`steps`, so what is foretold is what will be done.  Costs O((n + events) log n).
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cotta.rollouts.steps import (
    Fleet,
    Member,
    Outcome,
    Stage,
    Step,
    begin,
    next_step,
    place_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cotta.rollouts.preferences import Preferences

START: Final = datetime(2000, 1, 1, tzinfo=UTC)

# How long the n-th launched instance takes to be in service; None if it falls ill instead.
Boots = Callable[[int], timedelta | None]

_SICK_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Resize:
    """Somebody changes the desired capacity."""

    desired: int


@dataclass(frozen=True, slots=True)
class Lose:
    """An instance, by its number from 0 in the order of their launches, falls ill."""

    number: int


@dataclass(frozen=True, slots=True)
class Protect:
    """An instance is protected from scale-in, or is so no longer."""

    number: int
    is_protected: bool = True


Happening = Resize | Lose | Protect


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The fleet when a step was decided, and the step; `in_service` counts what warms up too."""

    at: timedelta
    fleet: Fleet
    step: Step
    in_service: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a rollout went from its start to its end."""

    outcome: Outcome
    reason: str
    lowest_in_service: int
    lowest_ready: int
    peak_size: int
    duration: timedelta
    launched: int
    steps: int


def simulate(
    size: int,
    preferences: Preferences,
    *,
    boots: Boots,
    happenings: Iterable[tuple[timedelta, Happening]] = (),
    replaced: int = 0,
) -> Course:
    """Return the course of a rollout over `size` instances in service, `replaced` already."""
    moments = play(size, preferences, boots=boots, happenings=happenings, replaced=replaced)
    return course_of(moments)


def course_of(moments: Iterable[Moment]) -> Course:
    """Return what a play comes to; there must be one moment at least."""
    lowest_in_service = lowest_ready = peak = launched = steps = 0
    moment = None
    for moment in moments:
        # What it decides is true at once: the ended are gone, the launched are on their way.
        left = after(moment)
        is_first = not steps
        lowest_in_service = left.in_service if is_first else min(lowest_in_service, left.in_service)
        lowest_ready = left.ready if is_first else min(lowest_ready, left.ready)
        peak = max(peak, left.size)
        launched += moment.step.launch
        steps += 1
    assert moment is not None
    return Course(
        outcome=moment.step.outcome,
        reason=moment.step.reason,
        lowest_in_service=lowest_in_service,
        lowest_ready=lowest_ready,
        peak_size=peak,
        duration=moment.at,
        launched=launched,
        steps=steps,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What a step leaves of a fleet: ready, in service, and those on their way as well."""

    ready: int
    in_service: int
    size: int


def after(moment: Moment) -> After:
    """Return what there is once a moment's step has been taken."""
    fleet, ended = moment.fleet, moment.step.terminate
    ready = sum(one in fleet.ready or one in fleet.old_ready for one in ended)
    unready = sum(one in fleet.warming or one in fleet.old_unready for one in ended)
    launching = sum(one in fleet.launching for one in ended)
    return After(
        ready=fleet.in_use - ready,
        in_service=moment.in_service - ready - unready,
        size=fleet.size - ready - unready - launching + moment.step.launch,
    )


def play(
    size: int,
    preferences: Preferences,
    *,
    boots: Boots,
    happenings: Iterable[tuple[timedelta, Happening]] = (),
    replaced: int = 0,
) -> Iterator[Moment]:
    """Give every moment at which something was decided, to the end of the rollout.

    A moment's fleet is the world's own: it holds until the next moment is asked for.
    """
    world = World(size, preferences, boots, replaced)
    for at, happening in happenings:
        world.schedule(START + at, happening)
    progress = begin(START)
    while True:
        fleet = world.fleet()
        step = next_step(fleet, preferences, world.now, progress)
        yield Moment(at=world.now - START, fleet=fleet, step=step, in_service=world.in_service)
        if step.outcome in {Outcome.SUCCESSFUL, Outcome.FAILED}:
            return
        progress = step.progress
        world.perform(step)
        world.go_on(step.again)


@dataclass(frozen=True, slots=True)
class _Turn:
    """An instance gets to its next stage."""

    id: str


class World:
    """Instances, and what is going to happen to them."""

    def __init__(
        self, size: int, preferences: Preferences, boots: Boots, replaced: int = 0
    ) -> None:
        self.now = START
        self.desired = size
        self.in_service = 0
        self._preferences = preferences
        self._boots = boots
        self._members: dict[str, Member] = {}
        self._launched = 0
        self._size = size
        self._events: list[tuple[datetime, int, Happening | _Turn]] = []
        self._scheduled = 0
        # By the names of `Fleet`; insertion at the end, and removal anywhere, in O(1).
        self._places: dict[str, OrderedDict[str, None]] = {}
        for number in range(size):
            self._put(
                Member(
                    id=_name(number),
                    stage=Stage.IN_SERVICE,
                    is_new=number < replaced,
                    ready_at=self.now,
                )
            )

    def fleet(self) -> Fleet:
        """Return the fleet as it is: its sets are live, and change with the world."""
        at = {name: self._places.get(name, ()) for name in _PLACES}
        return Fleet(
            desired=self.desired,
            launching=at["launching"],
            warming=at["warming"],
            ready=at["ready"],
            old_ready=at["old_ready"],
            old_unready=at["old_unready"],
            kept=at["kept"],
            held=at["held"],
            sick=at["sick"],
        )

    def perform(self, step: Step) -> None:
        """End and launch what a step says."""
        for one in step.terminate:
            self._remove(one)
        for _ in range(step.launch):
            number = self._size + self._launched
            self._launched += 1
            member = Member(id=_name(number), stage=Stage.LAUNCHING, is_new=True)
            self._put(member)
            boot = self._boots(self._launched)
            if boot is None:
                self.schedule(self.now + _SICK_AFTER, Lose(number))
            else:
                self.schedule(self.now + boot, _Turn(member.id))

    def schedule(self, at: datetime, event: Happening | _Turn) -> None:
        """Have something happen later; of what happens at once, what was said first."""
        self._scheduled += 1
        heapq.heappush(self._events, (at, self._scheduled, event))

    def go_on(self, again: datetime | None) -> None:
        """Let time pass until something happens, or to `again` if nothing does before."""
        assert again is not None, "a rollout that waits says until when"
        if self._events and self._events[0][0] <= again:
            self.now = max(self._events[0][0], self.now)
            while self._events and self._events[0][0] <= self.now:
                self._happen(heapq.heappop(self._events)[2])
        else:
            self.now = max(again, self.now)

    def _happen(self, event: Happening | _Turn) -> None:
        match event:
            case Resize(desired):
                self.desired = desired
            case Lose(number):
                self._change(_name(number), is_healthy=False)
            case Protect(number, is_protected):
                self._change(_name(number), is_protected=is_protected)
            case _Turn(id):
                member = self._members.get(id)
                if member is None:
                    return
                if member.stage is Stage.IN_SERVICE:
                    # It has warmed up.
                    self._change(id)
                    return
                ready_at = self.now + self._preferences.warmup
                self._change(id, stage=Stage.IN_SERVICE, ready_at=ready_at)
                if ready_at > self.now:
                    self.schedule(ready_at, event)

    def _change(self, id: str, **changes: object) -> None:
        member = self._members.get(id)
        if member is not None:
            self._remove(id)
            self._put(replace(member, **changes))  # type: ignore[arg-type]

    def _put(self, member: Member) -> None:
        place = place_of(member, self._preferences, self.now)
        assert place is not None
        self._members[member.id] = member
        self._places.setdefault(place, OrderedDict())[member.id] = None
        self._count(member, 1)

    def _remove(self, id: str) -> None:
        member = self._members.pop(id)
        for places in self._places.values():
            places.pop(id, None)
        self._count(member, -1)

    def _count(self, member: Member, by: int) -> None:
        if member.stage is Stage.IN_SERVICE and member.is_healthy:
            self.in_service += by


_PLACES: Final = (
    "launching",
    "warming",
    "ready",
    "old_ready",
    "old_unready",
    "kept",
    "held",
    "sick",
)


def _name(number: int) -> str:
    return f"#{number + 1}"
