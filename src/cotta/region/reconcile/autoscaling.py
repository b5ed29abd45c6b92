"""Decide what an Auto Scaling group should do next.

Pure: the duty observes, calls `reconcile_group`, performs the actions and asks again until there
are none.  Level-triggered: a group that is as it should be gets no actions.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.region.model import InstanceState, LifecycleState, TargetHealth
from cotta.region.reconcile.groups import (
    Action,
    Complain,
    Decision,
    Delete,
    End,
    EnterService,
    FailLaunch,
    Forget,
    Launch,
    Register,
    Seen,
    Settle,
    Situation,
    TerminateInstance,
)
from cotta.region.reconcile.refresh import reconcile_refresh
from cotta.region.reconcile.termination import choose_to_end
from cotta.rollouts import Preferences, bounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from cotta.region.model import AutoScalingGroup

EC2_CHECK: Final = "an EC2 health check indicating it has been terminated or stopped"
ELB_CHECK: Final = "an ELB system health check failure"
USER_CHECK: Final = "a user health-check"

_ENDED: Final = frozenset({None, InstanceState.TERMINATED})
_FAILED: Final = frozenset({None, InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED})


def reconcile_group(situation: Situation, now: datetime) -> Decision:
    """Return the actions that bring a group closer to what is wanted of it.

    First what has become of its members is noted; only when there is nothing to note
    is anything launched or ended, so that this is decided on members as they are.
    """
    noted = [*_note_lives(situation), *_note_health(situation, now)]
    if noted:
        return Decision(tuple(noted), now)
    group = situation.group
    if group.is_deleting:
        return _take_down(situation, now)
    again = _earliest(_grace_ends(situation, now))
    if situation.refresh is not None and "InstanceRefresh" not in group.suspended:
        rolled = reconcile_refresh(situation, now)
        cause = f"At {at(now)} an instance was launched in response to an instance refresh."
        launches = _launch(
            situation,
            rolled.launch,
            cause,
            now,
            ending=rolled.ending,
            for_refresh=rolled.launches_desired,
        )
        actions: tuple[Action, ...] = (*rolled.actions, *launches)
        again = _earliest([again, rolled.again, *_retry(group, now)])
        return Decision(actions, now if actions else again)
    actions = _replace_unhealthy(situation, now)
    if not (actions or _waits_for_successors(situation)):
        actions = _scale(situation, now)
    return Decision(actions, now if actions else _earliest([again, *_retry(group, now)]))


def at(time: datetime) -> str:
    """Return a time as causes have it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _retry(group: AutoScalingGroup, now: datetime) -> list[datetime]:
    return [group.retry_at] if group.retry_at is not None and group.retry_at > now else []


# --- what has become of members -------------------------------------------------------


def _note_lives(situation: Situation) -> list[Action]:
    found: list[Action] = []
    for seen in situation.members:
        match seen.member.state:
            case LifecycleState.PENDING:
                found += _note_launch(seen)
            case LifecycleState.TERMINATING:
                found += _note_end(seen)
            case LifecycleState.IN_SERVICE:
                if seen.missing:
                    found.append(Register(seen.member.id, seen.missing))
            case LifecycleState.STANDBY:
                pass
    return found


def _note_launch(seen: Seen) -> list[Action]:
    if seen.instance is InstanceState.RUNNING:
        return [EnterService(seen.member.id)]
    if seen.instance in _FAILED:
        reason = seen.reason or "The instance was terminated before it was running."
        return [FailLaunch(seen.member.id, reason)]
    if seen.instance is InstanceState.STOPPED:
        return [FailLaunch(seen.member.id, "The instance was stopped before it was in service.")]
    return []


def _note_end(seen: Seen) -> list[Action]:
    if seen.instance in _ENDED:
        return [Forget(seen.member.id)]
    if seen.instance is InstanceState.SHUTTING_DOWN:
        return []
    # One that does not run has no request left to drain.
    if seen.is_registered and seen.instance is InstanceState.RUNNING:
        return []
    return [TerminateInstance(seen.member.id)]


def _note_health(situation: Situation, now: datetime) -> list[Action]:
    group = situation.group
    if "HealthCheck" in group.suspended:
        return []
    found: list[Action] = []
    for seen in situation.members:
        member = seen.member
        if member.state is not LifecycleState.IN_SERVICE or not member.is_healthy:
            continue
        if seen.instance is not InstanceState.RUNNING:
            # The grace period is for what starts; what is stopped will not come up by itself.
            found.append(Complain(member.id, EC2_CHECK))
        elif (
            "ELB" in group.health_check_type
            and TargetHealth.UNHEALTHY in seen.health
            and now >= _grace_end(group, seen)
        ):
            found.append(Complain(member.id, ELB_CHECK))
    return found


def _grace_end(group: AutoScalingGroup, seen: Seen) -> datetime:
    begins = seen.member.in_service_at or seen.member.joined_at
    return begins + timedelta(seconds=group.health_check_grace_seconds)


def _grace_ends(situation: Situation, now: datetime) -> list[datetime | None]:
    return [
        end
        for seen in situation.members
        if TargetHealth.UNHEALTHY in seen.health and seen.member.is_healthy
        if (end := _grace_end(situation.group, seen)) > now
    ]


# --- replacing ----------------------------------------------------------------------------


def _sick(situation: Situation) -> list[Seen]:
    """Return the members that are to be replaced because they are not healthy."""
    if not situation.group.suspended.keys().isdisjoint({"ReplaceUnhealthy", "Terminate"}):
        return []
    return [seen for seen in situation.members if seen.is_alive and not seen.member.is_healthy]


def _launches_first(group: AutoScalingGroup) -> bool:
    return group.max_healthy is not None and group.max_healthy > 100


def _waits_for_successors(situation: Situation) -> bool:
    return _launches_first(situation.group) and bool(_sick(situation))


def _replace_unhealthy(situation: Situation, now: datetime) -> tuple[Action, ...]:
    """Return what replaces unhealthy members: as many at once as the maintenance policy lets."""
    group, sick = situation.group, _sick(situation)
    if not _launches_first(group):
        return tuple(_end_unhealthy(seen, now) for seen in sick)
    if not sick:
        return ()
    preferences = Preferences(min_healthy=group.min_healthy or 0, max_healthy=group.max_healthy)
    within = bounds(group.desired_capacity, preferences)
    well = [seen for seen in situation.members if seen.is_alive and seen.member.is_healthy]
    serving = [seen for seen in well if seen.member.state is LifecycleState.IN_SERVICE]
    # Their successors come first; who is stopped serves nobody, so nothing is lost with it.
    dead = [seen for seen in sick if seen.instance is not InstanceState.RUNNING]
    rest = [seen for seen in sick if seen not in dead]
    spare = max(len(serving) + len(rest) - within.floor, 0)
    missing = min(group.desired_capacity - len(well), within.ceiling - len(well) - len(rest))
    return (
        *(_end_unhealthy(seen, now) for seen in (*dead, *rest[:spare])),
        *_launch(situation, missing, _cause_of_replacement(now), now),
    )


def _end_unhealthy(seen: Seen, now: datetime) -> End:
    return End(seen.member.id, cause_of_unhealthy(seen, now))


def cause_of_unhealthy(seen: Seen, now: datetime) -> str:
    """Return why an unhealthy member ends."""
    complaint = seen.member.complaint or USER_CHECK
    return f"At {at(now)} an instance was taken out of service in response to {complaint}."


def _cause_of_replacement(now: datetime) -> str:
    return (
        f"At {at(now)} an instance was launched in response to an unhealthy instance needing to "
        "be replaced."
    )


# --- growing and shrinking ------------------------------------------------------------


def _scale(situation: Situation, now: datetime) -> tuple[Action, ...]:
    group = situation.group
    alive = [seen for seen in situation.members if seen.is_alive]
    missing = group.desired_capacity - len(alive)
    if missing > 0:
        cause = _cause_of_replacement(now)
        if group.wish:
            cause = (
                f"{group.wish}  At {at(now)} an instance was started in response to a difference "
                "between desired and actual capacity, increasing the capacity from "
                f"{len(alive)} to {group.desired_capacity}."
            )
        return _launch(situation, missing, cause, now)
    if missing < 0 and "Terminate" not in group.suspended:
        return _shrink(situation, alive, -missing, now)
    return (Settle(),) if group.wish and not missing else ()


def _shrink(
    situation: Situation, alive: Sequence[Seen], count: int, now: datetime
) -> tuple[Action, ...]:
    group = situation.group
    chosen = choose_to_end(
        alive, count, policies=group.termination_policies, current=situation.current
    )
    begin = f"{group.wish}  " if group.wish else ""
    return tuple(
        End(
            member.id,
            f"{begin}At {at(now)} an instance was taken out of service in response to a "
            f"difference between desired and actual capacity, shrinking the capacity from "
            f"{len(alive)} to {len(alive) - len(chosen)}.  At {at(now)} instance {member.id} was "
            "selected for termination.",
        )
        for member in chosen
    )


def _launch(
    situation: Situation,
    count: int,
    cause: str,
    now: datetime,
    *,
    ending: Iterable[str] = (),
    for_refresh: bool = False,
) -> tuple[Launch, ...]:
    """Return what launches `count` instances so that the zones are as full as one another.

    Nothing where the process is suspended, or has to wait after failures.
    """
    group = situation.group
    has_to_wait = group.retry_at is not None and now < group.retry_at
    if count <= 0 or has_to_wait or "Launch" in group.suspended or not situation.places:
        return ()
    gone = set(ending)
    there = Counter(
        seen.member.zone
        for seen in situation.members
        if seen.is_alive and seen.member.id not in gone
    )
    chosen = []
    for _ in range(count):
        place = min(situation.places, key=lambda one: there[one.zone])
        there[place.zone] += 1
        chosen.append(Launch(place, cause, for_refresh))
    return tuple(chosen)


# --- the end --------------------------------------------------------------------------------


def _take_down(situation: Situation, now: datetime) -> Decision:
    """Return what ends a group that was deleted with all its members."""
    if not situation.members:
        return Decision((Delete(),))
    cause = (
        f"At {at(now)} a user request force deleted AutoScalingGroup changing the desired "
        f"capacity from {len(situation.members)} to 0."
    )
    return Decision(
        tuple(
            End(seen.member.id, cause)
            for seen in situation.members
            if seen.member.state is not LifecycleState.TERMINATING
        )
    )
