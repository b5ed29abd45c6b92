"""Whatever happens to a group, in whatever order, it ends as it should be, and nothing is left."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotta.region.model import LifecycleState, RefreshStatus
from cotta.region.reconcile.refresh import ACTIVE
from cotta.region.store.kinds import INSTANCES
from cotta.region.wire.errors import ApiError
from tests.support.fleets import FleetRoom

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

pytestmark = pytest.mark.slow

WARMUP = 30


def resize(room: FleetRoom, chance: random.Random) -> None:
    room.call("SetDesiredCapacity", DesiredCapacity=chance.randrange(7))


def power_off(room: FleetRoom, chance: random.Random) -> None:
    alive = list(room.host.machines)
    if alive:
        room.driver.power_off(chance.choice(alive))


def lose(room: FleetRoom, chance: random.Random) -> None:
    alive = list(room.host.machines)
    if alive:
        room.driver.lose(chance.choice(alive))


def end(room: FleetRoom, chance: random.Random) -> None:
    members = room.members(LifecycleState.IN_SERVICE)
    if members:
        room.call(
            "TerminateInstanceInAutoScalingGroup",
            InstanceId=chance.choice(members).id,
            ShouldDecrementDesiredCapacity=chance.random() < 0.5,
        )


def complain(room: FleetRoom, chance: random.Random) -> None:
    members = room.members(LifecycleState.IN_SERVICE)
    if members:
        one = chance.choice(members)
        room.call("SetInstanceHealth", InstanceId=one.id, HealthStatus="Unhealthy")


def protect(room: FleetRoom, chance: random.Random) -> None:
    members = room.members(LifecycleState.IN_SERVICE)
    if members:
        one = chance.choice(members)
        room.call(
            "SetInstanceProtection",
            InstanceIds=[one.id],
            ProtectedFromScaleIn=chance.random() < 0.5,
        )


def roll(room: FleetRoom, chance: random.Random) -> None:
    room.new_version()
    low = chance.choice([0, 50, 90, 100])
    room.start_refresh(
        str(room.latest_version),
        MinHealthyPercentage=low,
        MaxHealthyPercentage=chance.randrange(100, 101 + low),
        InstanceWarmup=WARMUP,
        ScaleInProtectedInstances=chance.choice(["Ignore", "Refresh", "Wait"]),
        CheckpointPercentages=chance.choice([[], [40, 100], [50]]),
        SkipMatching=chance.random() < 0.5,
    )


def cancel(room: FleetRoom, chance: random.Random) -> None:
    room.call("CancelInstanceRefresh")


def roll_back(room: FleetRoom, chance: random.Random) -> None:
    room.call("RollbackInstanceRefresh")


def suspend(room: FleetRoom, chance: random.Random) -> None:
    processes = ["Launch", "Terminate", "HealthCheck", "ReplaceUnhealthy", "InstanceRefresh"]
    room.call("SuspendProcesses", ScalingProcesses=[chance.choice(processes)])


def resume(room: FleetRoom, chance: random.Random) -> None:
    room.call("ResumeProcesses")


def break_image(room: FleetRoom, chance: random.Random) -> None:
    assert room.image.digest is not None
    room.driver.broken.add(room.image.digest)


def mend_image(room: FleetRoom, chance: random.Random) -> None:
    room.driver.broken.clear()


def crash(room: FleetRoom, chance: random.Random) -> None:
    broken = room.driver.broken
    room.crash()
    room.driver.broken = broken


def wait(room: FleetRoom, chance: random.Random) -> None:
    room.pass_time(timedelta(seconds=chance.choice([5, 40])))


def look(room: FleetRoom, chance: random.Random) -> None:
    room.look()


TROUBLES: list[Callable[[FleetRoom, random.Random], None]] = [
    resize,
    power_off,
    lose,
    end,
    complain,
    protect,
    roll,
    roll,
    cancel,
    roll_back,
    suspend,
    resume,
    break_image,
    mend_image,
    crash,
    wait,
    look,
]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(TROUBLES), min_size=3, max_size=14),
    st.randoms(use_true_random=False),
)
def test_it_comes_right_in_the_end(
    troubles: list[Callable[[FleetRoom, random.Random], None]], chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        room = FleetRoom(Path(folder))
        room.create(size=3, LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"})
        for trouble in troubles:
            try:
                trouble(room, chance)
            except ApiError:
                # Refused as it makes no sense just now.
                continue
        room.driver.broken.clear()
        room.call("ResumeProcesses")
        protected = [one for one in room.members(LifecycleState.IN_SERVICE) if one.is_protected]
        room.call(
            "SetInstanceProtection",
            InstanceIds=[one.id for one in protected],
            ProtectedFromScaleIn=False,
        )
        room.pass_time(timedelta(hours=3))

        # Everybody serves, rests, and nothing is left of those that came and went.
        assert len(room.serving) == len(room.members()) == room.group.desired_capacity
        assert set(room.host.machines) == {one.id for one in room.members()}
        assert all(one.ended_at is not None for one in room.activities)
        assert not any(one.status in ACTIVE for one in room.refreshes)
        assert room.again() is None
        done = room.refreshes[-1:]
        if done and done[0].status is RefreshStatus.SUCCESSFUL:
            assert done[0].percentage >= 50
        with room.store.read() as rows:
            ended = [one for one in rows.all(INSTANCES) if one.id not in room.host.machines]
        assert {one.state.value for one in ended} <= {"terminated"}
        before = room.everything()
        room.settle()
        assert room.everything() == before
