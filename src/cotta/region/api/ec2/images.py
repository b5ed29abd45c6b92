"""Images: made from an instance or a snapshot, copied, deregistered.

CreateImage writes a `pending` image; the controller has its instance sealed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Writes
from cotta.region.api.ec2.lookups import IMAGE, INSTANCE, SNAPSHOT
from cotta.region.api.tags import tags_for
from cotta.region.launching.choices import change_device, require_image
from cotta.region.launching.requests import read_devices
from cotta.region.model import (
    Image,
    ImageDevice,
    ImageId,
    ImageState,
    InstanceState,
    Snapshot,
    SnapshotId,
    VolumeId,
)
from cotta.region.model.ids import new_id
from cotta.region.model.images import digest_tags
from cotta.region.store.kinds import IMAGES, SNAPSHOTS, VOLUMES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.launching.requests import WantedDevice
    from cotta.region.model import Instance
    from cotta.region.store.store import Reading, Writing

_NAME: Final = re.compile(r"[A-Za-z0-9 ()\[\]./\-'@_]{3,128}")
_SEALABLE: Final = frozenset({InstanceState.RUNNING, InstanceState.STOPPED})


def own_image(call: Call, rows: Reading) -> Image:
    """Return the image that a request names; `ApiError` if it is somebody else's."""
    image = IMAGE.require(rows, call.parameters["ImageId"])
    if image.owner_id != call.account.id:
        raise ApiError(
            "AuthFailure",
            f"Not authorized for image:{image.id}: it belongs to {image.owner_id}. Copy it, and "
            "change the copy.",
        )
    return image


def _check_name(rows: Reading, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ApiError(
            "InvalidAMIName.Malformed",
            "AMI names must be between 3 and 128 characters long, and may contain letters, "
            "numbers, spaces, and the characters ( ) [ ] . / - ' @ _",
        )
    for other in rows.all(IMAGES, name=name):
        raise ApiError(
            "InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {other.id}"
        )
    return name


# --- from an instance ---------------------------------------------------------------------


def create_image(call: Call, rows: Writing) -> Answer:
    """Ask for an image of an instance; it is `pending` until it has been sealed."""
    given = call.parameters
    instance = INSTANCE.require(rows, given["InstanceId"])
    if instance.state not in _SEALABLE:
        raise ApiError(
            "IncorrectState",
            f"Instance is not in state 'running' or 'stopped': {instance.id} is "
            f"{instance.state.value}.",
        )
    source = rows.find(IMAGES, instance.image_id)
    image_id = ImageId(new_id("ami", call.ids))
    devices = _override(rows, _devices_of(rows, instance), given, instance.root_device_name)
    name = _check_name(rows, given["Name"])
    image = Image(
        id=image_id,
        name=name,
        owner_id=call.account.id,
        created_at=call.now,
        state=ImageState.PENDING,
        description=given.get("Description", ""),
        location=f"{call.account.id}/{name}",
        architecture=instance.architecture,
        root_device_name=instance.root_device_name,
        devices=tuple(
            _with_snapshot(call, rows, device, image_id, volume_id) for device, volume_id in devices
        ),
        source_instance=instance.id,
        no_reboot=given.get("NoReboot", False),
        ena_support=instance.ena_support,
        imds_support=source.imds_support if source is not None else None,
        boot_mode=source.boot_mode if source is not None else None,
        default_user=source.default_user if source is not None else "admin",
        tags=tags_for(given.get("TagSpecifications"), "image", allowed=["snapshot"]),
    )
    rows.add(IMAGES, image)
    return {"ImageId": image.id}


def _devices_of(rows: Reading, instance: Instance) -> dict[str, tuple[ImageDevice, VolumeId]]:
    """Return the devices of an instance as an image's, each with the volume behind it."""
    devices = {}
    for device in instance.block_devices:
        volume = rows.find(VOLUMES, device.volume_id)
        if volume is not None:
            made = ImageDevice(
                device_name=device.device_name,
                size_gib=volume.size_gib,
                volume_type=volume.volume_type,
                iops=volume.iops,
                throughput=volume.throughput,
                encrypted=volume.encrypted,
                delete_on_termination=device.delete_on_termination,
            )
            devices[device.device_name] = (made, volume.id)
    return devices


def _override(
    rows: Reading,
    devices: dict[str, tuple[ImageDevice, VolumeId]],
    given: Mapping[str, Any],
    root: str,
) -> list[tuple[ImageDevice, VolumeId | None]]:
    """Return devices as a request wants them to be in the image."""
    found: dict[str, tuple[ImageDevice, VolumeId | None]] = dict(devices)
    for change in read_devices(given.get("BlockDeviceMappings", ())):
        before, volume_id = found.get(change.device_name, (None, None))
        if change.is_suppressed and change.device_name != root:
            found.pop(change.device_name, None)
        elif change.virtual_name is not None:
            device = ImageDevice(device_name=change.device_name, virtual_name=change.virtual_name)
            found[change.device_name] = (device, None)
        else:
            found[change.device_name] = (change_device(rows, before, change), volume_id)
    return list(found.values())


def _with_snapshot(
    call: Call, rows: Writing, device: ImageDevice, image_id: ImageId, volume_id: VolumeId | None
) -> ImageDevice:
    """Return a device with a new snapshot of its volume, which is written; as it is without one."""
    if volume_id is None:
        return device
    given = call.parameters
    snapshot = Snapshot(
        id=SnapshotId(new_id("snap", call.ids)),
        owner_id=call.account.id,
        started_at=call.now,
        size_gib=device.size_gib,
        state="pending",
        description=f"Created by CreateImage({given['InstanceId']}) for {image_id}",
        volume_id=volume_id,
        encrypted=device.encrypted,
        tags=tags_for(given.get("TagSpecifications"), "snapshot", allowed=["image"]),
    )
    rows.add(SNAPSHOTS, snapshot)
    return replace(device, snapshot_id=snapshot.id)


# --- from a snapshot, from another image ----------------------------------------------------


def register_image(call: Call, rows: Writing) -> Answer:
    """Make an image of snapshots: the root device's has the content."""
    given = call.parameters
    name = _check_name(rows, given["Name"])
    root_name = given.get("RootDeviceName", "/dev/sda1")
    if given.get("VirtualizationType", "hvm") != "hvm":
        raise ApiError("UnsupportedOperation", "Images of the local region are of the type hvm.")
    wanted = read_devices(given.get("BlockDeviceMappings", ()))
    root = _root_snapshot(rows, wanted, root_name)
    same = [one for one in rows.all(IMAGES) if one.digest == root.digest]
    image = Image(
        id=ImageId(new_id("ami", call.ids)),
        name=name,
        owner_id=call.account.id,
        created_at=call.now,
        digest=root.digest,
        description=given.get("Description", ""),
        location=given.get("ImageLocation", f"{call.account.id}/{name}"),
        architecture=given.get("Architecture", "x86_64"),
        root_device_name=root_name,
        devices=tuple(
            change_device(rows, None, one)
            if one.virtual_name is None
            else ImageDevice(device_name=one.device_name, virtual_name=one.virtual_name)
            for one in wanted
            if not one.is_suppressed
        ),
        ena_support=given.get("EnaSupport", False),
        sriov_support=given.get("SriovNetSupport", ""),
        boot_mode=given.get("BootMode"),
        imds_support=given.get("ImdsSupport"),
        default_user=same[0].default_user if same else "admin",
        tags={
            **tags_for(given.get("TagSpecifications"), "image"),
            **digest_tags(root.digest),
        },
    )
    rows.add(IMAGES, image)
    return {"ImageId": image.id}


def _root_snapshot(rows: Reading, wanted: Sequence[WantedDevice], root_name: str) -> Snapshot:
    for device in wanted:
        if device.device_name == root_name and device.snapshot_id is not None:
            snapshot = SNAPSHOT.require(rows, device.snapshot_id)
            if snapshot.digest is None:
                raise ApiError(
                    "InvalidSnapshot.NotFound",
                    f"The snapshot '{snapshot.id}' has no system on it: snapshots of images have.",
                )
            return snapshot
    raise ApiError(
        "InvalidBlockDeviceMapping",
        f"The root device {root_name} needs a mapping with a snapshot.",
    )


def copy_image(call: Call, rows: Writing) -> Answer:
    """Make another image of the same content; every region is this one, so no byte moves."""
    given = call.parameters
    source = require_image(rows, given["SourceImageId"])
    tags = tags_for(given.get("TagSpecifications"), "image", allowed=["snapshot"])
    if given.get("CopyImageTags", False):
        own = {key: value for key, value in source.tags.items() if not key.startswith("aws:")}
        tags = {**own, **tags}
    image_id = ImageId(new_id("ami", call.ids))
    # In another region it may have the name that it has here.
    is_elsewhere = given["SourceRegion"] != call.region
    name = given["Name"]
    if not (is_elsewhere and name == source.name):
        _check_name(rows, name)
    image = replace(
        source,
        id=image_id,
        name=name,
        owner_id=call.account.id,
        owner_alias=None,
        created_at=call.now,
        description=given.get("Description", source.description),
        location=f"{call.account.id}/{name}",
        devices=tuple(_copy_device(call, rows, device, source) for device in source.devices),
        is_public=False,
        grants=(),
        deprecated_at=None,
        source_instance=None,
        source_image=source.id,
        deregistration_protection="disabled",
        protected_until=None,
        tags={**tags, **digest_tags(source.digest)},
    )
    rows.add(IMAGES, image)
    return {"ImageId": image.id}


def _copy_device(call: Call, rows: Writing, device: ImageDevice, source: Image) -> ImageDevice:
    given = call.parameters
    original = rows.find(SNAPSHOTS, device.snapshot_id or "")
    encrypted = device.encrypted or given.get("Encrypted", False)
    if original is None:
        return replace(device, encrypted=encrypted)
    copy = replace(
        original,
        id=SnapshotId(new_id("snap", call.ids)),
        owner_id=call.account.id,
        started_at=call.now,
        description=f"Copied for the copy '{given['Name']}' of {source.id}",
        encrypted=encrypted,
        grants=(),
        tags=tags_for(given.get("TagSpecifications"), "snapshot", allowed=["image"]),
    )
    rows.add(SNAPSHOTS, copy)
    return replace(device, snapshot_id=copy.id, encrypted=encrypted)


# --- the end --------------------------------------------------------------------------------


def deregister_image(call: Call, rows: Writing) -> Answer:
    """Forget an image; instances go on, and its snapshots stay unless they are to go too."""
    image = own_image(call, rows)
    is_held = image.protected_until is not None and image.protected_until > call.now
    if image.deregistration_protection != "disabled" or is_held:
        raise ApiError(
            "OperationNotPermitted",
            f"The AMI {image.id} is protected from being deregistered. Disable its deregistration "
            "protection first" + (", and wait for the cooldown to end." if is_held else "."),
        )
    rows.remove(IMAGES, image.id)
    results = []
    if call.parameters.get("DeleteAssociatedSnapshots", False):
        used = {device.snapshot_id for other in rows.all(IMAGES) for device in other.devices}
        for device in image.devices:
            if device.snapshot_id is not None:
                is_used = device.snapshot_id in used
                if not is_used:
                    rows.remove(SNAPSHOTS, device.snapshot_id)
                results.append(
                    {
                        "SnapshotId": device.snapshot_id,
                        "ReturnCode": "skipped" if is_used else "success",
                    }
                )
    return {"Return": True, "DeleteSnapshotResults": results}


OPERATIONS: Final[Operations] = {
    "CopyImage": Writes(copy_image),
    "CreateImage": Writes(create_image),
    "DeregisterImage": Writes(deregister_image),
    "RegisterImage": Writes(register_image),
}
