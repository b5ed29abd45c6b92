"""Decide the next step of an instance refresh: `rollouts` decides, here it is put into AWS's words.

A refresh has a way there and, with a desired configuration, a way back.  On the way back the
instances that it launched are the ones to be replaced, by the group's own configuration.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.region.model import (
    InstanceRefresh,
    LifecycleState,
    RefreshStatus,
    Rollback,
    TargetHealth,
)
from cotta.region.reconcile.groups import Action, End, Note, Seen, Situation
from cotta.rollouts import Member, Outcome, Preferences, Stage, Step, next_step, survey
from cotta.rollouts.steps import begin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ACTIVE: Final = frozenset(
    {
        RefreshStatus.PENDING,
        RefreshStatus.IN_PROGRESS,
        RefreshStatus.BAKING,
        RefreshStatus.CANCELLING,
        RefreshStatus.ROLLBACK_IN_PROGRESS,
    }
)

# What the balancer says of a target that it sends requests to, or would if it were asked to.
_SERVING: Final = frozenset({TargetHealth.HEALTHY, TargetHealth.UNUSED, TargetHealth.UNAVAILABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshDecision:
    """What a refresh does next: whom to end, how many to launch, from which configuration."""

    actions: tuple[Action, ...] = ()
    ending: tuple[str, ...] = ()
    launch: int = 0
    launches_desired: bool = True
    again: datetime | None = None


def reconcile_refresh(situation: Situation, now: datetime) -> RefreshDecision:
    """Return the next step of the group's active refresh."""
    refresh = situation.refresh
    assert refresh is not None
    if refresh.status is RefreshStatus.CANCELLING:
        ended = replace(
            refresh,
            status=RefreshStatus.CANCELLED,
            reason="Cancelled due to user request.",
            ended_at=now,
        )
        return RefreshDecision(actions=(Note(ended),))
    if refresh.progress is None:
        refresh = replace(
            refresh,
            status=RefreshStatus.IN_PROGRESS,
            started_at=now,
            progress=begin(now),
        )
    is_back = refresh.status is RefreshStatus.ROLLBACK_IN_PROGRESS
    preferences = _for_way_back(refresh.preferences) if is_back else refresh.preferences
    fleet = survey(
        _members(situation, refresh, preferences, is_back=is_back),
        situation.group.desired_capacity,
        preferences,
        now,
    )
    assert refresh.progress is not None
    step = next_step(fleet, preferences, now, refresh.progress)
    note = _note_way_back(refresh, step, now) if is_back else _note_way_there(refresh, step, now)
    suspended = situation.group.suspended
    ending = () if "Terminate" in suspended else step.terminate
    return RefreshDecision(
        actions=(
            *((note,) if note.refresh != situation.refresh or note.adopts else ()),
            *_ends(situation, ending, now),
        ),
        ending=ending,
        launch=step.launch,
        launches_desired=not is_back,
        again=step.again if step.again is None or step.again > now else None,
    )


def _for_way_back(preferences: Preferences) -> Preferences:
    return replace(preferences, checkpoints=(), bake_time=timedelta(), skip_matching=False)


# --- members ----------------------------------------------------------------------------


def _members(
    situation: Situation, refresh: InstanceRefresh, preferences: Preferences, *, is_back: bool
) -> list[Member]:
    """Return the members as the rollout sees them, those to end first first.

    The oldest of a zone, and of the zone that has the most: so zones stay balanced.
    """
    seen = [one for one in situation.members if one.member.state in _STAGES]
    left = Counter(one.member.zone for one in seen)
    order = {}
    for one in sorted(seen, key=lambda one: (one.member.joined_at, one.member.id)):
        order[one.member.id] = -left[one.member.zone]
        left[one.member.zone] -= 1
    return [
        Member(
            id=one.member.id,
            stage=_stage(one),
            is_new=(
                one.member.refresh_id != refresh.id if is_back else _is_new(one, refresh, situation)
            ),
            is_healthy=one.member.is_healthy,
            is_protected=one.member.is_protected,
            ready_at=_ready_at(one, refresh, preferences),
        )
        for one in sorted(seen, key=lambda one: (order[one.member.id], one.member.id))
    ]


def _ready_at(seen: Seen, refresh: InstanceRefresh, preferences: Preferences) -> datetime | None:
    """Return when a member has warmed up; one that served before this began has."""
    in_service_at = seen.member.in_service_at
    if in_service_at is None or refresh.progress is None:
        return None
    is_before = in_service_at < refresh.progress.started_at
    return in_service_at if is_before else in_service_at + preferences.warmup


_STAGES: Final[Mapping[LifecycleState, Stage]] = {
    LifecycleState.PENDING: Stage.LAUNCHING,
    LifecycleState.IN_SERVICE: Stage.IN_SERVICE,
    LifecycleState.STANDBY: Stage.STANDBY,
}


def _stage(seen: Seen) -> Stage:
    stage = _STAGES[seen.member.state]
    if stage is Stage.IN_SERVICE and (seen.missing or not _SERVING.issuperset(seen.health)):
        # Stricter than AWS, which asks the balancer only if the group's health checks are
        # its: nobody's successor counts before the balancer sends requests to it.
        return Stage.LAUNCHING
    return stage


def _is_new(seen: Seen, refresh: InstanceRefresh, situation: Situation) -> bool:
    member = seen.member
    if member.refresh_id == refresh.id:
        return True
    if not refresh.preferences.skip_matching:
        return False
    configuration = refresh.configuration or situation.group.configuration
    types = {str(one["InstanceType"]) for one in configuration.overrides if "InstanceType" in one}
    return (
        situation.wanted is not None
        and member.launched_from == situation.wanted
        and (not types or member.instance_type in types)
    )


def _ends(situation: Situation, ending: tuple[str, ...], now: datetime) -> list[Action]:
    time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    found: list[Action] = []
    by_id = {seen.member.id: seen.member for seen in situation.members}
    for one in ending:
        member = by_id[one]  # type: ignore[index]  # an id of the situation's
        what = "an instance refresh" if member.is_healthy else member.complaint or "a health check"
        cause = f"At {time} an instance was taken out of service in response to {what}."
        found.append(End(member.id, cause))
    return found


# --- what becomes of the refresh --------------------------------------------------------


def _note_way_there(refresh: InstanceRefresh, step: Step, now: datetime) -> Note:
    moved = replace(
        refresh,
        progress=step.progress,
        reason=step.reason,
        percentage=step.percentage,
        to_update=step.to_update,
    )
    match step.outcome:
        case Outcome.ROLLING:
            return Note(replace(moved, status=RefreshStatus.IN_PROGRESS))
        case Outcome.BAKING:
            return Note(replace(moved, status=RefreshStatus.BAKING))
        case Outcome.SUCCESSFUL:
            done = replace(moved, status=RefreshStatus.SUCCESSFUL, ended_at=now)
            return Note(done, adopts=refresh.configuration is not None)
        case Outcome.FAILED:
            if refresh.preferences.auto_rollback and refresh.configuration is not None:
                return Note(turn_round(moved, step.reason, now))
            return Note(replace(moved, status=RefreshStatus.FAILED, ended_at=now))


def turn_round(refresh: InstanceRefresh, reason: str, now: datetime) -> InstanceRefresh:
    """Return a refresh on its way back."""
    return replace(
        refresh,
        status=RefreshStatus.ROLLBACK_IN_PROGRESS,
        reason="",
        progress=begin(now),
        rollback=Rollback(
            started_at=now,
            reason=reason,
            percentage=refresh.percentage,
            to_update=refresh.to_update,
        ),
    )


def _note_way_back(refresh: InstanceRefresh, step: Step, now: datetime) -> Note:
    rollback = refresh.rollback
    assert rollback is not None
    moved = replace(
        refresh,
        progress=step.progress,
        reason=step.reason,
        # It gradually goes back down to zero; those that weren't updated needn't be.
        percentage=min(rollback.percentage, 100 - step.percentage),
        to_update=rollback.to_update,
    )
    match step.outcome:
        case Outcome.ROLLING | Outcome.BAKING:
            return Note(moved)
        case Outcome.SUCCESSFUL:
            return Note(replace(moved, status=RefreshStatus.ROLLBACK_SUCCESSFUL, ended_at=now))
        case Outcome.FAILED:
            return Note(replace(moved, status=RefreshStatus.ROLLBACK_FAILED, ended_at=now))
