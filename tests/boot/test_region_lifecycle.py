"""A region's whole life on this machine: up, machines, a daemon that is killed, down."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.booted_region import WEB, BootedRegion, require_machines
from tests.support.ssh import make_key, ssh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.base_image import BaseImage
    from tests.support.cli import Ended

pytestmark = pytest.mark.boot


@pytest.fixture
def own(tmp_path: Path) -> Iterator[BootedRegion]:
    """Give a region that is not up yet, and is gone afterwards."""
    require_machines()
    region = BootedRegion(tmp_path / "home")
    yield region
    if region.home.exists:
        region.reset()
    assert region.leftovers() == []


def first_processes(region: BootedRegion) -> dict[str, str]:
    """Return when each machine's own looking-after process was started: its `boot` record."""
    return {place.parent.name: place.read_text() for place in region.home.machines.glob("*/boot")}


def fetch(address: str) -> str:
    with urllib.request.urlopen(f"http://{address}/", timeout=10) as answer:
        body: bytes = answer.read()
    return body.decode()


def test_region_begins_and_leaves_nothing(own: BootedRegion, web_image: BaseImage) -> None:
    own.up()
    image = own.add_image(WEB, web_image)
    ec2 = own.client("ec2")
    key = make_key(ec2, "mine", own.home.folder.parent)
    group = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]["GroupId"]
    for port in (22, 80):
        ec2.authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp="0.0.0.0/0"
        )

    (instance,) = own.launch(image, KeyName="mine")
    address, instance_id = instance["PublicIpAddress"], instance["InstanceId"]

    assert ssh(address, key, "echo kept | sudo tee /srv/kept; hostname").split() == [
        "kept",
        instance["PrivateDnsName"].partition(".")[0],
    ]
    assert "nginx" in fetch(address)
    assert "Reached target" in own.cotta("console", instance_id).stdout
    assert own.cotta("status").status == 0
    assert own.traces() != []
    again = own.cotta("up")
    assert (again.status, "up already" in again.stdout) == (0, True)

    own.down()
    assert own.leftovers() == []
    assert own.cotta("status").status == 3
    own.down()

    own.up()
    (after,) = own.wait_for([instance_id], {"running"})
    assert after["PublicIpAddress"] == address
    assert ssh(address, key, "cat /srv/kept") == "kept\n"
    own.reset()
    assert list(own.home.folder.iterdir()) == []
    assert own.leftovers() == []


def test_machines_run_on_when_the_daemon_is_killed(
    own: BootedRegion, base_image: BaseImage
) -> None:
    own.up()
    image = own.add_debian(base_image)
    before = {one["InstanceId"] for one in own.launch(image, 2)}
    booted = first_processes(own)

    os.kill(own.pid, signal.SIGKILL)
    assert own.cotta("status").status == 3
    own.up()

    assert {one["InstanceId"] for one in own.wait_for(before, {"running"})} == before
    assert first_processes(own) == booted
    os.kill(own.pid, signal.SIGKILL)
    own.down()
    assert own.leftovers() == []


def test_nothing_is_lost_whenever_the_daemon_is_killed(
    own: BootedRegion, base_image: BaseImage
) -> None:
    own.up()
    image = own.add_debian(base_image)
    chance = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID"))
    ec2 = own.client("ec2")
    token = 0

    def act() -> None:
        nonlocal token
        token += 1
        with contextlib.suppress(ClientError, BotoCoreError):
            started = ec2.run_instances(
                ImageId=image,
                InstanceType="t3.nano",
                MinCount=1,
                MaxCount=2,
                ClientToken=f"token-{token}",
            )
            if chance.random() < 0.5:
                ec2.terminate_instances(InstanceIds=[started["Instances"][0]["InstanceId"]])

    for _ in range(4):
        acting = threading.Thread(target=act)
        acting.start()
        time.sleep(chance.uniform(0, 1.5))
        with contextlib.suppress(AssertionError, ProcessLookupError):
            os.kill(own.pid, signal.SIGKILL)
        own.up()
        acting.join()

    found = ec2.describe_instances()["Reservations"]
    ids = [one["InstanceId"] for reservation in found for one in reservation["Instances"]]
    ended = own.wait_for(ids, {"running", "terminated"}) if ids else []
    alive = {one["InstanceId"] for one in ended if one["State"]["Name"] == "running"}
    assert {place.parent.name for place in own.home.machines.glob("*/record")} == alive
    if alive:
        own.terminate(alive)
    assert [one.name for one in own.home.machines.glob("*/record")] == []
    own.down()
    assert own.leftovers() == []


def test_two_that_take_it_up_at_once_have_one_region(own: BootedRegion) -> None:
    ended = []
    taking = [threading.Thread(target=lambda: ended.append(own.cotta("up"))) for _ in range(3)]

    for one in taking:
        one.start()
    for one in taking:
        one.join()

    assert [(one.status, one.stderr) for one in ended] == [(0, "")] * 3
    settings = own.home.read_settings()
    assert settings is not None
    assert all(settings.endpoint in one.stdout for one in ended)
    assert own.client("sts").get_caller_identity()["Account"]


def test_two_that_are_taken_up_at_once_share_nothing(tmp_path: Path) -> None:
    require_machines()
    regions = [BootedRegion(tmp_path / name / "home") for name in ("one", "two")]
    for region in regions:
        region.home.folder.parent.mkdir()
    ended: list[Ended] = []
    taking = [
        threading.Thread(target=lambda region=region: ended.append(region.cotta("up")))
        for region in regions
    ]

    try:
        for one in taking:
            one.start()
        for one in taking:
            one.join()

        assert [(one.status, one.stderr) for one in ended] == [(0, "")] * 2
        starts = [one.stdout.count("Starting the region") for one in ended]
        assert starts == [1, 1], "each has chosen well at the first try"
        chosen = [region.home.read_settings() for region in regions]
        assert None not in chosen
        assert len({one.network for one in chosen if one is not None}) == 2
        assert len({one.port for one in chosen if one is not None}) == 2
        for region in regions:
            assert region.client("sts").get_caller_identity()["Account"]
    finally:
        for region in regions:
            region.reset()
    assert [region.leftovers() for region in regions] == [[], []]
