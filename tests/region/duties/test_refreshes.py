"""Instance refreshes on played machines: whole rollouts in milliseconds, and what stops them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.model import LifecycleState, RefreshStatus, TargetHealth
from cotta.region.store.kinds import IMAGES
from cotta.region.wire.errors import ApiError
from cotta.rollouts import bounds
from tests.support.fleets import FleetRoom, KillAtCommit
from tests.support.regions import an_image

if TYPE_CHECKING:
    from pathlib import Path

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LAUNCH_FIRST: dict[str, Any] = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 110}


class Watched(FleetRoom):
    """A room that looks after every commit whether the group is within its rollout's bounds."""

    def __init__(self, folder: Path, **hooks: Any) -> None:
        self.lowest, self.highest, self.is_watched = 1_000, 0, False
        super().__init__(folder, committed=self.watch, **hooks)

    def watch(self) -> None:
        if not self.is_watched:
            return
        within = bounds(self.group.desired_capacity, self.refresh.preferences)
        serving = len(self.serving)
        alive = [one for one in self.members() if one.state is not LifecycleState.TERMINATING]
        self.lowest, self.highest = min(self.lowest, serving), max(self.highest, len(alive))
        assert serving >= within.floor
        assert len(alive) <= within.ceiling


@pytest.fixture
def room(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_a_refresh_replaces_everything_within_its_bounds(room: Watched) -> None:
    room.create(size=5)
    room.new_version()
    room.start_refresh(MinHealthyPercentage=80, MaxHealthyPercentage=120, InstanceWarmup=30)
    room.is_watched = True

    room.pass_time(10 * MINUTE)

    refresh = room.refresh
    assert (refresh.status, refresh.percentage, refresh.to_update) == (
        RefreshStatus.SUCCESSFUL,
        100,
        0,
    )
    assert room.versions == [2] * 5
    assert (room.lowest, room.highest) == (4, 6)
    assert len(room.host.machines) == 5
    assert room.again() is None


def test_launch_first_never_has_less_than_the_desired_capacity(room: Watched) -> None:
    room.create(size=3)
    room.new_version()
    room.start_refresh(**LAUNCH_FIRST, InstanceWarmup=10)
    room.is_watched = True

    room.pass_time(5 * MINUTE)

    assert room.refresh.status is RefreshStatus.SUCCESSFUL
    assert (room.lowest, room.highest) == (3, 4)
    assert room.versions == [2, 2, 2]


def test_percentage_and_reason_as_it_goes(room: Watched) -> None:
    room.create(size=2)
    room.new_version()
    room.driver.is_slow = True
    begun = room.start_refresh(**LAUNCH_FIRST, InstanceWarmup=60)
    assert (begun.status, begun.percentage, begun.to_update) == (RefreshStatus.PENDING, 0, 2)

    room.settle()
    (launching,) = room.members(LifecycleState.PENDING)
    booting = room.refresh
    room.driver.boot(launching.id)
    room.settle()
    warming = room.refresh
    room.pass_time(MINUTE)

    assert booting.status is RefreshStatus.IN_PROGRESS
    assert booting.reason == (
        f"Waiting for remaining instances to be available. For example: {launching.id} has "
        "insufficient data to evaluate its health with Amazon EC2."
    )
    assert warming.reason == (
        f"Waiting for instances to warm up before continuing. For example: {launching.id} is "
        "warming up."
    )
    assert (room.refresh.percentage, room.refresh.to_update) == (50, 1)


def test_the_groups_configuration_is_the_desired_one_only_at_success(room: Watched) -> None:
    room.create(size=2, LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"})
    room.new_version()
    room.start_refresh("2", **LAUNCH_FIRST, InstanceWarmup=60)

    room.pass_time(MINUTE)
    assert room.group.configuration.version == "1"
    # What is lost meanwhile comes back as is desired.
    room.call("SetDesiredCapacity", DesiredCapacity=3)
    room.pass_time(5 * MINUTE)

    assert room.group.configuration.version == "2"
    assert room.versions == [2, 2, 2]


def test_skip_matching_has_nothing_to_do(room: Watched) -> None:
    room.create(size=3)
    members = room.members()

    room.start_refresh(SkipMatching=True)
    room.settle()

    assert room.refresh.status is RefreshStatus.SUCCESSFUL
    assert room.members() == members


def test_without_skip_matching_the_same_is_replaced_by_the_same(room: Watched) -> None:
    room.create(size=3)
    before = {one.id for one in room.members()}

    room.start_refresh()
    room.pass_time(MINUTE)

    assert room.refresh.status is RefreshStatus.SUCCESSFUL
    assert before.isdisjoint({one.id for one in room.members()})


def test_checkpoints_wait(room: Watched) -> None:
    room.create(size=4)
    room.new_version()
    room.start_refresh(
        MinHealthyPercentage=50, CheckpointPercentages=[25, 100], CheckpointDelay=600
    )

    room.pass_time(9 * MINUTE)
    paused, versions = room.refresh, room.versions
    room.pass_time(2 * MINUTE)

    assert paused.percentage == 25
    assert paused.reason.startswith("Checkpoint of 25 percent reached.")
    assert versions == [1, 1, 1, 2]
    assert room.refresh.status is RefreshStatus.SUCCESSFUL


def test_a_part_may_be_all(room: Watched) -> None:
    room.create(size=4)
    room.new_version()

    room.start_refresh(MinHealthyPercentage=50, CheckpointPercentages=[50])
    room.pass_time(MINUTE)

    assert room.refresh.status is RefreshStatus.SUCCESSFUL
    assert room.versions == [1, 1, 2, 2]


def test_it_bakes(room: Watched) -> None:
    room.create(size=1)
    room.new_version()

    room.start_refresh(MinHealthyPercentage=0, BakeTime=300)
    room.pass_time(MINUTE)
    baking = room.refresh.status
    room.pass_time(5 * MINUTE)

    assert baking is RefreshStatus.BAKING
    assert room.refresh.status is RefreshStatus.SUCCESSFUL


@pytest.mark.parametrize(
    ("preference", "status", "versions"),
    [
        ("Wait", RefreshStatus.FAILED, [1, 2]),
        ("Ignore", RefreshStatus.SUCCESSFUL, [1, 2]),
        ("Refresh", RefreshStatus.SUCCESSFUL, [2, 2]),
    ],
)
def test_the_protected(
    room: Watched, preference: str, status: RefreshStatus, versions: list[int]
) -> None:
    room.create(size=2)
    protected = room.members()[0]
    room.call("SetInstanceProtection", InstanceIds=[protected.id], ProtectedFromScaleIn=True)
    room.new_version()

    room.start_refresh(**LAUNCH_FIRST, ScaleInProtectedInstances=preference)
    room.pass_time(70 * MINUTE)

    assert (room.refresh.status, room.versions) == (status, versions)
    assert len(room.members()) == 2


class TestBalanced:
    def test_the_balancer_must_send_to_the_new_before_the_old_goes(self, room: Watched) -> None:
        target_group = room.balance()
        room.create(size=1, TargetGroupARNs=[room.arn_of(target_group)])
        room.report(TargetHealth.HEALTHY)
        (old,) = room.members()
        room.new_version()
        room.start_refresh(**LAUNCH_FIRST)

        room.pass_time(30 * MINUTE)
        assert {one.id for one in room.members(LifecycleState.IN_SERVICE)} > {old.id}

        room.report(TargetHealth.HEALTHY)
        room.settle()
        assert [one.id for one in room.members(LifecycleState.TERMINATING)] == [old.id]
        room.drain()
        room.settle()
        assert room.versions == [2]
        assert room.refresh.status is RefreshStatus.SUCCESSFUL


@pytest.mark.slow
class TestFailure:
    def break_it(self, room: FleetRoom) -> None:
        """Write a version whose image does not boot."""
        broken = an_image(number=9)
        with room.store.write() as rows:
            rows.put(IMAGES, broken)
        assert broken.digest is not None
        room.driver.broken.add(broken.digest)
        room.new_version(ImageId=broken.id)

    def test_what_never_comes_up_fails_after_an_hour_with_all_old_ones(self, room: Watched) -> None:
        room.create(size=3)
        old = {one.id for one in room.members()}
        self.break_it(room)
        room.start_refresh(**LAUNCH_FIRST)
        room.is_watched = True

        room.pass_time(61 * MINUTE)

        refresh = room.refresh
        assert refresh.status is RefreshStatus.FAILED
        assert refresh.reason.startswith("No instance became ready for too long.")
        assert {one.id for one in room.serving} == old
        assert "Kernel panic" in room.activities[-1].description

    def test_auto_rollback_goes_back_to_the_last_good_one(self, room: Watched) -> None:
        room.create(size=3, LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"})
        self.break_it(room)
        room.start_refresh("2", MinHealthyPercentage=60, AutoRollback=True)

        room.pass_time(65 * MINUTE)

        refresh = room.refresh
        assert refresh.status is RefreshStatus.ROLLBACK_SUCCESSFUL
        assert refresh.rollback is not None
        assert refresh.rollback.reason.startswith("No instance became ready for too long.")
        assert (room.versions, room.group.configuration.version) == ([1, 1, 1], "1")
        assert len(room.host.machines) == 3


class TestTurningRound:
    def begin(self, room: Watched, **preferences: Any) -> None:
        """Have half of a group replaced, with an hour to wait."""
        room.create(size=4, LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"})
        room.new_version()
        room.start_refresh(
            "2", MinHealthyPercentage=50, CheckpointPercentages=[50, 100], **preferences
        )
        room.pass_time(MINUTE)
        assert room.versions == [1, 1, 2, 2]

    def test_cancelling_leaves_what_is_replaced(self, room: Watched) -> None:
        self.begin(room)

        room.call("CancelInstanceRefresh")
        room.pass_time(2 * HOUR)

        assert room.refresh.status is RefreshStatus.CANCELLED
        assert room.refresh.reason == "Cancelled due to user request."
        assert room.versions == [1, 1, 2, 2]
        with pytest.raises(ApiError, match="ActiveInstanceRefreshNotFound"):
            room.call("CancelInstanceRefresh")

    def test_cancelling_ahead_of_an_end_removes_the_surplus(self, room: Watched) -> None:
        room.create(size=2)
        room.new_version()
        room.driver.is_slow = True
        room.start_refresh(**LAUNCH_FIRST)
        room.settle()
        assert len(room.members()) == 3

        room.call("CancelInstanceRefresh")
        room.settle()

        assert room.versions == [1, 1]
        assert len(room.members()) == 2

    def test_rolling_back_replaces_the_new_ones_alone(self, room: Watched) -> None:
        self.begin(room)
        old = {one.id for one in room.members() if one.refresh_id is None}
        answer = room.call("RollbackInstanceRefresh")
        turned = room.refresh
        room.pass_time(MINUTE)

        (shown,) = room.call("DescribeInstanceRefreshes")["InstanceRefreshes"]
        assert turned.status is RefreshStatus.ROLLBACK_IN_PROGRESS
        assert shown["InstanceRefreshId"] == answer["InstanceRefreshId"]
        assert shown["Status"] == "RollbackSuccessful"
        assert shown["PercentageComplete"] == 0
        assert shown["RollbackDetails"]["PercentageCompleteOnRollback"] == 50
        assert shown["RollbackDetails"]["InstancesToUpdateOnRollback"] == 2
        assert room.versions == [1, 1, 1, 1]
        assert old <= {one.id for one in room.members()}
        assert room.group.configuration.version == "1"

    def test_the_way_back_need_not_wait_for_those_that_served_before(self, room: Watched) -> None:
        room.create(size=2, LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"})
        room.new_version()
        room.pass_time(MINUTE)
        room.start_refresh("2", **LAUNCH_FIRST, InstanceWarmup=600)
        room.pass_time(MINUTE)
        assert room.versions == [1, 1, 2]

        room.call("RollbackInstanceRefresh")
        room.settle()

        assert room.refresh.status is RefreshStatus.ROLLBACK_SUCCESSFUL
        assert room.versions == [1, 1]

    def test_what_has_no_number_to_go_back_to_is_refused(self, room: Watched) -> None:
        room.create(size=2)
        room.new_version()
        with pytest.raises(ApiError, match="AutoRollback"):
            room.start_refresh("2", AutoRollback=True)
        room.start_refresh("2")
        with pytest.raises(ApiError, match="InstanceRefreshInProgress"):
            room.start_refresh("2")
        with pytest.raises(ApiError, match=r"IrreversibleInstanceRefresh.*\$Latest"):
            room.call("RollbackInstanceRefresh")


def test_deleting_the_group_ends_its_refresh(room: Watched) -> None:
    room.create(size=2)
    room.new_version()
    room.start_refresh(**LAUNCH_FIRST, InstanceWarmup=60)
    room.settle()

    room.call("DeleteAutoScalingGroup", ForceDelete=True)
    room.settle()

    assert room.refresh.status is RefreshStatus.CANCELLED
    assert room.group_or_none is None
    assert room.host.machines == {}


def test_a_suspended_refresh_waits(room: Watched) -> None:
    room.create(size=2)
    room.new_version()
    room.call("SuspendProcesses", ScalingProcesses=["InstanceRefresh"])
    room.start_refresh(**LAUNCH_FIRST)

    room.pass_time(MINUTE)
    assert room.versions == [1, 1]

    room.call("ResumeProcesses")
    room.pass_time(MINUTE)
    assert room.versions == [2, 2]


@pytest.mark.slow
@pytest.mark.parametrize("preferences", [LAUNCH_FIRST, {"MinHealthyPercentage": 60}])
def test_a_kill_at_every_commit_is_survived_within_the_bounds(
    tmp_path: Path, preferences: dict[str, Any]
) -> None:
    number, happened = 0, True
    while happened:
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        kill = KillAtCommit()
        room = Watched(folder, before_commit=kill)
        room.create(size=2, LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"})
        room.new_version()
        room.start_refresh("2", **preferences, InstanceWarmup=30)
        room.is_watched = True
        kill.after(number)

        happened = room.survives(lambda room=room: room.pass_time(10 * MINUTE))  # type: ignore[misc]
        room.pass_time(10 * MINUTE)

        assert room.refresh.status is RefreshStatus.SUCCESSFUL
        assert room.versions == [2, 2]
        assert len(room.members()) == len(room.host.machines) == 2
    assert number > 10
