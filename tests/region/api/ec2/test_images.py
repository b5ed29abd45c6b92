"""Images and snapshots through boto3."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.model import ImageState, InstanceState, StateReason
from cotta.region.store.kinds import IMAGES, SNAPSHOTS
from tests.support.regions import put_image, refused

if TYPE_CHECKING:
    from cotta.region.model import Image
    from tests.region.api.ec2.conftest import Fleet
    from tests.support.regions import RunningRegion

FUTURE = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


def names(answer: Any) -> list[str]:
    return sorted(image["Name"] for image in answer["Images"])


def change(region: RunningRegion, image: Image, **changes: Any) -> None:
    with region.store.write() as rows:
        found = rows.find(IMAGES, image.id)
        assert found is not None
        rows.put(IMAGES, replace(found, **changes))


# --- describing ---------------------------------------------------------------------------------


def test_images_are_found_by_owner(region: RunningRegion, ec2: Any) -> None:
    own = region.account.id
    put_image(region.store, number=1, name="mine", owner_id=own)
    put_image(region.store, number=2, name="theirs", owner_id="136693071363", is_public=True)
    put_image(
        region.store,
        number=3,
        name="amazons",
        owner_id="137112412989",
        owner_alias="amazon",
        is_public=True,
    )

    assert names(ec2.describe_images()) == ["amazons", "mine", "theirs"]
    assert names(ec2.describe_images(Owners=["self"])) == ["mine"]
    assert names(ec2.describe_images(Owners=[own])) == ["mine"]
    assert names(ec2.describe_images(Owners=["amazon"])) == ["amazons"]
    assert names(ec2.describe_images(Owners=["136693071363", "self"])) == ["mine", "theirs"]
    assert names(ec2.describe_images(ExecutableUsers=["all"])) == ["amazons", "theirs"]
    assert names(ec2.describe_images(ExecutableUsers=["self"])) == []
    by_alias = [{"Name": "owner-alias", "Values": ["amazon"]}]
    assert names(ec2.describe_images(Filters=by_alias)) == ["amazons"]
    by_name = [{"Name": "name", "Values": ["m*", "th?irs"]}]
    assert names(ec2.describe_images(Filters=by_name)) == ["mine", "theirs"]


def test_an_image_is_shown_whole(ec2: Any, image: Image) -> None:
    (found,) = ec2.describe_images(ImageIds=[image.id])["Images"]

    assert found["CreationDate"] == "2026-11-01T00:00:00.000Z"
    assert found["ImageLocation"] == f"{image.owner_id}/image-1"
    assert found["RootDeviceName"] == "/dev/sda1"
    assert found["State"] == "available"
    (device,) = found["BlockDeviceMappings"]
    assert device["Ebs"]["SnapshotId"] == image.devices[0].snapshot_id
    assert device["Ebs"]["VolumeSize"] == 8


def test_images_that_are_not_there(ec2: Any) -> None:
    with refused("InvalidAMIID.NotFound", "The image id '[ami-0]' does not exist"):
        ec2.describe_images(ImageIds=["ami-0"])
    with refused("InvalidAMIID.NotFound", "The image ids '[ami-0, ami-1]' do not exist"):
        ec2.describe_images(ImageIds=["ami-0", "ami-1"])
    with refused("InvalidAMIID.Malformed", "web"):
        ec2.describe_images(ImageIds=["web"])
    with refused("InvalidParameterValue", "'colour'"):
        ec2.describe_images(Filters=[{"Name": "colour", "Values": ["red"]}])


def test_what_is_of_no_more_use_is_hidden(region: RunningRegion, ec2: Any) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    put_image(
        region.store, number=1, name="old-mine", owner_id=region.account.id, deprecated_at=past
    )
    put_image(region.store, number=2, name="old-theirs", deprecated_at=past)
    put_image(region.store, number=3, name="off", state=ImageState.DISABLED)

    assert names(ec2.describe_images()) == ["old-mine"]
    assert names(ec2.describe_images(IncludeDeprecated=True)) == ["old-mine", "old-theirs"]
    assert names(ec2.describe_images(IncludeDisabled=True)) == ["off", "old-mine"]


def test_images_come_in_pages(region: RunningRegion, ec2: Any) -> None:
    for number in range(1, 8):
        put_image(region.store, number=number)

    pages = list(ec2.get_paginator("describe_images").paginate(PaginationConfig={"PageSize": 3}))

    assert [len(page["Images"]) for page in pages] == [3, 3, 1]


# --- making -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [InstanceState.RUNNING, InstanceState.STOPPED])
def test_an_image_is_asked_for_and_waits_to_be_sealed(
    region: RunningRegion, ec2: Any, fleet: Fleet, state: InstanceState
) -> None:
    instance_id = fleet.run(state)["InstanceId"]

    image_id = ec2.create_image(
        InstanceId=instance_id,
        Name="web 1",
        Description="the web",
        NoReboot=True,
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeType": "gp2"}}],
        TagSpecifications=[
            {"ResourceType": "image", "Tags": [{"Key": "a", "Value": "image"}]},
            {"ResourceType": "snapshot", "Tags": [{"Key": "a", "Value": "snapshot"}]},
        ],
    )["ImageId"]

    (found,) = ec2.describe_images(Owners=["self"], ImageIds=[image_id])["Images"]
    (device,) = found["BlockDeviceMappings"]
    (snapshot,) = ec2.describe_snapshots(SnapshotIds=[device["Ebs"]["SnapshotId"]])["Snapshots"]
    assert (found["State"], found["Name"], found["Description"]) == ("pending", "web 1", "the web")
    assert found["SourceInstanceId"] == instance_id
    assert found["Tags"] == [{"Key": "a", "Value": "image"}]
    assert device["Ebs"]["VolumeType"] == "gp2"
    assert (snapshot["State"], snapshot["Progress"]) == ("pending", "0%")
    assert image_id in snapshot["Description"]
    assert snapshot["Tags"] == [{"Key": "a", "Value": "snapshot"}]
    with region.store.read() as rows:
        image = rows.find(IMAGES, image_id)
    assert image is not None
    assert (image.source_instance, image.no_reboot, image.digest) == (instance_id, True, None)
    with refused("InvalidAMIID.Unavailable", "pending"):
        fleet.run(ImageId=image_id)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("image-1", "InvalidAMIName.Duplicate"),
        ("what?!", "InvalidAMIName.Malformed"),
        ("x" * 128 + "!", "InvalidAMIName.Malformed"),
    ],
)
def test_names_that_can_not_be(ec2: Any, fleet: Fleet, name: str, code: str) -> None:
    instance_id = fleet.run()["InstanceId"]

    with refused(code):
        ec2.create_image(InstanceId=instance_id, Name=name)


@pytest.mark.parametrize(
    "state", [InstanceState.PENDING, InstanceState.STOPPING, InstanceState.TERMINATED]
)
def test_no_image_is_made_of_what_is_neither_running_nor_stopped(
    ec2: Any, fleet: Fleet, state: InstanceState
) -> None:
    with refused("IncorrectState", "Instance is not in state", state.value):
        ec2.create_image(InstanceId=fleet.run(state)["InstanceId"], Name="web")


def test_an_image_is_registered_from_a_snapshot(
    region: RunningRegion, ec2: Any, image: Image
) -> None:
    change(region, image, default_user="ec2-user")
    root = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": image.devices[0].snapshot_id}}

    image_id = ec2.register_image(
        Name="again", RootDeviceName="/dev/xvda", BlockDeviceMappings=[root], EnaSupport=True
    )["ImageId"]

    with region.store.read() as rows:
        found = rows.find(IMAGES, image_id)
    assert found is not None
    assert (found.digest, found.default_user) == (image.digest, "ec2-user")
    assert found.devices[0].size_gib == 8
    with refused("InvalidBlockDeviceMapping", "/dev/sda1"):
        ec2.register_image(Name="rootless", BlockDeviceMappings=[root])
    with refused("InvalidSnapshot.NotFound"):
        lost = {"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": "snap-0"}}
        ec2.register_image(Name="lost", BlockDeviceMappings=[lost])
    with refused("UnsupportedOperation", "hvm"):
        ec2.register_image(Name="old", VirtualizationType="paravirtual")


def test_a_copy_is_the_accounts_own(region: RunningRegion, ec2: Any) -> None:
    theirs = put_image(region.store, name="theirs", tags={"a": "1", "b": "2"}, is_public=True)

    image_id = ec2.copy_image(
        SourceImageId=theirs.id,
        SourceRegion="eu-west-1",
        Name="ours",
        Encrypted=True,
        CopyImageTags=True,
        TagSpecifications=[{"ResourceType": "image", "Tags": [{"Key": "b", "Value": "3"}]}],
    )["ImageId"]

    (found,) = ec2.describe_images(Owners=["self"])["Images"]
    assert (found["ImageId"], found["State"], found["Public"]) == (image_id, "available", False)
    assert found["SourceImageId"] == theirs.id
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert tags == {"a": "1", "b": "3", "aws:cotta:digest": theirs.digest}
    device = found["BlockDeviceMappings"][0]["Ebs"]
    assert device["Encrypted"] is True
    assert device["SnapshotId"] != theirs.devices[0].snapshot_id
    with region.store.read() as rows:
        copy = rows.find(IMAGES, image_id)
        snapshot = rows.find(SNAPSHOTS, device["SnapshotId"])
    assert copy is not None
    assert snapshot is not None
    assert copy.digest == snapshot.digest == theirs.digest


# --- the end ------------------------------------------------------------------------------------


def test_a_deregistered_image_leaves_its_instances_and_snapshots(
    ec2: Any, fleet: Fleet, image: Image
) -> None:
    instance_id = fleet.run()["InstanceId"]

    answer = ec2.deregister_image(ImageId=image.id)

    assert answer["Return"] is True
    assert fleet.find(instance_id)["ImageId"] == image.id
    assert len(ec2.describe_snapshots()["Snapshots"]) == 1
    with refused("InvalidAMIID.NotFound"):
        ec2.describe_images(ImageIds=[image.id])


def test_snapshots_go_with_their_last_image(region: RunningRegion, ec2: Any, image: Image) -> None:
    second = put_image(region.store, number=2, owner_id=image.owner_id, devices=image.devices)

    kept = ec2.deregister_image(ImageId=image.id, DeleteAssociatedSnapshots=True)
    gone = ec2.deregister_image(ImageId=second.id, DeleteAssociatedSnapshots=True)

    assert [one["ReturnCode"] for one in kept["DeleteSnapshotResults"]] == ["skipped"]
    assert [one["ReturnCode"] for one in gone["DeleteSnapshotResults"]] == ["success"]
    assert ec2.describe_snapshots()["Snapshots"] == []


def test_a_protected_image_is_not_deregistered(
    region: RunningRegion, ec2: Any, image: Image
) -> None:
    given = {"ImageId": image.id}

    assert ec2.enable_image_deregistration_protection(**given)["Return"] == (
        "enabled-without-cooldown"
    )
    with refused("OperationNotPermitted", "protection"):
        ec2.deregister_image(**given)
    ec2.enable_image_deregistration_protection(**given, WithCooldown=True)
    (shown,) = ec2.describe_images(ImageIds=[image.id])["Images"]
    assert shown["DeregistrationProtection"] == "enabled-with-cooldown"
    assert ec2.disable_image_deregistration_protection(**given)["Return"] == "disabled"
    with refused("OperationNotPermitted", "cooldown"):
        ec2.deregister_image(**given)
    change(region, image, protected_until=datetime.now(UTC))
    ec2.deregister_image(**given)


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("deregister_image", {}),
        ("modify_image_attribute", {"Description": {"Value": "x"}}),
        ("reset_image_attribute", {"Attribute": "launchPermission"}),
        ("enable_image_deprecation", {"DeprecateAt": FUTURE}),
        ("disable_image", {}),
    ],
)
def test_what_belongs_to_others_is_not_changed(
    region: RunningRegion, ec2: Any, operation: str, given: dict[str, Any]
) -> None:
    theirs = put_image(region.store)

    with refused("AuthFailure", theirs.id):
        getattr(ec2, operation)(ImageId=theirs.id, **given)


# --- attributes ---------------------------------------------------------------------------------


def test_an_image_is_shared(ec2: Any, image: Image) -> None:
    def permissions() -> Any:
        answer = ec2.describe_image_attribute(ImageId=image.id, Attribute="launchPermission")
        return answer["LaunchPermissions"]

    partner, other = {"UserId": "123456789012"}, {"UserId": "210987654321"}
    ec2.modify_image_attribute(
        ImageId=image.id, LaunchPermission={"Add": [partner, {"Group": "all"}]}
    )
    assert permissions() == [{"Group": "all"}, partner]
    assert ec2.describe_images(ImageIds=[image.id])["Images"][0]["Public"] is True
    ec2.modify_image_attribute(
        ImageId=image.id,
        Attribute="launchPermission",
        OperationType="add",
        UserIds=[other["UserId"]],
    )
    ec2.modify_image_attribute(
        ImageId=image.id, LaunchPermission={"Remove": [{"Group": "all"}, partner]}
    )
    assert permissions() == [other]
    ec2.reset_image_attribute(ImageId=image.id, Attribute="launchPermission")
    assert permissions() == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"LaunchPermission": {"Add": [{"UserId": "me"}]}}, "InvalidAMIAttributeItemValue"),
        ({"LaunchPermission": {"Add": [{}]}}, "InvalidParameterCombination"),
        (
            {"Attribute": "launchPermission", "UserIds": ["123456789012"]},
            "InvalidParameterValue",
        ),
        ({"ImdsSupport": {"Value": "v1.0"}}, "InvalidParameterValue"),
        ({}, "InvalidParameterCombination"),
    ],
)
def test_attributes_that_can_not_be(
    ec2: Any, image: Image, given: dict[str, Any], code: str
) -> None:
    with refused(code):
        ec2.modify_image_attribute(ImageId=image.id, **given)


def test_instances_of_an_image_for_imdsv2_ask_so(ec2: Any, fleet: Fleet, image: Image) -> None:
    ec2.modify_image_attribute(ImageId=image.id, ImdsSupport={"Value": "v2.0"})
    ec2.modify_image_attribute(ImageId=image.id, Description={"Value": "with v2"})

    instance = fleet.run()

    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert instance["MetadataOptions"]["HttpPutResponseHopLimit"] == 2
    for attribute, member, value in (
        ("imdsSupport", "ImdsSupport", {"Value": "v2.0"}),
        ("description", "Description", {"Value": "with v2"}),
        ("bootMode", "BootMode", {}),
        ("sriovNetSupport", "SriovNetSupport", {"Value": "simple"}),
    ):
        answer = ec2.describe_image_attribute(ImageId=image.id, Attribute=attribute)
        assert answer[member] == value


def test_an_image_is_deprecated_to_the_minute(ec2: Any, image: Image) -> None:
    ec2.enable_image_deprecation(ImageId=image.id, DeprecateAt=FUTURE)

    (shown,) = ec2.describe_images(ImageIds=[image.id])["Images"]
    assert shown["DeprecationTime"] == FUTURE.strftime("%Y-%m-%dT%H:%M:00.000Z")
    ec2.disable_image_deprecation(ImageId=image.id)
    assert "DeprecationTime" not in ec2.describe_images(ImageIds=[image.id])["Images"][0]
    with refused("InvalidParameterValue", "future"):
        ec2.enable_image_deprecation(
            ImageId=image.id, DeprecateAt=datetime.now(UTC) - timedelta(days=1)
        )


def test_nothing_starts_from_a_disabled_image(
    region: RunningRegion, ec2: Any, fleet: Fleet, image: Image
) -> None:
    ec2.disable_image(ImageId=image.id)
    with refused("InvalidAMIID.Unavailable", "disabled"):
        fleet.run()

    ec2.enable_image(ImageId=image.id)

    fleet.run()
    reason = StateReason("Client.InternalError", "It does not boot.")
    change(region, image, state=ImageState.FAILED, state_reason=reason)
    with refused("IncorrectState", "failed"):
        ec2.disable_image(ImageId=image.id)
    (shown,) = ec2.describe_images(ImageIds=[image.id])["Images"]
    assert shown["StateReason"] == {
        "Code": "Client.InternalError",
        "Message": "It does not boot.",
    }


# --- snapshots ------------------------------------------------------------------------------------


def test_snapshots_are_found_by_owner(region: RunningRegion, ec2: Any, image: Image) -> None:
    put_image(region.store, number=2)

    mine = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    filters = [{"Name": "volume-size", "Values": ["8"]}, {"Name": "status", "Values": ["comp*"]}]
    both = ec2.describe_snapshots(Filters=filters)["Snapshots"]

    assert [one["SnapshotId"] for one in mine] == [image.devices[0].snapshot_id]
    assert len(both) == 2
    with refused("InvalidSnapshot.NotFound", "snap-0"):
        ec2.describe_snapshots(SnapshotIds=["snap-0"])


def test_a_snapshot_is_made_of_a_volume_and_copied(ec2: Any, fleet: Fleet) -> None:
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=3)
    fleet.run()
    (root,) = ec2.describe_volumes(Filters=[{"Name": "status", "Values": ["in-use"]}])["Volumes"]

    made = ec2.create_snapshot(VolumeId=volume["VolumeId"], Description="mine")
    copy = ec2.copy_snapshot(SourceSnapshotId=made["SnapshotId"], SourceRegion="us-east-1")

    assert (made["State"], made["VolumeSize"], made["Description"]) == ("completed", 3, "mine")
    (found,) = ec2.describe_snapshots(SnapshotIds=[copy["SnapshotId"]])["Snapshots"]
    assert found["VolumeSize"] == 3
    with refused("UnsupportedOperation", "CreateImage"):
        ec2.create_snapshot(VolumeId=root["VolumeId"])
    with refused("InvalidSnapshot.NotFound", "no system"):
        device = {"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": made["SnapshotId"]}}
        ec2.register_image(Name="empty", BlockDeviceMappings=[device])


def test_a_snapshot_that_an_image_needs_stays(
    region: RunningRegion, ec2: Any, image: Image
) -> None:
    snapshot_id = image.devices[0].snapshot_id

    with refused("InvalidSnapshot.InUse", image.id):
        ec2.delete_snapshot(SnapshotId=snapshot_id)
    ec2.deregister_image(ImageId=image.id)
    ec2.delete_snapshot(SnapshotId=snapshot_id)
    with refused("InvalidSnapshot.NotFound"):
        ec2.delete_snapshot(SnapshotId=snapshot_id)
    theirs = put_image(region.store, number=2)
    with refused("AuthFailure"):
        ec2.delete_snapshot(SnapshotId=theirs.devices[0].snapshot_id)


def test_a_snapshot_is_shared(ec2: Any, image: Image) -> None:
    given = {"SnapshotId": image.devices[0].snapshot_id}
    partner = {"UserId": "123456789012"}

    def permissions() -> Any:
        answer = ec2.describe_snapshot_attribute(**given, Attribute="createVolumePermission")
        return answer["CreateVolumePermissions"]

    ec2.modify_snapshot_attribute(**given, CreateVolumePermission={"Add": [partner]})
    ec2.modify_snapshot_attribute(
        **given, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    assert permissions() == [partner, {"Group": "all"}]
    everybodys = ec2.describe_snapshots(RestorableByUserIds=["all"])["Snapshots"]
    assert [one["SnapshotId"] for one in everybodys] == [given["SnapshotId"]]
    ec2.reset_snapshot_attribute(**given, Attribute="createVolumePermission")
    assert permissions() == []
    with refused("UnsupportedOperation", "product codes"):
        ec2.reset_snapshot_attribute(**given, Attribute="productCodes")
