"""Groups as a region reports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.fleets.follow import Advanced, FleetEvent, Joined, Left, Serves, console_tail, follow
from cotta.fleets.model import RefreshStatus
from cotta.fleets.observe import UnknownGroupsError, observe
from cotta.region.machines.simulated import SimulatedMachines
from cotta.system.clock import SystemClock
from tests.support.played_groups import (
    IMAGE,
    make_group,
    new_version,
    session_of,
    start_refresh,
)
from tests.support.regions import put_image, running_region, simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.regions import RunningRegion


@pytest.fixture
def region(tmp_path: Path) -> Iterator[RunningRegion]:
    with simulated_region(tmp_path, SimulatedMachines()) as running:
        yield running


def test_a_group_is_told_with_its_members(region: RunningRegion) -> None:
    make_group(region)

    (group,) = observe(session_of(region), ["web"])

    assert (group.minimum, group.desired, group.maximum, group.in_service) == (3, 3, 6, 3)
    assert (group.template, group.version, group.latest_version) == ("web", "$Latest", "1")
    assert {member.zone for member in group.members} == {"us-east-1a", "us-east-1b", "us-east-1c"}
    member = group.members[0]
    assert member.image is not None
    assert (member.image.id, member.image.name, member.version) == (IMAGE, "image-1", "1")
    assert member.launched_at is not None
    assert group.refresh is None
    assert {one.status for one in group.activities} == {"Successful"}


def test_groups_that_are_not_there_are_named(region: RunningRegion) -> None:
    with pytest.raises(UnknownGroupsError) as error:
        observe(session_of(region), ["web", "api"])

    assert error.value.names == ("api", "web")


def test_a_refresh_is_followed_to_its_end(region: RunningRegion) -> None:
    make_group(region)
    before = {member.id for member in observe(session_of(region), ["web"])[0].members}
    refresh_id = start_refresh(region, new_version(region), InstanceWarmup=1)
    told: list[FleetEvent] = []

    refresh = follow(session_of(region), "web", refresh_id, clock=SystemClock(), tell=told.append)

    assert refresh.status is RefreshStatus.SUCCESSFUL
    assert (refresh.percentage, refresh.remaining, refresh.version) == (100, 0, "2")
    assert isinstance(told[-1], Advanced)
    seen = {event.member.id for event in told if isinstance(event, Joined | Serves | Left)}
    (group,) = observe(session_of(region), ["web"])
    after = {member.id for member in group.members}
    assert before.isdisjoint(after)
    assert (before | after) & seen
    assert group.in_service == 3


def test_whoever_stops_leaves_it_running(region: RunningRegion) -> None:
    make_group(region)
    refresh_id = start_refresh(region, new_version(region), InstanceWarmup=600)

    refresh = follow(
        session_of(region),
        "web",
        refresh_id,
        clock=SystemClock(),
        tell=lambda _: None,
        stopped=lambda: True,
    )

    assert not refresh.status.is_final


def test_the_console_of_an_instance_that_is_gone_is_empty(region: RunningRegion) -> None:
    assert console_tail(session_of(region), "i-0123456789abcdef0") == []


_SAID = b"one\r\n\n\x1b[0;32mtwo\x1b[0m \n\x1b]0;title\x07\x1b[Kth\x08ree\n"


def test_the_console_of_an_instance_ends_with_its_last_lines(tmp_path: Path) -> None:
    with running_region(tmp_path, console=lambda _: _SAID) as region:
        put_image(region.store)
        answer = region.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)
        instance = answer["Instances"][0]["InstanceId"]

        assert console_tail(session_of(region), instance, 2) == ["two", "three"]
