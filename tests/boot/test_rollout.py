"""Three real machines behind a load balancer are replaced, and nobody notices."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.cgroups import Cgroup, host_hierarchies
from tests.support.booted_region import WEB, BootedRegion, require_machines
from tests.support.load import requests
from tests.support.regions import wait_until
from tests.support.web_fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.base_image import BaseImage

pytestmark = [pytest.mark.boot, pytest.mark.slow]


@pytest.fixture
def region(tmp_path: Path) -> Iterator[BootedRegion]:
    """Give a region of its own, as its daemon is killed."""
    require_machines()
    region = BootedRegion(tmp_path / "home")
    region.up()
    yield region
    region.reset()
    assert region.leftovers() == []


def test_a_roll_of_three_fails_no_request_even_when_the_daemon_is_killed(
    region: BootedRegion, web_image: BaseImage
) -> None:
    fleet = Fleet(region, region.add_image(WEB, web_image))

    def kill() -> None:
        os.kill(region.pid, signal.SIGKILL)
        region.up()

    with requests(fleet.url):
        fleet.roll()
        fleet.roll(meanwhile=kill)

    fleet.group.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
    wait_until(
        lambda: not fleet.group.describe_auto_scaling_groups()["AutoScalingGroups"], seconds=60
    )
    assert list(region.home.machines.glob("*/boot")) == []


def test_a_machine_that_is_killed_or_terminated_fails_no_request_and_is_replaced(
    region: BootedRegion, web_image: BaseImage
) -> None:
    fleet = Fleet(region, region.add_image(WEB, web_image))

    with requests(fleet.url):
        killed = min(fleet.healthy())
        kill_machine(region, killed)
        wait_until(lambda: len(fleet.healthy() - {killed}) == 3, seconds=60)
        ended = min(fleet.healthy())
        fleet.ec2.terminate_instances(InstanceIds=[ended])
        wait_until(lambda: len(fleet.healthy() - {killed, ended}) == 3, seconds=60)

    assert fleet.members().isdisjoint({killed, ended})


def kill_machine(region: BootedRegion, instance: str) -> None:
    """Kill every process of a machine at once, as nobody would who knows it."""
    settings = region.home.read_settings()
    assert settings is not None
    name = region.home.plan(settings).machine_namespace(instance)
    assert Cgroup(host_hierarchies(), name).kill(timedelta(seconds=10))
