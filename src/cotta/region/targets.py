"""Targets: put into a target group, taken out of it, and how they are.

For requests and for Auto Scaling alike.  The rows say what is wanted; the balancer follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.region.model import (
    InstanceState,
    Target,
    TargetGroup,
    TargetGroupId,
    TargetHealth,
)
from cotta.region.store.kinds import (
    INSTANCES,
    LISTENERS,
    LOAD_BALANCERS,
    RULES,
    TARGET_GROUPS,
    TARGETS,
    target_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from cotta.region.model import Action, Instance, LoadBalancerId
    from cotta.region.store.store import Reading, Writing

DEREGISTRATION_DELAY: Final = "deregistration_delay.timeout_seconds"
_DEFAULT_DELAY: Final = "300"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a target is, in the API's words; a healthy one has neither reason nor description."""

    target: Target
    state: TargetHealth
    reason: str | None = None
    description: str | None = None


def target_group_id(arn: str) -> TargetGroupId:
    """Return the id in a target group's ARN; "" if it is none."""
    return TargetGroupId(arn.partition(":targetgroup/")[2])


def register(
    rows: Writing, group: TargetGroup, target_id: str, *, port: int | None, now: datetime
) -> Target:
    """Put an instance, or an address, into a target group; it stays as it is if it is there.

    Without a `port` it is asked at the group's.  One that is draining is taken back.
    """
    port = port or group.port
    there = rows.find(TARGETS, target_key(group.id, target_id, port))
    if there is not None and there.drain_until is None:
        return there
    target = Target(target_group=group.id, target_id=target_id, port=port, registered_at=now)
    rows.put(TARGETS, target)
    return target


def deregister(
    rows: Writing, group: TargetGroup, target_id: str, *, port: int | None, now: datetime
) -> None:
    """Take an instance, or an address, out of a target group; all its ports without a `port`.

    It drains first: requests that it has are finished, and no new ones come.  Nothing
    happens to one that isn't there, or is draining.
    """
    is_used = group.id in groups_in_use(rows)
    delay = deregistration_delay(group)
    for target in rows.all(TARGETS, target_group=group.id, target_id=target_id):
        if port is not None and target.port != port:
            continue
        if not is_used:
            rows.remove(TARGETS, TARGETS.key(target))
        elif target.drain_until is None:
            rows.put(TARGETS, _draining(target, now + delay))


def deregistration_delay(group: TargetGroup) -> timedelta:
    """Return how long a target of a group drains at most."""
    return timedelta(seconds=int(group.attributes.get(DEREGISTRATION_DELAY, _DEFAULT_DELAY)))


def is_registered(rows: Reading, group: TargetGroupId, target_id: str) -> bool:
    """Say whether a target group has a target, even one that still drains."""
    return bool(rows.all(TARGETS, target_group=group, target_id=target_id))


def health_of(rows: Reading, group: TargetGroupId) -> list[Health]:
    """Return how each target of a group is."""
    if rows.find(TARGET_GROUPS, group) is None:
        return []
    is_used = group in groups_in_use(rows)
    return [
        _health(target, rows.find(INSTANCES, target.target_id), is_used=is_used)
        for target in rows.all(TARGETS, target_group=group)
    ]


def groups_in_use(rows: Reading) -> Mapping[TargetGroupId, LoadBalancerId]:
    """Return the target groups that some listener may send requests to, and whose it is."""
    used: dict[TargetGroupId, LoadBalancerId] = {}
    owners = {}
    for listener in rows.all(LISTENERS):
        if rows.find(LOAD_BALANCERS, listener.load_balancer) is not None:
            owners[listener.id] = listener.load_balancer
            for group in forwarded_to(listener.action):
                used[group] = listener.load_balancer
    for rule in rows.all(RULES):
        if rule.listener in owners:
            for group in forwarded_to(rule.action):
                used[group] = owners[rule.listener]
    return used


def forwarded_to(action: Action) -> Iterator[TargetGroupId]:
    """Give the target groups that an action sends requests to."""
    if action.forward is not None:
        for one in action.forward.groups:
            yield one.target_group


def _draining(target: Target, until: datetime) -> Target:
    return replace(
        target,
        health=TargetHealth.DRAINING,
        reason="Target.DeregistrationInProgress",
        description="Target deregistration is in progress",
        drain_until=until,
    )


def _health(target: Target, instance: Instance | None, *, is_used: bool) -> Health:
    if target.drain_until is not None:
        state, reason, said = target.health, target.reason, target.description
    elif not is_used:
        state, reason = TargetHealth.UNUSED, "Target.NotInUse"
        said = "Target group is not configured to receive traffic from the load balancer"
    elif instance is not None and instance.state not in _REACHABLE:
        state, reason = TargetHealth.UNUSED, "Target.InvalidState"
        said = f"Target is in the {instance.state.value} state"
    else:
        state, reason, said = target.health, target.reason, target.description
    return Health(target=target, state=state, reason=reason, description=said)


_REACHABLE: Final = frozenset({InstanceState.PENDING, InstanceState.RUNNING})
