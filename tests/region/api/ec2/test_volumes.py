"""Volumes through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.model import InstanceState
from tests.support.regions import refused

if TYPE_CHECKING:
    from cotta.region.model import Image
    from tests.region.api.ec2.conftest import Fleet


def a_volume(ec2: Any, zone: str = "us-east-1a", **given: Any) -> str:
    return str(ec2.create_volume(AvailabilityZone=zone, **{"Size": 5, **given})["VolumeId"])


def describe(ec2: Any, volume_id: str) -> Any:
    (volume,) = ec2.describe_volumes(VolumeIds=[volume_id])["Volumes"]
    return volume


def test_a_volume_is_made_and_deleted(ec2: Any) -> None:
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "a", "Value": "b"}]}]

    volume_id = a_volume(ec2, VolumeType="gp3", Iops=4000, TagSpecifications=tags)

    found = describe(ec2, volume_id)
    assert (found["State"], found["Size"], found["AvailabilityZone"]) == (
        "available",
        5,
        "us-east-1a",
    )
    assert (found["VolumeType"], found["Iops"], found["Throughput"]) == ("gp3", 4000, 125)
    assert (found["Attachments"], found["Tags"]) == ([], tags[0]["Tags"])
    ec2.delete_volume(VolumeId=volume_id)
    with refused("InvalidVolume.NotFound", volume_id):
        describe(ec2, volume_id)


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({}, "MissingParameter", "availabilityZone"),
        ({"AvailabilityZone": "us-east-1a"}, "MissingParameter", "size"),
        ({"AvailabilityZone": "us-east-1x", "Size": 1}, "InvalidParameterValue", "us-east-1x"),
        ({"AvailabilityZone": "us-east-1a", "Size": 0}, "InvalidParameterValue", "between 1"),
        (
            {"AvailabilityZone": "us-east-1a", "SnapshotId": "snap-0"},
            "InvalidSnapshot.NotFound",
            "snap-0",
        ),
    ],
)
def test_volumes_that_can_not_be(ec2: Any, given: dict[str, Any], code: str, words: str) -> None:
    with refused(code, words):
        ec2.create_volume(**given)


def test_a_volume_from_a_snapshot_is_as_large(ec2: Any, image: Image) -> None:
    snapshot_id = image.devices[0].snapshot_id

    made = ec2.create_volume(AvailabilityZone="us-east-1b", SnapshotId=snapshot_id)

    assert (made["Size"], made["SnapshotId"]) == (8, snapshot_id)
    with refused("InvalidParameterValue", "between 8"):
        ec2.create_volume(AvailabilityZone="us-east-1b", SnapshotId=snapshot_id, Size=4)


def test_a_volume_is_attached_and_detached(ec2: Any, fleet: Fleet) -> None:
    instance_id = fleet.run()["InstanceId"]
    volume_id = a_volume(ec2)
    given = {"VolumeId": volume_id, "InstanceId": instance_id, "Device": "/dev/sdf"}

    attached = ec2.attach_volume(**given)

    assert attached["State"] == "attached"
    assert describe(ec2, volume_id)["State"] == "in-use"
    devices = fleet.find(instance_id)["BlockDeviceMappings"]
    assert [one["DeviceName"] for one in devices] == ["/dev/sda1", "/dev/sdf"]
    with refused("VolumeInUse", instance_id):
        ec2.attach_volume(**given)
    with refused("VolumeInUse", instance_id):
        ec2.delete_volume(VolumeId=volume_id)
    with refused("InvalidParameterValue", "/dev/sdf is already in use"):
        ec2.attach_volume(**{**given, "VolumeId": a_volume(ec2)})
    with refused("IncorrectState", "/dev/sdf"):
        ec2.detach_volume(VolumeId=volume_id, Device="/dev/sdg")
    assert ec2.detach_volume(VolumeId=volume_id)["State"] == "detached"
    assert describe(ec2, volume_id)["State"] == "available"
    assert len(fleet.find(instance_id)["BlockDeviceMappings"]) == 1
    with refused("IncorrectState", "available"):
        ec2.detach_volume(VolumeId=volume_id)


def test_attachments_that_can_not_be(ec2: Any, fleet: Fleet) -> None:
    running = fleet.run()["InstanceId"]
    ended = fleet.run(InstanceState.TERMINATED)["InstanceId"]
    given = {"VolumeId": a_volume(ec2, "us-east-1b"), "Device": "/dev/sdf"}
    root = fleet.find(running)["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]

    with refused("InvalidVolume.ZoneMismatch"):
        ec2.attach_volume(**given, InstanceId=running)
    with refused("IncorrectState", "terminated"):
        ec2.attach_volume(**given, InstanceId=ended)
    with refused("OperationNotPermitted", "root volume"):
        ec2.detach_volume(VolumeId=root)
    with refused("OperationNotPermitted", "enlarged"):
        ec2.modify_volume(VolumeId=root, Size=100)


def test_a_volume_is_changed_and_says_from_what(ec2: Any) -> None:
    volume_id = a_volume(ec2)
    untouched = a_volume(ec2)

    answer = ec2.modify_volume(VolumeId=volume_id, Size=9, VolumeType="gp3")

    (change,) = ec2.describe_volumes_modifications()["VolumesModifications"]
    assert answer["VolumeModification"] == change
    assert change["VolumeId"] != untouched
    assert change["ModificationState"] == "completed"
    assert (change["OriginalSize"], change["TargetSize"]) == (5, 9)
    assert (change["OriginalVolumeType"], change["TargetVolumeType"]) == ("gp2", "gp3")
    assert (change["TargetIops"], change["TargetThroughput"]) == (3000, 125)
    assert describe(ec2, volume_id)["Size"] == 9
    with refused("InvalidParameterValue", "smaller"):
        ec2.modify_volume(VolumeId=volume_id, Size=1)


def test_volumes_are_found_by_what_they_are_attached_to(ec2: Any, fleet: Fleet) -> None:
    instance_id = fleet.run()["InstanceId"]
    a_volume(ec2)

    def found(name: str, value: str) -> int:
        return len(ec2.describe_volumes(Filters=[{"Name": name, "Values": [value]}])["Volumes"])

    assert found("attachment.instance-id", instance_id) == 1
    assert found("attachment.device", "/dev/sda1") == 1
    assert found("status", "available") == 1
    assert found("size", "5") == 1


def test_volumes_are_well(ec2: Any) -> None:
    volume_id = a_volume(ec2)

    (status,) = ec2.describe_volume_status(VolumeIds=[volume_id])["VolumeStatuses"]
    attribute = ec2.describe_volume_attribute(VolumeId=volume_id, Attribute="autoEnableIO")

    assert status["VolumeStatus"]["Status"] == "ok"
    assert attribute["AutoEnableIO"] == {"Value": False}
    codes = ec2.describe_volume_attribute(VolumeId=volume_id, Attribute="productCodes")
    assert codes["ProductCodes"] == []
