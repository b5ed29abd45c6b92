"""Volumes: an instance's root volume is its machine's own layer.

Any other is a record: it can be made, attached, changed and deleted, and no device appears in a
machine for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.listings import Listing, describe
from cotta.region.api.ec2.lookups import INSTANCE, SNAPSHOT, VOLUME
from cotta.region.api.tags import encode_tags, tags_for
from cotta.region.model import (
    Attachment,
    BlockDevice,
    InstanceState,
    Volume,
    VolumeId,
    VolumeModification,
)
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import INSTANCES, VOLUMES
from cotta.region.wire.errors import ApiError
from cotta.region.zones import zone_id, zone_letter, zone_name

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.model import Instance
    from cotta.region.store.store import Reading, Writing

_LARGEST_GIB: Final = 65_536
# What a volume of a type has where nothing is said: operations and MiB in a second.
_USUAL: Final = {"gp3": (3000, 125), "gp2": (100, None)}
_ATTACHABLE: Final = frozenset({InstanceState.RUNNING, InstanceState.STOPPED})


def create_volume(call: Call, rows: Writing) -> Answer:
    """Make a volume in a zone."""
    given = call.parameters
    zone = given.get("AvailabilityZone") or given.get("AvailabilityZoneId")
    if zone is None:
        raise ApiError(
            "MissingParameter", "The request must contain the parameter availabilityZone"
        )
    snapshot = SNAPSHOT.require(rows, given["SnapshotId"]) if "SnapshotId" in given else None
    if "Size" not in given and snapshot is None:
        raise ApiError(
            "MissingParameter", "The request must contain the parameter size or snapshotId"
        )
    least = snapshot.size_gib if snapshot is not None else 1
    kind = given.get("VolumeType", "gp2")
    iops, throughput = _USUAL.get(kind, (None, None))
    volume = Volume(
        id=VolumeId(new_id("vol", call.ids)),
        zone=zone_letter(zone),
        size_gib=_check_size(given.get("Size", least), least),
        created_at=call.now,
        state="available",
        volume_type=kind,
        iops=given.get("Iops", iops),
        throughput=given.get("Throughput", throughput),
        encrypted=given.get("Encrypted", False) or bool(snapshot and snapshot.encrypted),
        snapshot_id=snapshot.id if snapshot is not None else None,
        tags=tags_for(given.get("TagSpecifications"), "volume"),
    )
    rows.add(VOLUMES, volume)
    return _encode(volume, call, rows)


def _check_size(size: int, least: int) -> int:
    if not least <= size <= _LARGEST_GIB:
        raise ApiError(
            "InvalidParameterValue",
            f"The volume size {size} is not valid: it must be between {least} and {_LARGEST_GIB} "
            "GiB.",
        )
    return size


def delete_volume(call: Call, rows: Writing) -> Answer:
    """Delete a volume that is attached to nothing."""
    volume = VOLUME.require(rows, call.parameters["VolumeId"])
    if volume.attachment is not None:
        raise ApiError(
            "VolumeInUse",
            f"Volume {volume.id} is currently attached to {volume.attachment.instance_id}",
        )
    rows.remove(VOLUMES, volume.id)
    return {}


# --- attachments ------------------------------------------------------------------------------


def attach_volume(call: Call, rows: Writing) -> Answer:
    """Write that a volume is attached to an instance."""
    given = call.parameters
    volume = VOLUME.require(rows, given["VolumeId"])
    instance = INSTANCE.require(rows, given["InstanceId"])
    device = given["Device"]
    if volume.attachment is not None:
        raise ApiError(
            "VolumeInUse",
            f"{volume.id} is already attached to an instance: {volume.attachment.instance_id}",
        )
    if instance.state not in _ATTACHABLE:
        raise ApiError(
            "IncorrectState",
            f"Instance '{instance.id}' is not 'running' or 'stopped': it is "
            f"{instance.state.value}.",
        )
    if volume.zone != instance.zone:
        raise ApiError(
            "InvalidVolume.ZoneMismatch",
            f"The volume '{volume.id}' is not in the same availability zone as instance "
            f"'{instance.id}'",
        )
    if any(one.device_name == device for one in instance.block_devices):
        raise ApiError(
            "InvalidParameterValue",
            f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use",
        )
    attachment = Attachment(
        instance_id=instance.id,
        device_name=device,
        attached_at=call.now,
        delete_on_termination=False,
    )
    rows.put(VOLUMES, replace(volume, state="in-use", attachment=attachment))
    added = BlockDevice(
        device_name=device,
        volume_id=volume.id,
        attached_at=call.now,
        delete_on_termination=False,
    )
    rows.put(INSTANCES, replace(instance, block_devices=(*instance.block_devices, added)))
    return _encode_attachment(volume.id, attachment, "attached")


def detach_volume(call: Call, rows: Writing) -> Answer:
    """Write that a volume is attached to nothing any more."""
    given = call.parameters
    volume = VOLUME.require(rows, given["VolumeId"])
    attachment = volume.attachment
    if attachment is None or (
        given.get("InstanceId", attachment.instance_id) != attachment.instance_id
        or given.get("Device", attachment.device_name) != attachment.device_name
    ):
        raise ApiError(
            "IncorrectState",
            f"Volume '{volume.id}' is in the 'available' state."
            if attachment is None
            else f"Volume '{volume.id}' is attached to {attachment.instance_id} as "
            f"{attachment.device_name}.",
        )
    instance = rows.find(INSTANCES, attachment.instance_id)
    if instance is not None:
        _refuse_root(instance, volume, "detached")
        left = tuple(one for one in instance.block_devices if one.volume_id != volume.id)
        rows.put(INSTANCES, replace(instance, block_devices=left))
    rows.put(VOLUMES, replace(volume, state="available", attachment=None))
    return _encode_attachment(volume.id, attachment, "detached")


def _refuse_root(instance: Instance, volume: Volume, done: str) -> None:
    attachment = volume.attachment
    if attachment is not None and attachment.device_name == instance.root_device_name:
        raise ApiError(
            "OperationNotPermitted",
            f"The root volume '{volume.id}' of instance '{instance.id}' can't be {done}: it is "
            "the machine's own layer. Launch a new instance instead.",
        )


def _encode_attachment(volume_id: str, attachment: Attachment, state: str) -> dict[str, Any]:
    return {
        "VolumeId": volume_id,
        "InstanceId": attachment.instance_id,
        "Device": attachment.device_name,
        "State": state,
        "AttachTime": attachment.attached_at,
        "DeleteOnTermination": attachment.delete_on_termination,
    }


# --- changes ----------------------------------------------------------------------------------


def modify_volume(call: Call, rows: Writing) -> Answer:
    """Change a volume's size and speed; a root volume can't grow under its machine."""
    given = call.parameters
    volume = VOLUME.require(rows, given["VolumeId"])
    size = given.get("Size", volume.size_gib)
    if size < volume.size_gib:
        raise ApiError(
            "InvalidParameterValue",
            f"New size cannot be smaller than existing size: {volume.size_gib} GiB.",
        )
    instance = rows.find(INSTANCES, volume.attachment.instance_id) if volume.attachment else None
    if instance is not None and size > volume.size_gib:
        _refuse_root(instance, volume, "enlarged")
    kind = given.get("VolumeType", volume.volume_type)
    usual = _USUAL.get(kind, (None, None))
    before = usual if kind != volume.volume_type else (volume.iops, volume.throughput)
    changed = replace(
        volume,
        size_gib=_check_size(size, 1),
        volume_type=kind,
        iops=given.get("Iops", before[0]),
        throughput=given.get("Throughput", before[1]),
        modification=VolumeModification(
            modified_at=call.now,
            size_gib=volume.size_gib,
            volume_type=volume.volume_type,
            iops=volume.iops,
            throughput=volume.throughput,
        ),
    )
    rows.put(VOLUMES, changed)
    return {"VolumeModification": _encode_modification(changed, call, rows)}


def _encode_modification(it: Volume, _call: Call, _rows: Reading) -> dict[str, Any]:
    before = it.modification
    assert before is not None, f"{it.id} was never changed"
    return {
        "VolumeId": it.id,
        "ModificationState": "completed",
        "TargetSize": it.size_gib,
        "TargetIops": it.iops,
        "TargetVolumeType": it.volume_type,
        "TargetThroughput": it.throughput,
        "TargetMultiAttachEnabled": False,
        "OriginalSize": before.size_gib,
        "OriginalIops": before.iops,
        "OriginalVolumeType": before.volume_type,
        "OriginalThroughput": before.throughput,
        "OriginalMultiAttachEnabled": False,
        "Progress": 100,
        "StartTime": before.modified_at,
        "EndTime": before.modified_at,
    }


# --- describing -------------------------------------------------------------------------------


def _encode(it: Volume, call: Call, _rows: Reading) -> dict[str, Any]:
    attachment = it.attachment
    return {
        "VolumeId": it.id,
        "Attachments": (
            [_encode_attachment(it.id, attachment, attachment.state)] if attachment else []
        ),
        "AvailabilityZone": zone_name(call.region, it.zone),
        "AvailabilityZoneId": zone_id(call.region, it.zone),
        "CreateTime": it.created_at,
        "Encrypted": it.encrypted,
        "Iops": it.iops,
        "MultiAttachEnabled": False,
        "Size": it.size_gib,
        "SnapshotId": it.snapshot_id or "",
        "State": it.state,
        "Throughput": it.throughput,
        "VolumeType": it.volume_type,
        "Tags": encode_tags(it.tags),
    }


def describe_volume_attribute(call: Call, rows: Reading) -> Answer:
    """Return one attribute of a volume."""
    volume = VOLUME.require(rows, call.parameters["VolumeId"])
    if call.parameters["Attribute"] == "productCodes":
        return {"VolumeId": volume.id, "ProductCodes": []}
    return {"VolumeId": volume.id, "AutoEnableIO": {"Value": False}}


def _encode_status(it: Volume, call: Call, _rows: Reading) -> dict[str, Any]:
    return {
        "VolumeId": it.id,
        "AvailabilityZone": zone_name(call.region, it.zone),
        "AvailabilityZoneId": zone_id(call.region, it.zone),
        "Actions": [],
        "Events": [],
        "VolumeStatus": {
            "Status": "ok",
            "Details": [{"Name": "io-enabled", "Status": "passed"}],
        },
    }


def _fields(call: Call, _rows: Reading) -> Fields[Volume]:
    return {
        "attachment.attach-time": lambda it: it.attachment.attached_at if it.attachment else None,
        "attachment.delete-on-termination": lambda it: (
            it.attachment.delete_on_termination if it.attachment else None
        ),
        "attachment.device": lambda it: it.attachment.device_name if it.attachment else None,
        "attachment.instance-id": lambda it: it.attachment.instance_id if it.attachment else None,
        "attachment.status": lambda it: it.attachment.state if it.attachment else None,
        "availability-zone": lambda it: zone_name(call.region, it.zone),
        "availability-zone-id": lambda it: zone_id(call.region, it.zone),
        "create-time": lambda it: it.created_at,
        "encrypted": lambda it: it.encrypted,
        "multi-attach-enabled": lambda _: False,
        "size": lambda it: it.size_gib,
        "snapshot-id": lambda it: it.snapshot_id,
        "status": lambda it: it.state,
        "volume-id": lambda it: it.id,
        "volume-type": lambda it: it.volume_type,
    }


LISTING: Final = Listing(
    of=VOLUME, ids="VolumeIds", answer="Volumes", fields=_fields, encode=_encode
)
_STATUS_LISTING: Final = Listing(
    of=VOLUME,
    ids="VolumeIds",
    answer="VolumeStatuses",
    fields=lambda call, _rows: {
        "availability-zone": lambda it: zone_name(call.region, it.zone),
        "volume-status.details-name": lambda _: "io-enabled",
        "volume-status.details-status": lambda _: "passed",
        "volume-status.status": lambda _: "ok",
    },
    encode=_encode_status,
)
_MODIFICATION_LISTING: Final = Listing(
    of=VOLUME,
    ids="VolumeIds",
    answer="VolumesModifications",
    fields=lambda _call, _rows: {
        "modification-state": lambda _: "completed",
        "original-size": lambda it: it.modification.size_gib if it.modification else None,
        "original-volume-type": lambda it: it.modification.volume_type if it.modification else None,
        "start-time": lambda it: it.modification.modified_at if it.modification else None,
        "target-size": lambda it: it.size_gib,
        "target-volume-type": lambda it: it.volume_type,
        "volume-id": lambda it: it.id,
    },
    encode=_encode_modification,
    is_shown=lambda it: it.modification is not None,
)

OPERATIONS: Final[Operations] = {
    "AttachVolume": Writes(attach_volume),
    "CreateVolume": Writes(create_volume),
    "DeleteVolume": Writes(delete_volume),
    "DescribeVolumeAttribute": Reads(describe_volume_attribute),
    "DescribeVolumeStatus": describe(_STATUS_LISTING),
    "DescribeVolumes": describe(LISTING),
    "DescribeVolumesModifications": describe(_MODIFICATION_LISTING),
    "DetachVolume": Writes(detach_volume),
    "ModifyVolume": Writes(modify_volume),
}
