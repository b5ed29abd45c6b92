"""A clock that was set back: no wait becomes longer than its own length, and order stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotta.region.machines.simulated import SimulatedMachines
from cotta.region.membership import back_off, launch_pause
from cotta.region.model import ImageState, LifecycleState, RefreshStatus
from cotta.region.reconcile.instances import SHOWN_AFTER_END
from cotta.region.set_back import take_back
from cotta.region.store.kinds import AUTO_SCALING_GROUPS, IMAGES, TARGET_GROUPS, TARGETS
from cotta.region.targets import DEREGISTRATION_DELAY, deregister, register
from tests.support.balancing import a_target_group
from tests.support.fleets import FleetRoom
from tests.support.regions import an_image, fresh_store, simulated_region
from tests.support.times import NOON

if TYPE_CHECKING:
    from pathlib import Path

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def room(tmp_path: Path) -> FleetRoom:
    return FleetRoom(tmp_path)


def begin_again_earlier(room: FleetRoom, by: timedelta) -> int:
    """Begin anew with a clock that was set back; return how many rows were changed."""
    room.now -= by
    room.crash()
    with room.store.write() as rows:
        return take_back(rows, room.now)


@pytest.mark.parametrize("seconds", [0, 10, 40, 100])
def test_a_refresh_waits_for_no_warm_up_of_the_future(room: FleetRoom, seconds: int) -> None:
    room.create(size=2)
    room.new_version()
    room.start_refresh(MinHealthyPercentage=100, MaxHealthyPercentage=150, InstanceWarmup=30)
    room.pass_time(timedelta(seconds=seconds))

    begin_again_earlier(room, DAY)
    room.pass_time(3 * MINUTE)

    assert room.refresh.status is RefreshStatus.SUCCESSFUL
    assert room.versions == [2, 2]


def test_a_grace_period_begins_anew_at_most(room: FleetRoom) -> None:
    group = room.balance()
    room.create(
        size=1,
        HealthCheckType="ELB",
        HealthCheckGracePeriod=60,
        TargetGroupARNs=[room.arn_of(group)],
    )
    (sick,) = room.members()

    begin_again_earlier(room, DAY)
    room.drain()
    room.pass_time(2 * MINUTE)

    assert room.members(LifecycleState.IN_SERVICE) != [sick]


def test_what_has_ended_is_shown_no_longer_than_usual(room: FleetRoom) -> None:
    (instance,) = room.launch()
    room.settle()
    room.terminate(instance)
    room.settle()

    begin_again_earlier(room, DAY)
    room.wait(SHOWN_AFTER_END + MINUTE)

    assert room.find(instance) is None


def test_launches_that_failed_are_tried_again_after_their_pause(room: FleetRoom) -> None:
    room.create(size=0)
    with room.store.write() as rows:
        back_off(rows, "web", room.now)

    begin_again_earlier(room, DAY)

    assert room.group.retry_at == room.now + launch_pause(1)


def test_draining_ends_after_its_delay(room: FleetRoom) -> None:
    group = a_target_group(target_type="ip", attributes={DEREGISTRATION_DELAY: "30"})
    room.balance()
    with room.store.write() as rows:
        rows.put(TARGET_GROUPS, group)
        register(rows, group, "10.0.0.1", port=None, now=room.now)
        deregister(rows, group, "10.0.0.1", port=None, now=room.now)

    begin_again_earlier(room, DAY)

    with room.store.read() as rows:
        (target,) = rows.all(TARGETS)
    assert target.drain_until == room.now + timedelta(seconds=30)


def test_what_was_chosen_as_a_time_stays_and_nothing_is_changed_twice(room: FleetRoom) -> None:
    retired = replace(room.image, deprecated_at=room.now + DAY, protected_until=room.now + DAY)
    with room.store.write() as rows:
        rows.put(IMAGES, retired)
        rows.put(IMAGES, an_image(number=2, created_at=room.now, state=ImageState.AVAILABLE))

    assert begin_again_earlier(room, DAY) > 0
    assert begin_again_earlier(room, timedelta()) == 0

    assert room.image_now(retired).deprecated_at == retired.deprecated_at
    assert room.image_now(retired).protected_until == room.now + DAY


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=6, unique=True))
@settings(deadline=None, max_examples=20)
def test_images_keep_their_order_and_a_new_one_is_the_newest(
    tmp_path_factory: pytest.TempPathFactory, hours: list[int]
) -> None:
    store, _ = fresh_store(tmp_path_factory.mktemp("rows"))
    for number, ahead in enumerate(hours, start=1):
        with store.write() as rows:
            at = NOON + timedelta(hours=ahead, minutes=1)
            rows.put(IMAGES, an_image(number=number, created_at=at))

    with store.write() as rows:
        take_back(rows, NOON)
        images = rows.all(IMAGES)

    assert max(image.created_at for image in images) <= NOON
    by_time = sorted(images, key=lambda image: image.created_at)
    before = sorted(range(len(hours)), key=hours.__getitem__)
    assert [image.name for image in by_time] == [f"image-{place + 1}" for place in before]
    store.close()


def test_a_region_that_begins_again_has_no_row_of_the_future(tmp_path: Path) -> None:
    with simulated_region(tmp_path, SimulatedMachines()) as region, region.store.write() as rows:
        rows.put(IMAGES, an_image(number=7, created_at=datetime(2999, 1, 1, tzinfo=UTC)))

    with simulated_region(tmp_path, SimulatedMachines()) as region:
        found = region.client("ec2").describe_images(ImageIds=[f"ami-{7:017x}"])

    assert found["Images"][0]["CreationDate"] < "2999"


def test_groups_without_waits_stay_as_they_are(room: FleetRoom) -> None:
    room.create(size=1)
    # The account and its network are of this very day.
    begin_again_earlier(room, timedelta())
    before = room.everything()

    assert begin_again_earlier(room, timedelta()) == 0

    assert room.everything() == before
    with room.store.read() as rows:
        assert rows.find(AUTO_SCALING_GROUPS, "web") == room.group
