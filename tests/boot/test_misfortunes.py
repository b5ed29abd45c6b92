"""What the world does to a region: processes killed, disks that are full, images that are none."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError

from cotta.region.imagestore.store import ImageStore
from cotta.region.store.store import Store
from tests.support.booted_region import WEB, BootedRegion, require_machines
from tests.support.image_trees import a_tree
from tests.support.regions import put_image, wait_until
from tests.support.web_fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.base_image import BaseImage

pytestmark = pytest.mark.boot

# Each try comes later than the one before, the second after 5 seconds.
BEFORE_THE_SECOND: Final = timedelta(seconds=4)

BLOCK: Final = 4096

# What systemd-nspawn says of an image in which there is nothing to start.
NO_SYSTEM: Final = "failed: No such file or directory"


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BootedRegion]:
    """Give a region to tests that leave nothing in it."""
    require_machines()
    region = BootedRegion(tmp_path_factory.mktemp("region") / "home")
    region.up()
    yield region
    region.reset()
    assert region.leftovers() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on a disk of its own, as large as a region asks for and not much more."""
    require_machines()
    disk, place = tmp_path / "disk.img", tmp_path / "disk"
    place.mkdir()
    with disk.open("wb") as file:
        file.truncate(2600 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", str(disk)], check=True)
    subprocess.run(["mount", "-o", "loop", str(disk), str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Leave no byte free; return the file that takes the room."""
    filler = disk / "filler"
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    # Room is given out at once; writing two gigabytes takes seconds.
    size = 1 << 30
    while size >= BLOCK:
        try:
            os.posix_fallocate(descriptor, os.fstat(descriptor).st_size, size)
        except OSError:
            size //= 2
    with contextlib.suppress(OSError):
        while os.write(descriptor, bytes(BLOCK)) == BLOCK:
            pass
    os.close(descriptor)
    assert not os.statvfs(disk).f_bavail
    return filler


def answer(url: str) -> int:
    """Return the status of an answer; 0 if nobody gives one."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return int(response.status)
    except OSError:
        return 0


def balancers_of(region: BootedRegion) -> list[int]:
    """Return the processes that balance for a region."""
    folder = os.fsencode(region.home.balancer)
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = place.read_bytes()
        except OSError:
            continue
        if command.startswith(b"haproxy\0") and folder in command:
            found.append(int(place.parent.name))
    return found


def test_balancer_that_is_killed_comes_back(region: BootedRegion, web_image: BaseImage) -> None:
    fleet = Fleet(region, region.add_image(WEB, web_image), 1)
    assert answer(fleet.url) == 200
    (before,) = balancers_of(region)

    os.kill(before, signal.SIGKILL)

    wait_until(lambda: answer(fleet.url) == 200, seconds=15)
    (after,) = balancers_of(region)
    assert after != before
    assert [answer(fleet.url) for _ in range(20)] == [200] * 20
    assert len(fleet.healthy()) == 1
    fleet.group.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
    wait_until(lambda: list(region.home.machines.glob("*/record")) == [], seconds=60)


def test_full_disk_is_said_nothing_is_half_made_and_room_can_be_made(
    small_disk: Path, web_image: BaseImage
) -> None:
    region = BootedRegion(small_disk / "home")
    region.up()
    try:
        image = region.add_image(WEB, web_image)
        (machine,) = region.launch(image)
        ec2 = region.client("ec2", retries={"total_max_attempts": 1})
        filler = fill(small_disk)

        for attempt in (
            lambda: ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1),
            lambda: ec2.create_image(InstanceId=machine["InstanceId"], Name="sealed"),
            lambda: ec2.create_security_group(GroupName="new", Description="new"),
        ):
            refused = refusal(attempt)
            assert refused["Code"] == "Unavailable"
            assert f"the disk of {region.home.folder} is full; make room" in refused["Message"]

        assert states(region) == ["running"]
        assert len(ec2.describe_security_groups()["SecurityGroups"]) == 1
        region.terminate([machine["InstanceId"]])
        assert list(region.home.machines.glob("*/record")) == []
        filler.unlink()
        region.launch(image)
        fill(small_disk)
    finally:
        region.reset()
    assert region.leftovers() == []


def test_image_that_finds_no_room_is_no_image(small_disk: Path, web_image: BaseImage) -> None:
    region = BootedRegion(small_disk / "home")
    region.up()
    try:
        image = region.add_image(WEB, web_image)
        (machine,) = region.launch(image)
        ec2 = region.client("ec2", retries={"total_max_attempts": 1})
        filler = fill(small_disk)
        # Room for rows, and not for an image.
        os.truncate(filler, filler.stat().st_size - 20 * 1024 * 1024)

        made = ec2.create_image(InstanceId=machine["InstanceId"], Name="sealed")["ImageId"]

        wait_until(lambda: described(ec2, made)["State"] == "failed", seconds=60)
        reason = described(ec2, made)["StateReason"]["Message"]
        assert "No space left" in reason or "disk is full" in reason
        assert list(region.home.images.glob(".building-*")) == []
        # It was stopped for its image, and runs again.
        region.wait_for([machine["InstanceId"]], {"running"})
        filler.unlink()
        again = ec2.create_image(InstanceId=machine["InstanceId"], Name="again")["ImageId"]
        wait_until(lambda: described(ec2, again)["State"] == "available", seconds=60)
    finally:
        region.reset()
    assert region.leftovers() == []


def test_image_that_does_not_boot_ends_with_its_console_and_no_loop(
    region: BootedRegion, tmp_path: Path
) -> None:
    image = broken_image(region, tmp_path)
    started = region.client("ec2").run_instances(
        ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1
    )["Instances"][0]["InstanceId"]
    (ended,) = region.wait_for([started], {"terminated"})

    assert ended["StateReason"]["Code"] == "Client.InternalError"
    assert NO_SYSTEM in ended["StateReason"]["Message"]
    assert NO_SYSTEM in region.cotta("console", started).stdout

    scaling, ec2 = region.client("autoscaling"), region.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ec2.create_launch_template(
        LaunchTemplateName="broken",
        LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"},
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="broken",
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=subnet,
        LaunchTemplate={"LaunchTemplateName": "broken"},
    )
    wait_until(lambda: len(failures(scaling)) > 1, seconds=60)
    second, first = failures(scaling)[-2:]
    assert second["StartTime"] - first["EndTime"] >= BEFORE_THE_SECOND
    assert NO_SYSTEM in first["StatusMessage"]
    scaling.delete_auto_scaling_group(AutoScalingGroupName="broken", ForceDelete=True)
    wait_until(lambda: scaling.describe_auto_scaling_groups()["AutoScalingGroups"] == [])
    wait_until(lambda: list(region.home.machines.glob("*/record")) == [], seconds=30)


def broken_image(region: BootedRegion, folder: Path) -> str:
    """Give a region an image that has no first program."""
    tree = a_tree(folder / "tree", {"usr/bin": None, "etc/os-release": "ID=none\n"})
    digest = ImageStore(region.home.images).add_tree(tree, latest=0).digest
    store = Store(region.home.database)
    found = put_image(store, number=7, name="broken", digest=digest, is_public=True)
    store.close()
    return str(found.id)


def refusal(attempt: Any) -> dict[str, str]:
    """Return AWS's error of a call."""
    with pytest.raises(ClientError) as refused:
        attempt()
    error: dict[str, str] = refused.value.response["Error"]
    return error


def states(region: BootedRegion) -> list[str]:
    """Return the states of all instances."""
    found = region.client("ec2").describe_instances()["Reservations"]
    return [one["State"]["Name"] for each in found for one in each["Instances"]]


def described(ec2: Any, image: str) -> Any:
    """Return an image as the API describes it."""
    return ec2.describe_images(ImageIds=[image])["Images"][0]


def failures(scaling: Any) -> list[Any]:
    """Return the activities of the one group that have failed, the latest first."""
    found = scaling.describe_scaling_activities(AutoScalingGroupName="broken")["Activities"]
    return [one for one in found if one["StatusCode"] == "Failed"]
