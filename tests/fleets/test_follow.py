"""What has happened between two looks at a group, and when its refresh will be over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cotta.fleets.follow import (
    Advanced,
    Failed,
    FleetEvent,
    Joined,
    Left,
    Serves,
    Suffers,
    changes,
)
from cotta.fleets.foretell import time_left
from cotta.fleets.model import (
    Activity,
    FleetMember,
    Group,
    Refresh,
    RefreshStatus,
    TargetState,
)
from cotta.rollouts import Preferences

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def member(number: int, **changes: Any) -> FleetMember:
    plain: dict[str, Any] = {"lifecycle": "InService", "health": "Healthy", "zone": "a"}
    return FleetMember(id=f"i-{number}", **{**plain, **changes})


def refresh(**changes: Any) -> Refresh:
    plain: dict[str, Any] = {"id": "r", "status": RefreshStatus.IN_PROGRESS, "remaining": 3}
    return Refresh(**{**plain, **changes})


def group(*members: FleetMember, **changes: Any) -> Group:
    plain: dict[str, Any] = {"name": "web", "minimum": 1, "maximum": 9, "desired": 3}
    return Group(members=members, **{**plain, **changes})


def between(before: Group | None, after: Group, now: Refresh) -> list[FleetEvent]:
    return list(changes(before, after, now))


def test_the_first_look_tells_the_refresh_alone() -> None:
    first = group(member(1))

    assert between(None, first, refresh()) == [Advanced(refresh(), first)]


def test_a_look_at_which_nothing_has_changed_tells_nothing() -> None:
    assert between(group(member(1), refresh=refresh()), group(member(1)), refresh()) == []


def test_members_come_serve_and_leave() -> None:
    pending, serving = member(2, lifecycle="Pending"), member(2)
    first = group(member(1), refresh=refresh())
    second = group(member(1), pending, refresh=refresh())
    third = group(serving, refresh=refresh())

    assert between(first, second, refresh()) == [Joined(pending)]
    assert between(second, third, refresh()) == [Serves(serving), Left(member(1))]


def test_a_member_counts_when_its_targets_take_it() -> None:
    waiting = member(1, targets=(TargetState(target_group="web", state="initial"),))
    taken = member(1, targets=(TargetState(target_group="web", state="healthy"),))
    ill = member(1, targets=(TargetState(target_group="web", state="unhealthy"),))

    def look(one: FleetMember) -> Group:
        return group(one, refresh=refresh())

    assert between(look(waiting), look(taken), refresh()) == [Serves(taken)]
    assert between(look(taken), look(ill), refresh()) == [Suffers(ill)]
    leaving = member(1, lifecycle="Terminating", targets=ill.targets)
    assert between(look(taken), look(leaving), refresh()) == []


def test_failed_activities_are_told_once() -> None:
    failed = Activity(id="a", status="Failed", description="Launching a new EC2 instance")
    fine = Activity(id="b", status="Successful", description="Launching a new EC2 instance")
    before = group(refresh=refresh())
    after = group(refresh=refresh(), activities=(fine, failed))

    assert between(before, after, refresh()) == [Failed(failed)]
    assert between(after, after, refresh()) == []


def test_a_share_more_is_told() -> None:
    look = group(refresh=refresh())

    assert between(look, look, refresh(percentage=33)) == [Advanced(refresh(percentage=33), look)]


def test_what_is_left_goes_on_at_the_refreshs_own_pace() -> None:
    one_done = refresh(remaining=2, started_at=NOON - timedelta(seconds=20))

    assert time_left(group(refresh=one_done), now=NOON, boot=timedelta(seconds=10)) == timedelta(
        seconds=40
    )


def test_what_has_not_begun_is_simulated() -> None:
    careful = refresh(preferences=Preferences(min_healthy=100))

    left = time_left(group(refresh=careful), now=NOON, boot=timedelta(seconds=10))

    # One after another, as at most 100 % may be there: three boots.
    assert left == timedelta(seconds=30)


def test_what_is_over_takes_no_time() -> None:
    assert (
        time_left(group(refresh=refresh(status=RefreshStatus.FAILED)), now=NOON, boot=timedelta())
        is None
    )
    assert time_left(group(), now=NOON, boot=timedelta()) is None
