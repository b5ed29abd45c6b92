"""How images are shown, whom they are shown to, and what they are found by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads
from cotta.region.api.ec2.listings import Listing
from cotta.region.api.ec2.lookups import IMAGE
from cotta.region.api.tags import encode_tags
from cotta.region.model import ImageState
from cotta.region.wire.responses import render_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.model import Image, ImageDevice
    from cotta.region.store.store import Reading


def describe_images(call: Call, rows: Reading) -> Answer:
    """List images, by owner, by whom they are for, by id."""
    given, account = call.parameters, call.account.id
    images = IMAGE.require_all(rows, given.get("ImageIds"))
    chosen = [
        image
        for image in images
        if _is_owned(image, given.get("Owners"), account)
        and _is_for(image, given.get("ExecutableUsers"), account)
        and (given.get("IncludeDisabled") or image.state is not ImageState.DISABLED)
        # Whoever owns an image sees it when it is deprecated too.
        and (
            given.get("IncludeDeprecated")
            or image.owner_id == account
            or image.deprecated_at is None
            or image.deprecated_at > call.now
        )
    ]
    shown, token = LISTING.find(call, rows, chosen)
    return {"Images": [encode_image(image, call) for image in shown], "NextToken": token}


def _is_owned(image: Image, owners: Sequence[str] | None, account: str) -> bool:
    if not owners:
        return True
    names = {account if owner == "self" else owner for owner in owners}
    return bool(names & {image.owner_id, image.owner_alias})


def _is_for(image: Image, users: Sequence[str] | None, account: str) -> bool:
    if not users:
        return True
    granted = {grant.user_id for grant in image.grants} | ({"all"} if image.is_public else set())
    return any((account if user == "self" else user) in granted for user in users)


def encode_image(image: Image, call: Call) -> dict[str, Any]:
    """Return an image as answers show it."""
    answer: dict[str, Any] = {
        "ImageId": image.id,
        "Name": image.name,
        "Description": image.description,
        "ImageLocation": image.location or f"{image.owner_id}/{image.name}",
        "State": image.state.value,
        "OwnerId": image.owner_id,
        "ImageOwnerAlias": image.owner_alias,
        "CreationDate": render_time(image.created_at),
        "Public": image.is_public,
        "ProductCodes": [],
        "Architecture": image.architecture,
        "ImageType": "machine",
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "BlockDeviceMappings": [encode_device(device) for device in image.devices],
        "EnaSupport": image.ena_support,
        "Hypervisor": "xen",
        "RootDeviceName": image.root_device_name,
        "RootDeviceType": "ebs",
        "SriovNetSupport": image.sriov_support or None,
        "VirtualizationType": "hvm",
        "BootMode": image.boot_mode,
        "ImdsSupport": image.imds_support,
        "SourceInstanceId": image.source_instance,
        "SourceImageId": image.source_image,
        "SourceImageRegion": call.region if image.source_image else None,
        "DeregistrationProtection": image.deregistration_protection,
        "DeprecationTime": render_time(image.deprecated_at) if image.deprecated_at else None,
        "Tags": encode_tags(image.tags),
    }
    if image.state_reason is not None:
        answer["StateReason"] = {
            "Code": image.state_reason.code,
            "Message": image.state_reason.message,
        }
    return answer


def encode_device(device: ImageDevice) -> dict[str, Any]:
    """Return a block device of an image as answers show it."""
    if device.virtual_name is not None:
        return {"DeviceName": device.device_name, "VirtualName": device.virtual_name}
    return {
        "DeviceName": device.device_name,
        "Ebs": {
            "DeleteOnTermination": device.delete_on_termination,
            "Iops": device.iops,
            "SnapshotId": device.snapshot_id,
            "VolumeSize": device.size_gib,
            "VolumeType": device.volume_type,
            "Throughput": device.throughput,
            "Encrypted": device.encrypted,
        },
    }


def _fields(call: Call, _rows: Reading) -> Fields[Image]:
    return {
        **_PLAIN_FIELDS,
        "source-image-region": lambda it: call.region if it.source_image else None,
    }


_PLAIN_FIELDS: Final[Fields[Image]] = {
    "architecture": lambda it: it.architecture,
    "block-device-mapping.delete-on-termination": lambda it: [
        device.delete_on_termination for device in it.devices
    ],
    "block-device-mapping.device-name": lambda it: [one.device_name for one in it.devices],
    "block-device-mapping.encrypted": lambda it: [one.encrypted for one in it.devices],
    "block-device-mapping.snapshot-id": lambda it: [one.snapshot_id for one in it.devices],
    "block-device-mapping.volume-size": lambda it: [one.size_gib for one in it.devices],
    "block-device-mapping.volume-type": lambda it: [one.volume_type for one in it.devices],
    "creation-date": lambda it: it.created_at,
    "description": lambda it: it.description,
    "ena-support": lambda it: it.ena_support,
    "hypervisor": lambda _: "xen",
    "image-id": lambda it: it.id,
    "image-type": lambda _: "machine",
    "is-public": lambda it: it.is_public,
    "kernel-id": lambda _: None,
    "manifest-location": lambda it: it.location or f"{it.owner_id}/{it.name}",
    "name": lambda it: it.name,
    "owner-alias": lambda it: it.owner_alias,
    "owner-id": lambda it: it.owner_id,
    "platform": lambda _: None,
    "product-code": lambda _: None,
    "product-code.type": lambda _: None,
    "ramdisk-id": lambda _: None,
    "root-device-name": lambda it: it.root_device_name,
    "root-device-type": lambda _: "ebs",
    "source-image-id": lambda it: it.source_image,
    "source-instance-id": lambda it: it.source_instance,
    "sriov-net-support": lambda it: it.sriov_support,
    "state": lambda it: it.state.value,
    "state-reason-code": lambda it: it.state_reason.code if it.state_reason else None,
    "state-reason-message": lambda it: it.state_reason.message if it.state_reason else None,
    "virtualization-type": lambda _: "hvm",
}

LISTING: Final = Listing(
    of=IMAGE,
    ids="ImageIds",
    answer="Images",
    fields=_fields,
    encode=lambda image, call, _rows: encode_image(image, call),
)

OPERATIONS: Final[Operations] = {
    "DescribeImages": Reads(describe_images),
}
