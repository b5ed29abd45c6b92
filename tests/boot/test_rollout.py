"""Three real machines behind a load balancer are replaced, and nobody notices."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.cgroups import Cgroup, host_hierarchies
from tests.oracle.witnesses import witness
from tests.support.booted_region import WEB, BootedRegion, require_machines
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


@contextlib.contextmanager
def requests(url: str) -> Iterator[None]:
    """Have wrk ask as fast as it can meanwhile, and expect every request to be answered well."""
    wrk, said, is_over = witness("wrk"), list[str](), threading.Event()

    def ask() -> None:
        # It can't be told to end earlier than it was to, so it is had to ask for a short time.
        while not is_over.is_set():
            argv = [wrk, "-t1", "-c4", "-d2s", "--timeout", "10s", url]
            done = subprocess.run(argv, capture_output=True, encoding="utf-8", check=False)
            said.append(done.stdout)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
    assert [one for one in said if "Socket errors" in one or "Non-2xx" in one] == []
    made = [int(count) for one in said for count in re.findall(r"(\d+) requests in", one)]
    assert sum(made) > 1_000, said


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
