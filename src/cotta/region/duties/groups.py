"""Auto Scaling: every group is seen, decided on, and changed, in one transaction.

All that is done here are rows, so nothing can be lost between deciding and doing:
a kill leaves a group before a step or after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

from cotta.region.controller import Outlook
from cotta.region.launching import find_template, find_version
from cotta.region.membership import (
    active_refresh,
    begin_end,
    delete_group,
    enter_service,
    enter_target_groups,
    fail_launch,
    forget,
    launch_member,
    targets_of,
    terminate_instance,
)
from cotta.region.model import LaunchedFrom, LifecycleState
from cotta.region.reconcile.autoscaling import reconcile_group
from cotta.region.reconcile.groups import (
    Complain,
    Decision,
    Delete,
    End,
    EnterService,
    FailLaunch,
    Forget,
    Launch,
    Note,
    Place,
    Register,
    Seen,
    Settle,
    Situation,
    TerminateInstance,
)
from cotta.region.store.kinds import (
    ACCOUNTS,
    AUTO_SCALING_GROUPS,
    GROUP_INSTANCES,
    INSTANCE_REFRESHES,
    INSTANCES,
    SUBNETS,
    TARGET_GROUPS,
    TARGETS,
)
from cotta.region.targets import health_of
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cotta.region.model import (
        AutoScalingGroup,
        Configuration,
        GroupInstance,
        TargetGroupId,
        TargetHealth,
    )
    from cotta.region.reconcile.groups import Action
    from cotta.region.store.store import Reading, Store, Writing
    from cotta.system.ids import IdSource

# Steps follow upon steps; a group that has so many gets the others' turn first.
_MOST_ROUNDS: Final = 16


class AutoScalingDuty:
    """Keeps groups at their desired capacity, and goes on with their refreshes."""

    name = "autoscaling"

    def __init__(self, store: Store, ids: IdSource) -> None:
        self._store = store
        self._ids = ids

    def look(self, now: datetime) -> Outlook:
        """Do for every group what is to be done now."""
        with self._store.read() as rows:
            decisions = {
                group.name: decide(rows, group, now) for group in rows.all(AUTO_SCALING_GROUPS)
            }
        times = []
        for name, decision in decisions.items():
            again = self._bring_on(name, now) if decision.actions else decision.again
            if again is not None:
                times.append(again)
        return Outlook(again=min(times, default=None))

    def _bring_on(self, name: str, now: datetime) -> datetime | None:
        """Take steps of a group until there is none to take; return when to look again."""
        for _ in range(_MOST_ROUNDS):
            with self._store.write(leads_to_room=True) as rows:
                group = rows.find(AUTO_SCALING_GROUPS, name)
                if group is None:
                    return None
                decision = decide(rows, group, now)
                for action in decision.actions:
                    _perform(rows, name, action, now, self._ids)
            if not decision.actions:
                return decision.again
        return now


# --- seeing ---------------------------------------------------------------------------


def decide(rows: Reading, group: AutoScalingGroup, now: datetime) -> Decision:
    """Return what to do about a group as the rows are."""
    return reconcile_group(observe(rows, group), now)


def observe(rows: Reading, group: AutoScalingGroup) -> Situation:
    """Return a group and all that matters for it."""
    refresh = active_refresh(rows, group)
    # What the balancer says matters to these alone, and is costly to ask for.
    asks = refresh is not None or "ELB" in group.health_check_type
    health = _health_by_instance(rows, group) if asks else {}
    registered = _registered(rows, group)
    return Situation(
        group=group,
        members=tuple(
            _see(rows, member, health.get(member.id, ()), registered)
            for member in rows.all(GROUP_INSTANCES, group=group.name)
        ),
        places=tuple(_places(rows, group)),
        refresh=refresh,
        current=source_of(rows, group.configuration),
        wanted=(
            source_of(rows, refresh.configuration or group.configuration)
            if refresh is not None
            else None
        ),
    )


def source_of(rows: Reading, configuration: Configuration) -> LaunchedFrom | None:
    """Return the template version that a configuration means now; None if it is gone."""
    try:
        template = find_template(rows, {"LaunchTemplateId": configuration.template_id})
        version = find_version(rows, template, configuration.version)
    except ApiError:
        return None
    return LaunchedFrom(
        template_id=template.id, template_name=template.name, version=version.version
    )


def _places(rows: Reading, group: AutoScalingGroup) -> list[Place]:
    if not group.subnets:
        return [Place(zone=zone) for zone in group.zones]
    subnets = [rows.find(SUBNETS, subnet_id) for subnet_id in group.subnets]
    return [Place(zone=one.zone, subnet=one.id) for one in subnets if one is not None]


def _health_by_instance(
    rows: Reading, group: AutoScalingGroup
) -> Mapping[str, Sequence[TargetHealth]]:
    """Return how each target is in all of a group's target groups; those that drain left out."""
    found: dict[str, list[TargetHealth]] = {}
    for target_group in group.target_groups:
        for health in health_of(rows, target_group):
            if health.target.drain_until is None:
                found.setdefault(health.target.target_id, []).append(health.state)
    return found


def _registered(rows: Reading, group: AutoScalingGroup) -> Mapping[TargetGroupId, frozenset[str]]:
    """Return who is in each target group that members are to be in; those that drain left out."""
    if "AddToLoadBalancer" in group.suspended:
        return {}
    return {
        one: frozenset(
            target.target_id
            for target in rows.all(TARGETS, target_group=one)
            if target.drain_until is None
        )
        for one in group.target_groups
        if rows.find(TARGET_GROUPS, one) is not None
    }


def _see(
    rows: Reading,
    member: GroupInstance,
    health: Sequence[TargetHealth],
    registered: Mapping[TargetGroupId, frozenset[str]],
) -> Seen:
    instance = rows.find(INSTANCES, member.id)
    reason = instance.state_reason if instance is not None else None
    is_ending = member.state is LifecycleState.TERMINATING
    return Seen(
        member=member,
        instance=instance.state if instance is not None else None,
        reason=reason.message if reason is not None else "",
        health=tuple(health),
        missing=tuple(one for one, ids in registered.items() if member.id not in ids),
        is_registered=is_ending and bool(targets_of(rows, member.id)),
    )


# --- doing ----------------------------------------------------------------------------


def _perform(rows: Writing, name: str, action: Action, now: datetime, ids: IdSource) -> None:
    """Write what an action says; the group is read again, as the one before may have changed it."""
    group = rows.find(AUTO_SCALING_GROUPS, name)
    assert group is not None, name
    match action:
        case Launch():
            _launch(rows, group, action, now, ids)
        case Note(refresh, adopts):
            rows.put(INSTANCE_REFRESHES, refresh)
            if adopts and refresh.configuration is not None:
                rows.put(AUTO_SCALING_GROUPS, replace(group, configuration=refresh.configuration))
        case Settle():
            rows.put(AUTO_SCALING_GROUPS, replace(group, wish=""))
        case Delete():
            delete_group(rows, group, now)
        case _:
            member = rows.find(GROUP_INSTANCES, action.instance)
            assert member is not None, action
            _perform_on(rows, group, member, action, now, ids)


def _perform_on(
    rows: Writing,
    group: AutoScalingGroup,
    member: GroupInstance,
    action: EnterService | FailLaunch | Register | Complain | End | TerminateInstance | Forget,
    now: datetime,
    ids: IdSource,
) -> None:
    match action:
        case EnterService():
            enter_service(rows, group, member, now)
        case FailLaunch(_, reason):
            fail_launch(rows, member, reason, now)
        case Register(_, groups):
            enter_target_groups(rows, member.id, groups, now)
        case Complain(_, complaint):
            rows.put(GROUP_INSTANCES, replace(member, is_healthy=False, complaint=complaint))
        case End(_, cause):
            begin_end(rows, group, member, cause, now=now, ids=ids)
        case TerminateInstance():
            terminate_instance(rows, member, now)
        case Forget():
            forget(rows, member, now)
        case _:
            assert_never(action)


def _launch(
    rows: Writing, group: AutoScalingGroup, action: Launch, now: datetime, ids: IdSource
) -> None:
    if group.retry_at is not None and now < group.retry_at:
        # The one before it has just failed.
        return
    refresh = active_refresh(rows, group) if action.for_refresh else None
    configuration = refresh.configuration if refresh is not None else None
    (account,) = rows.all(ACCOUNTS)
    launch_member(
        rows,
        group,
        zone=action.place.zone,
        subnet=action.place.subnet,
        cause=action.cause,
        refresh_id=refresh.id if refresh is not None else None,
        configuration=configuration or group.configuration,
        now=now,
        ids=ids,
        account=account,
    )
