"""What is decided about a group, from what is seen of it alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cotta.region.model import (
    AutoScalingGroup,
    Configuration,
    GroupInstance,
    InstanceId,
    InstanceRefresh,
    InstanceState,
    LaunchedFrom,
    LaunchTemplateId,
    LifecycleState,
    RefreshStatus,
    TargetGroupId,
    TargetHealth,
)
from cotta.region.reconcile.autoscaling import ELB_CHECK, reconcile_group
from cotta.region.reconcile.groups import (
    Complain,
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
    Situation,
    TerminateInstance,
)
from cotta.region.reconcile.termination import choose_to_end
from cotta.rollouts import Preferences
from tests.support.times import NOON

PENDING, IN_SERVICE, TERMINATING = (
    LifecycleState.PENDING,
    LifecycleState.IN_SERVICE,
    LifecycleState.TERMINATING,
)
RUNNING, STOPPED, ENDED = (
    InstanceState.RUNNING,
    InstanceState.STOPPED,
    InstanceState.TERMINATED,
)
WEB = TargetGroupId("web/1")
TEMPLATE = LaunchTemplateId("lt-1")


def a_group(**changes: Any) -> AutoScalingGroup:
    given: dict[str, Any] = {
        "name": "web",
        "id": "1",
        "created_at": NOON,
        "configuration": Configuration(template_id=TEMPLATE, template_name="web", version="1"),
        "min_size": 0,
        "max_size": 10,
        "desired_capacity": 1,
        "zones": ("a", "b"),
    }
    return AutoScalingGroup(**{**given, **changes})


def from_version(version: int) -> LaunchedFrom:
    return LaunchedFrom(template_id=TEMPLATE, template_name="web", version=version)


def seen(number: int = 1, **changes: Any) -> Seen:
    """Return a member that serves, and is seen to run, unless it is changed."""
    outside = {
        name: changes.pop(name)
        for name in ("instance", "reason", "health", "missing", "is_registered")
        if name in changes
    }
    given: dict[str, Any] = {
        "id": InstanceId(f"i-{number}"),
        "group": "web",
        "zone": "a",
        "instance_type": "t3.micro",
        "joined_at": NOON - timedelta(hours=1),
        "in_service_at": NOON - timedelta(hours=1),
        "state": IN_SERVICE,
        "launched_from": from_version(1),
    }
    outside.setdefault("instance", RUNNING)
    return Seen(member=GroupInstance(**{**given, **changes}), **outside)


def situation(*members: Seen, **changes: Any) -> Situation:
    refresh = changes.pop("refresh", None)
    group = a_group(**{"desired_capacity": len(members), **changes})
    return Situation(
        group=group,
        members=members,
        places=(Place(zone="a"), Place(zone="b")),
        refresh=refresh,
        current=from_version(1),
        wanted=from_version(1),
    )


ONE = InstanceId("i-1")


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (seen(), ()),
        (seen(state=PENDING), (EnterService(ONE),)),
        (seen(state=PENDING, instance=InstanceState.PENDING), ()),
        (seen(state=PENDING, instance=ENDED, reason="No boot."), (FailLaunch(ONE, "No boot."),)),
        (
            seen(state=PENDING, instance=None),
            (FailLaunch(ONE, "The instance was terminated before it was running."),),
        ),
        (seen(missing=(WEB,)), (Register(ONE, (WEB,)),)),
        (seen(state=TERMINATING, is_registered=True), ()),
        (seen(state=TERMINATING), (TerminateInstance(ONE),)),
        (seen(state=TERMINATING, is_registered=True, instance=STOPPED), (TerminateInstance(ONE),)),
        (seen(state=TERMINATING, instance=InstanceState.SHUTTING_DOWN), ()),
        (seen(state=TERMINATING, instance=ENDED), (Forget(ONE),)),
        (seen(state=TERMINATING, instance=None), (Forget(ONE),)),
    ],
)
def test_lives(member: Seen, expected: tuple[object, ...]) -> None:
    desired = 0 if member.member.state is TERMINATING else 1

    decision = reconcile_group(situation(member, desired_capacity=desired), NOON)

    assert decision.actions == expected


def test_the_balancer_is_believed_after_the_grace_period_and_then_is_when_to_look() -> None:
    sick = seen(health=(TargetHealth.UNHEALTHY,), in_service_at=NOON)
    late = NOON + timedelta(seconds=30)

    early = reconcile_group(
        situation(sick, health_check_type="ELB", health_check_grace_seconds=30), NOON
    )
    after = reconcile_group(
        situation(sick, health_check_type="ELB", health_check_grace_seconds=30), late
    )
    ignored = reconcile_group(situation(sick), late)

    assert (early.actions, early.again) == ((), late)
    assert after.actions == (Complain(ONE, ELB_CHECK),)
    assert ignored.actions == ()


def test_launches_fill_the_emptiest_zone_first() -> None:
    members = (seen(1, zone="a"), seen(2, zone="a"))

    decision = reconcile_group(situation(*members, desired_capacity=5), NOON)

    assert [one.place.zone for one in decision.actions if isinstance(one, Launch)] == [
        "b",
        "b",
        "a",
    ]


def test_a_group_that_failed_waits_and_says_until_when() -> None:
    late = NOON + timedelta(minutes=1)

    decision = reconcile_group(situation(desired_capacity=2, retry_at=late), NOON)

    assert (decision.actions, decision.again) == ((), late)


def test_a_deleted_group_ends_everybody_and_then_itself() -> None:
    ending = reconcile_group(situation(seen(1), seen(2), is_deleting=True), NOON)
    gone = reconcile_group(situation(is_deleting=True), NOON)

    assert [one.instance for one in ending.actions if isinstance(one, End)] == ["i-1", "i-2"]
    assert gone.actions == (Delete(),)


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (["Default"], "i-3"),
        (["OldestLaunchTemplate"], "i-3"),
        (["OldestInstance"], "i-1"),
        (["NewestInstance"], "i-4"),
        (["ClosestToNextInstanceHour"], "i-4"),
        (["AllocationStrategy", "OldestInstance"], "i-1"),
    ],
)
def test_whom_to_end(policies: list[str], expected: str) -> None:
    members = [
        seen(1, joined_at=NOON - timedelta(minutes=65), launched_from=from_version(2)),
        seen(2, joined_at=NOON - timedelta(minutes=64), launched_from=from_version(2)),
        seen(3, joined_at=NOON - timedelta(minutes=63), launched_from=from_version(1)),
        seen(4, joined_at=NOON - timedelta(minutes=2), launched_from=from_version(2)),
        seen(5, zone="b", joined_at=NOON - timedelta(days=1)),
        seen(6, is_protected=True, joined_at=NOON - timedelta(days=2)),
    ]

    chosen = choose_to_end(members, 1, policies=policies, current=from_version(2))

    assert [one.id for one in chosen] == [expected]


class TestRefresh:
    REFRESH = InstanceRefresh(
        id="r",
        group="web",
        group_id="1",
        requested_at=NOON,
        preferences=Preferences(min_healthy=50),
    )

    def test_it_begins_by_ending_the_oldest_of_the_fullest_zone(self) -> None:
        members = (
            seen(1, zone="b", joined_at=NOON - timedelta(days=2)),
            seen(2, zone="a", joined_at=NOON - timedelta(hours=2)),
            seen(3, zone="a", joined_at=NOON - timedelta(hours=3)),
        )

        decision = reconcile_group(situation(*members, refresh=self.REFRESH), NOON)

        note, end, launch = decision.actions
        assert isinstance(note, Note)
        assert note.refresh.status is RefreshStatus.IN_PROGRESS
        assert (note.refresh.started_at, note.refresh.to_update) == (NOON, 3)
        assert isinstance(end, End)
        assert end.instance == "i-3"
        assert launch == Launch(
            Place(zone="a"),
            "At 2026-01-01T12:00:00Z an instance was launched in response to an instance refresh.",
            for_refresh=True,
        )

    def test_asked_again_about_the_same_it_has_nothing_to_add(self) -> None:
        members = (seen(1), seen(2, state=PENDING, instance=InstanceState.PENDING, refresh_id="r"))
        first = reconcile_group(situation(*members, refresh=self.REFRESH), NOON)
        (note,) = first.actions
        assert isinstance(note, Note)

        again = reconcile_group(
            situation(*members, refresh=note.refresh), NOON + timedelta(seconds=5)
        )

        assert again.actions == ()
        assert again.again == NOON + timedelta(hours=1)

    @pytest.mark.parametrize(
        ("changes", "is_matching"),
        [
            ({}, True),
            ({"launched_from": from_version(2)}, False),
            ({"launched_from": None}, False),
        ],
    )
    def test_skip_matching_goes_by_the_template_version(
        self, changes: dict[str, Any], is_matching: bool
    ) -> None:
        refresh = replace(self.REFRESH, preferences=Preferences(skip_matching=True))

        decision = reconcile_group(situation(seen(**changes), refresh=refresh), NOON)

        (note, *rest) = decision.actions
        assert isinstance(note, Note)
        assert (note.refresh.status is RefreshStatus.SUCCESSFUL) is is_matching
        assert bool(rest) is not is_matching
