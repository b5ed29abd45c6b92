"""First boot in real machines: keys, user data, metadata, and what is sealed afterwards."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from cotta.region.imagestore.store import ImageStore
from cotta.region.store.kinds import IMAGES
from cotta.region.store.store import Store
from tests.region.test_userdata import a_message
from tests.support.ssh import make_key, ssh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.booted_region import BootedRegion, RegionWithMachines

pytestmark = [pytest.mark.boot, pytest.mark.slow]

USER_DATA: Final = a_message(
    (
        "text/cloud-config",
        "",
        """#cloud-config
hostname: web-1
users:
  - default
  - {name: ann, sudo: "ALL=(ALL) NOPASSWD:ALL", shell: /bin/bash}
write_files:
  - {path: /srv/hers, content: "for ann", owner: "ann:ann", permissions: "0600"}
runcmd:
  - [sh, -c, "systemctl is-system-running >/srv/state"]
""",
    ),
    ("text/x-shellscript", "fails.sh", "#!/bin/sh\necho said by user data\nexit 3\n"),
).decode()

# By IMDSv2, as a program in a machine asks.
ASK: Final = """
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
    http://169.254.169.254/latest/api/token)
ask() { curl -s -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/$1"; echo; }
"""


@pytest.fixture(scope="module")
def region(running_region_with_machines: RegionWithMachines) -> BootedRegion:
    """Give the region that these tests share with others."""
    return running_region_with_machines.region


@pytest.fixture(scope="module")
def group(region: BootedRegion) -> Iterator[str]:
    """Give a security group that lets SSH in."""
    ec2 = region.client("ec2")
    made: str = ec2.create_security_group(GroupName="first-boot", Description="SSH")["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=made, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    yield made
    ec2.delete_security_group(GroupId=made)


@pytest.fixture(scope="module")
def machine(
    region: BootedRegion,
    group: str,
    running_region_with_machines: RegionWithMachines,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Any]]:
    """Give an instance with user data that answers IMDSv2 alone; `key` opens it."""
    key = make_key(region.client("ec2"), "first-boot", tmp_path_factory.mktemp("keys"))
    (instance,) = region.launch(
        running_region_with_machines.debian,
        KeyName="first-boot",
        SecurityGroupIds=[group],
        UserData=USER_DATA,
        MetadataOptions={"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}],
    )
    yield {**instance, "key": key}
    region.terminate([instance["InstanceId"]])


def console_with(region: BootedRegion, instance: str, words: str) -> str:
    """Return what a machine has said, as soon as it has said some words."""
    deadline = time.monotonic() + 60
    while True:
        said = region.cotta("console", instance).stdout
        if words in said or time.monotonic() > deadline:
            return said
        time.sleep(0.1)


def test_user_data_is_carried_out_and_its_failure_seen(
    region: BootedRegion, machine: dict[str, Any]
) -> None:
    said = console_with(region, machine["InstanceId"], "user data failed")
    seen = ssh(
        machine["PublicIpAddress"],
        machine["key"],
        "hostname; sudo -u ann sudo id -un; sudo stat -c '%a %U' /srv/hers; cat /srv/state;"
        "test -f /var/lib/cloud/instance/boot-finished && echo finished;"
        "ls /etc/ssh/*_key; sudo cat /root/.ssh/authorized_keys | wc -l",
    )

    tags = {tag["Key"]: tag["Value"] for tag in region.describe([machine["InstanceId"]])[0]["Tags"]}

    assert "said by user data" in said
    assert tags["cotta:user-data"] == "failed: fails.sh ended with status 3"
    assert "cotta: user data failed: fails.sh ended with status 3" in said
    assert seen.splitlines() == [
        "web-1",
        "root",
        "600 ann",
        "running",
        "finished",
        "/etc/ssh/ssh_host_ed25519_key",
        "0",
    ]


def test_machine_learns_about_itself(machine: dict[str, Any]) -> None:
    seen = ssh(
        machine["PublicIpAddress"],
        machine["key"],
        ASK
        + "ask meta-data/instance-id; ask meta-data/local-ipv4; ask meta-data/tags/instance/Name;"
        "ask meta-data/public-keys/; ask meta-data/placement/availability-zone;"
        "ask user-data | head -1;"
        "curl -s -o /dev/null -w '%{http_code}\\n' http://169.254.169.254/latest/meta-data/",
    )

    assert seen.splitlines() == [
        machine["InstanceId"],
        machine["PrivateIpAddress"],
        "web",
        "0=first-boot",
        machine["Placement"]["AvailabilityZone"],
        USER_DATA.splitlines()[0],
        "401",
    ]


def test_image_of_a_machine_has_nothing_of_its_identity(
    region: BootedRegion, group: str, machine: dict[str, Any], tmp_path: Path
) -> None:
    ec2 = region.client("ec2")
    identity = (
        "cat /etc/machine-id /etc/hostname /etc/ssh/ssh_host_ed25519_key.pub;"
        "cat .ssh/authorized_keys; cat /srv/hers 2>/dev/null || sudo cat /srv/hers; echo;"
        "ls /srv"
    )
    before = ssh(machine["PublicIpAddress"], machine["key"], identity).splitlines()
    image = ec2.create_image(InstanceId=machine["InstanceId"], Name="sealed")["ImageId"]
    ec2.get_waiter("image_available").wait(
        ImageIds=[image], WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    key = make_key(ec2, "second", tmp_path)

    (second,) = region.launch(
        image,
        KeyName="second",
        SecurityGroupIds=[group],
        UserData="#!/bin/sh\ntouch /srv/second\n",
    )
    console_with(region, second["InstanceId"], "first boot is done")
    after = ssh(second["PublicIpAddress"], key, identity).splitlines()
    region.terminate([second["InstanceId"]])
    ec2.deregister_image(ImageId=image)

    assert [one == other for one, other in zip(before[:4], after[:4], strict=True)] == [False] * 4
    assert after[1] == second["PrivateDnsName"].partition(".")[0]
    assert after[4:] == ["for ann", "hers", "second", "state"]


def test_same_changes_in_two_machines_are_one_image(
    region: BootedRegion,
    group: str,
    running_region_with_machines: RegionWithMachines,
    tmp_path: Path,
) -> None:
    ec2 = region.client("ec2")
    key = make_key(ec2, "same", tmp_path)
    instances = region.launch(
        running_region_with_machines.debian, 2, KeyName="same", SecurityGroupIds=[group]
    )
    names = [one["InstanceId"] for one in instances]
    for one in instances:
        console_with(region, one["InstanceId"], "first boot is done")
        ssh(one["PublicIpAddress"], key, "echo the same | sudo tee /etc/app.conf; sudo ls /root")

    images = [ec2.create_image(InstanceId=one, Name=one)["ImageId"] for one in names]
    ec2.get_waiter("image_available").wait(
        ImageIds=images, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    region.terminate(names)

    store = Store(region.home.database)
    with store.read() as rows:
        digests = {image.digest for image in rows.all(IMAGES) if image.id in images}
    store.close()
    images_of = ImageStore(region.home.images)
    listings: list[set[object]] = [
        {repr(entry) for entry in images_of.listing(one or "")} for one in digests
    ]
    assert [one - other for one in listings for other in listings if one != other] == []
    assert len(digests) == 1
    for image in images:
        ec2.deregister_image(ImageId=image)
