"""Decide the next step of a rollout from what is seen of a fleet.

Pure and level-triggered: the answer depends on the arguments alone.  What must outlast a
restart is in `Progress`, which each step returns for the next.  A rollout is a
sliding window rather than batches: as soon as the bounds allow, something is launched or ended.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from cotta.rollouts.preferences import Bounds, Preferences, Protected, Standby, bounds, share

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# So long is waited for something to move: an instance to get healthy, a protection to be lifted.
PATIENCE: Final = timedelta(hours=1)
LONGEST_ROLLOUT: Final = timedelta(days=14)


class Stage(Enum):
    """Where in its life a member of a fleet is; one that is ending is no member any more."""

    LAUNCHING = auto()
    IN_SERVICE = auto()
    STANDBY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An instance as a rollout sees it.

    `is_new` if it is as the rollout wants it.  A new one is ready from `ready_at` on: when it has
    been in service and warming up for long enough.  An old one is while it is in service.
    """

    id: str
    stage: Stage
    is_new: bool
    is_healthy: bool = True
    is_protected: bool = False
    ready_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The members of a fleet by what a rollout may do with them, each set in the order to end them.

    `kept` are never replaced, `held` not until somebody lifts what protects them;
    `protected_unready` of those two are not ready.  `idle` are on standby and to be ended, `sick`
    unhealthy: both count for nothing.
    `warm_at` is when the next member will have warmed up.
    """

    desired: int
    launching: Collection[str] = ()
    warming: Collection[str] = ()
    ready: Collection[str] = ()
    old_ready: Collection[str] = ()
    old_unready: Collection[str] = ()
    kept: Collection[str] = ()
    held: Collection[str] = ()
    protected_unready: int = 0
    held_standby: Collection[str] = ()
    idle: Collection[str] = ()
    sick: Collection[str] = ()
    warm_at: datetime | None = None

    @property
    def size(self) -> int:
        """How many there are, or soon will be, in service and healthy."""
        return self.new + self.old + len(self.kept)

    @property
    def in_use(self) -> int:
        """How many are in service, healthy and warmed up."""
        protected = len(self.kept) + len(self.held) - self.protected_unready
        return len(self.ready) + len(self.old_ready) + protected

    @property
    def new(self) -> int:
        """How many are as the rollout wants them, whether ready or not."""
        return len(self.launching) + len(self.warming) + len(self.ready)

    @property
    def old(self) -> int:
        """How many are still to be replaced."""
        return len(self.old_ready) + len(self.old_unready) + len(self.held)


def survey(
    members: Iterable[Member], desired: int, preferences: Preferences, now: datetime
) -> Fleet:
    """Return the members sorted into a fleet; they come in the order in which to end them."""
    found: dict[str, list[str]] = {}
    protected_unready = 0
    warm_at = None
    for member in members:
        place = place_of(member, preferences, now)
        if place is not None:
            found.setdefault(place, []).append(member.id)
            protected_unready += place in {"kept", "held"} and not is_ready(member, now)
        at = member.ready_at
        if at is not None and at > now and (warm_at is None or at < warm_at):
            warm_at = at
    return Fleet(
        desired=desired,
        launching=found.get("launching", ()),
        warming=found.get("warming", ()),
        ready=found.get("ready", ()),
        old_ready=found.get("old_ready", ()),
        old_unready=found.get("old_unready", ()),
        kept=found.get("kept", ()),
        held=found.get("held", ()),
        protected_unready=protected_unready,
        held_standby=found.get("held_standby", ()),
        idle=found.get("idle", ()),
        sick=found.get("sick", ()),
        warm_at=warm_at,
    )


def place_of(member: Member, preferences: Preferences, now: datetime) -> str | None:
    """Return the name of the set of `Fleet` that a member belongs to; None for none."""
    if member.stage is Stage.STANDBY:
        return _place_on_standby(member, preferences)
    if not member.is_healthy:
        return "sick"
    if member.is_new:
        if member.stage is Stage.LAUNCHING:
            return "launching"
        return "ready" if is_ready(member, now) else "warming"
    if member.is_protected:
        if preferences.protected is Protected.IGNORE:
            return "kept"
        if preferences.protected is Protected.WAIT:
            return "held"
    return "old_ready" if is_ready(member, now) else "old_unready"


def is_ready(member: Member, now: datetime) -> bool:
    """Say whether a member is in service, and has warmed up if it is new."""
    if member.stage is not Stage.IN_SERVICE:
        return False
    return not member.is_new or (member.ready_at is not None and member.ready_at <= now)


def _place_on_standby(member: Member, preferences: Preferences) -> str | None:
    if member.is_new or preferences.standby is Standby.IGNORE:
        return None
    return "idle" if preferences.standby is Standby.TERMINATE else "held_standby"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a rollout remembers from step to step.

    `passed` checkpoints were reached, the last at `paused_at` if its delay runs.
    `most_ready` and `fewest_old` are the best seen for `goal`, and `moved_at` when.
    """

    started_at: datetime
    moved_at: datetime
    goal: int = 0
    most_ready: int = 0
    fewest_old: int = 0
    passed: int = 0
    paused_at: datetime | None = None
    held_since: datetime | None = None
    baking_since: datetime | None = None


def begin(now: datetime) -> Progress:
    """Return the progress of a rollout that has not done anything."""
    return Progress(started_at=now, moved_at=now)


class Outcome(Enum):
    """How a rollout stands."""

    ROLLING = auto()
    BAKING = auto()
    SUCCESSFUL = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What to do now, and what to say about it.

    Ending `terminate` comes before launching `launch` new ones.  `again` is when to decide
    anew even if nothing is seen to change.
    """

    launch: int
    terminate: tuple[str, ...]
    progress: Progress
    outcome: Outcome
    reason: str
    percentage: int
    to_update: int
    again: datetime | None = None


def next_step(fleet: Fleet, preferences: Preferences, now: datetime, progress: Progress) -> Step:
    """Return what brings a rollout on; costs as much as it decides, not as the fleet is large.

    Never ends a ready instance that the floor needs, and never launches above the ceiling,
    except to fill up to the desired capacity what was lost.
    """
    goal = max(fleet.desired - len(fleet.kept), 0)
    within = bounds(fleet.desired, preferences)
    progress = _note_progress(progress, fleet, goal, now)
    progress = _pass_checkpoints(progress, fleet, preferences, now)
    limit = _limit(goal, preferences, progress)
    ending = _to_end(fleet, goal, limit, within)
    launch = _to_launch(fleet, goal, limit, within, len(ending))
    is_done = _is_done(fleet, goal, preferences, is_acting=bool(launch or ending))
    progress = _note_waits(progress, fleet, now, is_done=is_done)
    outcome, reason, again = _judge(fleet, preferences, now, progress, is_done=is_done)
    has_failed = outcome is Outcome.FAILED
    leaving = () if has_failed else (*ending, *fleet.sick, *fleet.idle)
    ready = min(len(fleet.ready), goal)
    return Step(
        launch=0 if has_failed else launch,
        terminate=leaving,
        progress=progress,
        outcome=outcome,
        reason=reason,
        percentage=100 * ready // goal if goal else 100,
        to_update=goal - ready,
        # What is left after an end may be a rollout that is complete.
        again=now if leaving else again,
    )


# --- what to do ---------------------------------------------------------------------


def _limit(goal: int, preferences: Preferences, progress: Progress) -> int:
    """Return how many may have been replaced for now: a batch shrinks to land on a checkpoint."""
    checkpoints = preferences.checkpoints
    if not checkpoints:
        return goal
    at = progress.passed - 1 if progress.paused_at is not None else progress.passed
    return share(goal, checkpoints[min(at, len(checkpoints) - 1)])


def _to_end(fleet: Fleet, goal: int, limit: int, within: Bounds) -> tuple[str, ...]:
    """Return which of those that count for the fleet's size to end."""
    # While a checkpoint holds the rollout, the other old ones stay; unless the fleet shrinks.
    may_go = max(fleet.old - max(goal - max(limit, fleet.new), 0), 0)
    spare = max(fleet.in_use - within.floor, 0)
    useless = tuple(islice(fleet.old_unready, may_go))
    ready = tuple(islice(fleet.old_ready, min(may_go - len(useless), spare)))
    if fleet.new <= goal:
        return useless + ready
    # The fleet was made smaller: those that serve nobody yet go first.
    surplus = chain(fleet.launching, fleet.warming, fleet.ready)
    return (*useless, *ready, *islice(surplus, fleet.new - goal))


def _to_launch(fleet: Fleet, goal: int, limit: int, within: Bounds, ending: int) -> int:
    size = fleet.size - ending
    # Nobody is launched for those that can't go yet.
    wanted = min(limit, goal - len(fleet.held)) - fleet.new
    return max(min(within.ceiling - size, wanted), fleet.desired - size, 0)


def _is_done(fleet: Fleet, goal: int, preferences: Preferences, *, is_acting: bool) -> bool:
    last = preferences.checkpoints[-1] if preferences.checkpoints else 100
    to_replace = share(goal, last)
    return (
        not is_acting
        and len(fleet.ready) >= to_replace
        and fleet.old <= goal - to_replace
        and not fleet.held_standby
    )


# --- what to remember ---------------------------------------------------------------


def _note_progress(progress: Progress, fleet: Fleet, goal: int, now: datetime) -> Progress:
    ready, old = len(fleet.ready), fleet.old
    if goal != progress.goal:
        return replace(progress, goal=goal, most_ready=ready, fewest_old=old, moved_at=now)
    if ready > progress.most_ready or old < progress.fewest_old:
        return replace(
            progress,
            most_ready=max(ready, progress.most_ready),
            fewest_old=min(old, progress.fewest_old),
            moved_at=now,
        )
    return progress


def _pass_checkpoints(
    progress: Progress, fleet: Fleet, preferences: Preferences, now: datetime
) -> Progress:
    checkpoints = preferences.checkpoints
    if progress.paused_at is not None:
        if now < progress.paused_at + preferences.checkpoint_delay:
            return progress
        progress = replace(progress, paused_at=None, moved_at=now)
    ready, goal = len(fleet.ready), progress.goal
    reached = sum(ready >= share(goal, one) for one in checkpoints)
    if reached < progress.passed and progress.most_ready == ready:
        # The fleet was made larger, and has fallen below a checkpoint: it will be reached again.
        return replace(progress, passed=reached)
    if reached <= progress.passed:
        return progress
    # After the last there is nothing to wait for.
    pauses = reached < len(checkpoints) and preferences.checkpoint_delay
    return replace(progress, passed=reached, paused_at=now if pauses else None)


def _note_waits(progress: Progress, fleet: Fleet, now: datetime, *, is_done: bool) -> Progress:
    is_held = bool(fleet.held or fleet.held_standby)
    others = fleet.old - len(fleet.held)
    waits = is_held and not others and not fleet.launching and not fleet.warming
    if waits != (progress.held_since is not None):
        progress = replace(progress, held_since=now if waits else None, moved_at=now)
    if is_done and progress.baking_since is None:
        progress = replace(progress, baking_since=now)
    return progress


# --- what to say --------------------------------------------------------------------


def _judge(
    fleet: Fleet,
    preferences: Preferences,
    now: datetime,
    progress: Progress,
    *,
    is_done: bool,
) -> tuple[Outcome, str, datetime | None]:
    """Return how it stands, why, and when time alone will change that."""
    moved_at = progress.moved_at
    if progress.baking_since is not None:
        until = progress.baking_since + preferences.bake_time
        moved_at = max(moved_at, until)
        if now < until:
            return Outcome.BAKING, f"Waiting for the bake time to pass: until {_at(until)}.", until
        if is_done:
            return Outcome.SUCCESSFUL, "", None
    if now >= progress.started_at + LONGEST_ROLLOUT:
        return Outcome.FAILED, "The instance refresh did not complete within 14 days.", None
    if progress.paused_at is not None:
        until = progress.paused_at + preferences.checkpoint_delay
        reached = preferences.checkpoints[progress.passed - 1]
        reason = f"Checkpoint of {reached} percent reached. Continuing at {_at(until)}."
        return Outcome.ROLLING, reason, until
    if progress.held_since is not None:
        return _judge_held(fleet, now, progress.held_since)
    until = moved_at + PATIENCE + preferences.warmup
    reason = _what_is_waited_for(fleet)
    if now >= until:
        return Outcome.FAILED, f"No instance became ready for too long. {reason}", None
    return Outcome.ROLLING, reason, min(until, fleet.warm_at or until)


def _judge_held(
    fleet: Fleet, now: datetime, since: datetime
) -> tuple[Outcome, str, datetime | None]:
    until = since + PATIENCE
    if fleet.held:
        what = f"{_first(fleet.held)} is protected. Remove instance scale-in protection to continue"
    else:
        what = f"{_first(fleet.held_standby)} is in standby. Return it to service to continue"
    if now >= until:
        return Outcome.FAILED, f"Waited for one hour in vain. For example: {what}.", None
    return (
        Outcome.ROLLING,
        f"Waiting for remaining instances to be available. For example: {what}.",
        until,
    )


def _what_is_waited_for(fleet: Fleet) -> str:
    if fleet.launching:
        return (
            "Waiting for remaining instances to be available. For example: "
            f"{_first(fleet.launching)} has insufficient data to evaluate its health with "
            "Amazon EC2."
        )
    if fleet.warming:
        return (
            "Waiting for instances to warm up before continuing. For example: "
            f"{_first(fleet.warming)} is warming up."
        )
    if fleet.sick:
        return (
            "Waiting for unhealthy instances to be replaced. For example: "
            f"{_first(fleet.sick)} is unhealthy."
        )
    return "Waiting for instances to be replaced."


def _first(members: Collection[str]) -> str:
    return next(iter(members))


def _at(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
