"""Groups on played machines: brought to their size, kept there, made larger and smaller."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cotta.region.model import LifecycleState, StateReason, TargetHealth
from cotta.region.store.kinds import (
    ACTIVITIES,
    AUTO_SCALING_GROUPS,
    GROUP_INSTANCES,
    IMAGES,
    TARGET_GROUPS,
)
from cotta.region.targets import health_of
from cotta.region.wire.errors import ApiError
from tests.support.fleets import FleetRoom, KillAtCommit
from tests.support.times import NOON

if TYPE_CHECKING:
    from pathlib import Path

MINUTE = timedelta(minutes=1)
IN_SERVICE = LifecycleState.IN_SERVICE


@pytest.fixture
def room(tmp_path: Path) -> FleetRoom:
    return FleetRoom(tmp_path)


def test_a_group_comes_up_over_all_zones_and_then_rests(room: FleetRoom) -> None:
    room.create(size=6)

    assert len(room.serving) == 6
    assert Counter(member.zone for member in room.serving) == {"a": 2, "b": 2, "c": 2}
    assert room.group.wish == ""
    assert room.again() is None
    before = room.everything()
    room.settle()
    assert room.everything() == before


def test_launches_say_why(room: FleetRoom) -> None:
    room.create(size=1)

    (member,) = room.members()
    (activity,) = room.activities
    assert activity.description == f"Launching a new EC2 instance: {member.id}"
    assert activity.cause == (
        "At 2026-01-01T12:00:00Z a user request created an AutoScalingGroup changing the desired "
        "capacity from 0 to 1.  At 2026-01-01T12:00:00Z an instance was started in response to a "
        "difference between desired and actual capacity, increasing the capacity from 0 to 1."
    )
    assert (activity.status, activity.progress) == ("Successful", 100)


def test_instances_have_the_groups_tags(room: FleetRoom) -> None:
    tags = [
        {"Key": "role", "Value": "web", "PropagateAtLaunch": True},
        {"Key": "owner", "Value": "us", "PropagateAtLaunch": False},
    ]
    room.create(size=1, Tags=tags)

    (instance,) = room.instances()
    assert instance.tags == {
        "role": "web",
        "aws:autoscaling:groupName": "web",
        "aws:ec2launchtemplate:id": room.template.id,
        "aws:ec2launchtemplate:version": "1",
    }


def test_what_ends_by_itself_is_replaced(room: FleetRoom) -> None:
    room.create(size=2)
    lost, kept = room.members()

    room.power_off(lost)
    room.settle()

    members = room.members()
    assert len(room.serving) == 2
    assert kept in members
    assert lost.id not in {member.id for member in members}
    ended = room.activity(f"Terminating EC2 instance: {lost.id}")
    (new,) = {member.id for member in members} - {kept.id}
    launched = room.activity(f"Launching a new EC2 instance: {new}")
    assert ended.status == "Successful"
    assert ended.cause == (
        "At 2026-01-01T12:00:00Z an instance was taken out of service in response to an EC2 health "
        "check indicating it has been terminated or stopped."
    )
    assert launched.cause == (
        "At 2026-01-01T12:00:00Z an instance was launched in response to an unhealthy instance "
        "needing to be replaced."
    )


def test_a_suspended_process_is_left_alone(room: FleetRoom) -> None:
    room.create(size=2)
    room.call("SuspendProcesses", ScalingProcesses=["HealthCheck", "Launch"])
    lost, other = room.members()

    room.power_off(lost)
    room.settle()
    assert room.members() == [lost, other]

    room.call("ResumeProcesses", ScalingProcesses=["HealthCheck"])
    room.settle()
    assert room.members() == [other]

    room.call("ResumeProcesses")
    room.settle()
    assert len(room.serving) == 2


class TestSizes:
    def test_larger_and_smaller(self, room: FleetRoom) -> None:
        room.create(size=2)

        room.call("SetDesiredCapacity", DesiredCapacity=5)
        room.settle()
        assert len(room.serving) == 5

        room.call("SetDesiredCapacity", DesiredCapacity=1)
        room.settle()
        assert len(room.serving) == len(room.members()) == 1
        cause = room.activities[-1].cause
        assert (
            "explicitly set group desired capacity changing the desired capacity from 5 to 1"
            in (cause)
        )
        assert "shrinking the capacity from 5 to 1." in cause
        assert "was selected for termination." in cause

    def test_zones_stay_balanced_as_a_group_shrinks(self, room: FleetRoom) -> None:
        room.create(size=9)

        room.call("SetDesiredCapacity", DesiredCapacity=4)
        room.settle()

        assert sorted(Counter(one.zone for one in room.serving).values()) == [1, 1, 2]

    @pytest.mark.parametrize(
        ("policy", "kept"),
        [("OldestInstance", 1), ("NewestInstance", 0), ("OldestLaunchTemplate", 1), ("Default", 1)],
    )
    def test_policies(self, room: FleetRoom, policy: str, kept: int) -> None:
        room.create(size=1, AvailabilityZones=["us-east-1a"], TerminationPolicies=[policy])
        room.now += MINUTE
        room.new_version()
        room.call("SetDesiredCapacity", DesiredCapacity=2)
        room.settle()
        by_age = sorted(room.members(), key=lambda member: member.joined_at)

        room.call("SetDesiredCapacity", DesiredCapacity=1)
        room.settle()

        assert [one.id for one in room.serving] == [by_age[kept].id]

    def test_the_protected_stay(self, room: FleetRoom) -> None:
        room.create(size=3)
        protected = room.members()[0]
        room.call("SetInstanceProtection", InstanceIds=[protected.id], ProtectedFromScaleIn=True)

        room.call("SetDesiredCapacity", DesiredCapacity=0)
        room.settle()

        assert [one.id for one in room.members()] == [protected.id]

    def test_new_ones_can_be_protected(self, room: FleetRoom) -> None:
        room.create(size=1, NewInstancesProtectedFromScaleIn=True)

        assert [one.is_protected for one in room.members()] == [True]


class TestFailures:
    def test_an_image_that_is_gone_fails_launches_and_backs_off(self, room: FleetRoom) -> None:
        room.create(size=0)
        with room.store.write() as rows:
            rows.remove(IMAGES, room.image.id)
        room.call("SetDesiredCapacity", DesiredCapacity=2)

        room.settle()

        (activity,) = room.activities
        message = f"The image id '[{room.image.id}]' does not exist. Launching EC2 instance failed."
        assert (activity.status, activity.status_message) == ("Failed", message)
        assert activity.description == (f"Launching a new EC2 instance.  Status Reason: {message}")
        assert room.group.retry_at == NOON + timedelta(seconds=5)
        room.pass_time(timedelta(minutes=20))
        # After 5, 10, 20, 40, 80, 160 and from then on 300 seconds.
        assert len(room.activities) == 9

    def test_an_image_that_does_not_boot_fails_with_the_console(self, room: FleetRoom) -> None:
        assert room.image.digest is not None
        room.driver.broken.add(room.image.digest)

        room.create(size=1)

        failed = [one for one in room.activities if one.status == "Failed"]
        assert failed
        assert "The console ends with: Kernel panic" in (failed[0].status_message or "")
        assert room.members(IN_SERVICE) == []
        room.driver.broken.clear()
        room.pass_time(MINUTE)
        assert len(room.serving) == 1
        assert (room.group.failed_launches, room.group.retry_at) == (0, None)

    def test_a_kill_at_every_commit_is_survived(self, tmp_path: Path) -> None:
        number, happened = 0, True
        while happened:
            number += 1
            folder = tmp_path / str(number)
            folder.mkdir()
            kill = KillAtCommit()
            room = FleetRoom(folder, before_commit=kill)
            kill.after(number)

            happened = room.survives(room.create)

            if room.group_or_none is None:
                # Not even created: the one who asked has seen the error.
                continue
            room.settle()
            assert len(room.serving) == len(room.members()) == 3
            assert len(room.host.machines) == 3
        assert number > 3


class TestBalancing:
    def test_members_are_targets_while_they_serve(self, room: FleetRoom) -> None:
        target_group = room.balance()
        room.create(size=2, TargetGroupARNs=[room.arn_of(target_group)])

        def targets() -> dict[str, TargetHealth]:
            with room.store.read() as rows:
                return {one.target.target_id: one.state for one in health_of(rows, target_group.id)}

        assert targets() == dict.fromkeys((one.id for one in room.members()), TargetHealth.INITIAL)
        room.report(TargetHealth.HEALTHY)
        room.call("SetDesiredCapacity", DesiredCapacity=1)
        room.settle()

        # It drains first, and runs as long as it does.
        (leaving,) = room.members(LifecycleState.TERMINATING)
        assert targets()[leaving.id] is TargetHealth.DRAINING
        assert room.machine(room.find_instance(leaving.id)) is not None
        assert room.activities[-1].status == "WaitingForELBConnectionDraining"
        room.drain()
        room.settle()
        assert room.members(LifecycleState.TERMINATING) == []
        assert leaving.id not in targets()
        assert leaving.id not in room.host.machines

    def test_the_balancers_word_counts_after_the_grace_period(self, room: FleetRoom) -> None:
        target_group = room.balance()
        room.create(
            size=1,
            TargetGroupARNs=[room.arn_of(target_group)],
            HealthCheckType="ELB",
            HealthCheckGracePeriod=60,
        )
        (first,) = room.members()
        room.report(TargetHealth.UNHEALTHY)

        room.pass_time(timedelta(seconds=59))
        assert room.members() == [first]

        room.pass_time(timedelta(seconds=1))
        room.drain()
        room.settle()
        assert first.id not in {one.id for one in room.members()}
        assert any("an ELB system health check failure" in one.cause for one in room.activities)

    def test_a_group_attached_later_gets_those_there_are(self, room: FleetRoom) -> None:
        target_group = room.balance()
        arn = room.arn_of(target_group)
        room.create(size=1)

        room.call("AttachLoadBalancerTargetGroups", TargetGroupARNs=[arn])
        adding = room.call("DescribeLoadBalancerTargetGroups")["LoadBalancerTargetGroups"]
        room.settle()
        added = room.call("DescribeLoadBalancerTargetGroups")["LoadBalancerTargetGroups"]
        room.report(TargetHealth.HEALTHY)
        serving = room.call("DescribeTrafficSources")["TrafficSources"]
        room.call("DetachLoadBalancerTargetGroups", TargetGroupARNs=[arn])

        assert adding == [{"LoadBalancerTargetGroupARN": arn, "State": "Adding"}]
        assert [one["State"] for one in added] == ["Added"]
        assert [one["State"] for one in serving] == ["InService"]
        assert room.call("DescribeTrafficSources")["TrafficSources"] == []
        with room.store.read() as rows:
            (left,) = health_of(rows, target_group.id)
        assert left.state is TargetHealth.DRAINING

    def test_a_target_group_that_is_gone_holds_nothing_up(self, room: FleetRoom) -> None:
        target_group = room.balance()
        room.create(size=1, TargetGroupARNs=[room.arn_of(target_group)])
        with room.store.write() as rows:
            rows.remove(TARGET_GROUPS, target_group.id)

        room.call("SetDesiredCapacity", DesiredCapacity=2)
        room.settle()

        assert len(room.serving) == 2
        assert room.again() is None

    def test_nobody_is_added_while_that_is_suspended(self, room: FleetRoom) -> None:
        target_group = room.balance()
        room.create(size=0, TargetGroupARNs=[room.arn_of(target_group)])
        room.call("SuspendProcesses", ScalingProcesses=["AddToLoadBalancer"])
        room.call("SetDesiredCapacity", DesiredCapacity=1)
        room.settle()
        with room.store.read() as rows:
            assert health_of(rows, target_group.id) == []

        room.call("ResumeProcesses")
        room.settle()
        with room.store.read() as rows:
            assert len(health_of(rows, target_group.id)) == 1


class TestMaintenance:
    def test_with_a_maximum_the_successor_comes_first(self, room: FleetRoom) -> None:
        policy = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150}
        room.create(size=2, InstanceMaintenancePolicy=policy)
        sick, _ = room.members()
        room.driver.is_slow = True

        room.call("SetInstanceHealth", InstanceId=sick.id, HealthStatus="Unhealthy")
        room.settle()

        (pending,) = room.members(LifecycleState.PENDING)
        assert sick.id in {one.id for one in room.members(IN_SERVICE)}
        room.driver.boot(pending.id)
        room.settle()
        assert sick.id not in {one.id for one in room.members()}
        assert len(room.serving) == 2


class TestDeletion:
    def test_a_group_with_members_stays_unless_it_is_forced(self, room: FleetRoom) -> None:
        room.create(size=2)

        with pytest.raises(ApiError, match="ResourceInUse"):
            room.call("DeleteAutoScalingGroup")
        room.call("DeleteAutoScalingGroup", ForceDelete=True)
        (shown,) = room.call("DescribeAutoScalingGroups")["AutoScalingGroups"]
        room.settle()

        assert shown["Status"] == "Delete in progress"
        with room.store.read() as rows:
            assert not rows.all(AUTO_SCALING_GROUPS)
            assert not rows.all(GROUP_INSTANCES)
            assert rows.all(ACTIVITIES) != []
        assert room.host.machines == {}

    def test_an_empty_one_goes_at_once(self, room: FleetRoom) -> None:
        room.create(size=1)
        room.call("UpdateAutoScalingGroup", MinSize=0, MaxSize=0, DesiredCapacity=0)
        room.settle()

        room.call("DeleteAutoScalingGroup")

        assert room.call("DescribeAutoScalingGroups")["AutoScalingGroups"] == []


def test_an_instance_terminated_behind_its_back_is_replaced(room: FleetRoom) -> None:
    room.create(size=1)
    (instance,) = room.instances()

    room.terminate(instance)
    room.settle()

    assert len(room.serving) == 1
    assert room.serving[0].id != instance.id
    assert room.instance(instance).state_reason != StateReason("", "")
