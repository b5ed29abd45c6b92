"""Snapshots: those of images have their content, those of other volumes are records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.grants import EVERYBODY, change_grants, encode_grants
from cotta.region.api.ec2.listings import Listing
from cotta.region.api.ec2.lookups import SNAPSHOT, VOLUME
from cotta.region.api.tags import encode_tags, tags_for
from cotta.region.model import Snapshot, SnapshotId
from cotta.region.model.ids import new_id
from cotta.region.store.kinds import IMAGES, INSTANCES, SNAPSHOTS
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import Volume
    from cotta.region.store.store import Reading, Writing


def own_snapshot(call: Call, rows: Reading) -> Snapshot:
    """Return the snapshot that a request names; `ApiError` if it is somebody else's."""
    snapshot = SNAPSHOT.require(rows, call.parameters["SnapshotId"])
    if snapshot.owner_id != call.account.id:
        raise ApiError("AuthFailure", f"Not authorized for snapshot:{snapshot.id}")
    return snapshot


def create_snapshot(call: Call, rows: Writing) -> Answer:
    """Keep a volume as a snapshot; not a root volume, whose content is kept by CreateImage."""
    given = call.parameters
    volume = VOLUME.require(rows, given["VolumeId"])
    if _is_root(rows, volume):
        raise ApiError(
            "UnsupportedOperation",
            f"The volume {volume.id} is the root volume of an instance: in the local region its "
            "content is kept by CreateImage alone, which makes a snapshot too.",
        )
    source = rows.find(SNAPSHOTS, volume.snapshot_id or "")
    snapshot = Snapshot(
        id=SnapshotId(new_id("snap", call.ids)),
        owner_id=call.account.id,
        started_at=call.now,
        size_gib=volume.size_gib,
        description=given.get("Description", ""),
        volume_id=volume.id,
        # Nothing ever writes to a volume that is not a root volume.
        digest=source.digest if source is not None else None,
        encrypted=volume.encrypted,
        tags=tags_for(given.get("TagSpecifications"), "snapshot"),
    )
    rows.add(SNAPSHOTS, snapshot)
    return _encode(snapshot, call, rows)


def _is_root(rows: Reading, volume: Volume) -> bool:
    if volume.attachment is None:
        return False
    instance = rows.find(INSTANCES, volume.attachment.instance_id)
    return instance is not None and instance.root_device_name == volume.attachment.device_name


def copy_snapshot(call: Call, rows: Writing) -> Answer:
    """Make another snapshot of the same content."""
    given = call.parameters
    source = SNAPSHOT.require(rows, given["SourceSnapshotId"])
    if source.state != "completed":
        raise ApiError(
            "IncorrectState", f"The snapshot {source.id} is {source.state}: wait until it is done."
        )
    copy = replace(
        source,
        id=SnapshotId(new_id("snap", call.ids)),
        owner_id=call.account.id,
        started_at=call.now,
        description=given.get("Description", ""),
        encrypted=source.encrypted or given.get("Encrypted", False),
        volume_id="vol-ffffffff",
        grants=(),
        tags=tags_for(given.get("TagSpecifications"), "snapshot"),
    )
    rows.add(SNAPSHOTS, copy)
    return {"SnapshotId": copy.id, "Tags": encode_tags(copy.tags)}


def delete_snapshot(call: Call, rows: Writing) -> Answer:
    """Delete a snapshot that no image needs."""
    snapshot = own_snapshot(call, rows)
    for image in rows.all(IMAGES):
        if any(device.snapshot_id == snapshot.id for device in image.devices):
            raise ApiError(
                "InvalidSnapshot.InUse",
                f"The snapshot {snapshot.id} is currently in use by {image.id}",
            )
    rows.remove(SNAPSHOTS, snapshot.id)
    return {}


# --- attributes -----------------------------------------------------------------------------


def _check_attribute(call: Call) -> None:
    if call.parameters.get("Attribute", "createVolumePermission") != "createVolumePermission":
        raise ApiError("UnsupportedOperation", "The local region has no product codes.")


def describe_snapshot_attribute(call: Call, rows: Reading) -> Answer:
    """Return whom a snapshot is for."""
    snapshot = SNAPSHOT.require(rows, call.parameters["SnapshotId"])
    if call.parameters["Attribute"] == "productCodes":
        return {"SnapshotId": snapshot.id, "ProductCodes": []}
    return {
        "SnapshotId": snapshot.id,
        "CreateVolumePermissions": encode_grants(snapshot.grants),
    }


def modify_snapshot_attribute(call: Call, rows: Writing) -> Answer:
    """Change whom a snapshot is for."""
    _check_attribute(call)
    snapshot = own_snapshot(call, rows)
    grants = change_grants(snapshot.grants, call.parameters, "CreateVolumePermission")
    rows.put(SNAPSHOTS, replace(snapshot, grants=grants))
    return {}


def reset_snapshot_attribute(call: Call, rows: Writing) -> Answer:
    """Have a snapshot be for its owner alone again."""
    _check_attribute(call)
    rows.put(SNAPSHOTS, replace(own_snapshot(call, rows), grants=()))
    return {}


# --- describing --------------------------------------------------------------------------


def describe_snapshots(call: Call, rows: Reading) -> Answer:
    """List snapshots, by owner, by whom they are for, by id."""
    given, account = call.parameters, call.account.id
    owners = {account if one == "self" else one for one in given.get("OwnerIds", ())}
    users = {account if one == "self" else one for one in given.get("RestorableByUserIds", ())}
    among = [
        snapshot
        for snapshot in SNAPSHOT.require_all(rows, given.get("SnapshotIds"))
        if (not owners or snapshot.owner_id in owners)
        and (not users or users & _may_restore(snapshot))
    ]
    shown, token = LISTING.find(call, rows, among)
    return {"Snapshots": [_encode(one, call, rows) for one in shown], "NextToken": token}


def _may_restore(snapshot: Snapshot) -> set[str | None]:
    everybody = {"all"} if EVERYBODY in snapshot.grants else set()
    return {snapshot.owner_id, *(grant.user_id for grant in snapshot.grants)} | everybody


def _encode(it: Snapshot, _call: Call, _rows: Reading) -> dict[str, Any]:
    return {
        "SnapshotId": it.id,
        "Description": it.description,
        "Encrypted": it.encrypted,
        "OwnerId": it.owner_id,
        "Progress": _progress(it),
        "StartTime": it.started_at,
        "State": it.state,
        "StorageTier": "standard",
        "VolumeId": it.volume_id,
        "VolumeSize": it.size_gib,
        "Tags": encode_tags(it.tags),
    }


def _progress(it: Snapshot) -> str:
    return "100%" if it.state == "completed" else "0%"


LISTING: Final = Listing(
    of=SNAPSHOT,
    ids="SnapshotIds",
    answer="Snapshots",
    fields=lambda _call, _rows: {
        "description": lambda it: it.description,
        "encrypted": lambda it: it.encrypted,
        "owner-alias": lambda _: None,
        "owner-id": lambda it: it.owner_id,
        "progress": _progress,
        "snapshot-id": lambda it: it.id,
        "start-time": lambda it: it.started_at,
        "status": lambda it: it.state,
        "storage-tier": lambda _: "standard",
        "volume-id": lambda it: it.volume_id,
        "volume-size": lambda it: it.size_gib,
    },
    encode=_encode,
)

OPERATIONS: Final[Operations] = {
    "CopySnapshot": Writes(copy_snapshot),
    "CreateSnapshot": Writes(create_snapshot),
    "DeleteSnapshot": Writes(delete_snapshot),
    "DescribeSnapshotAttribute": Reads(describe_snapshot_attribute),
    "DescribeSnapshots": Reads(describe_snapshots),
    "ModifySnapshotAttribute": Writes(modify_snapshot_attribute),
    "ResetSnapshotAttribute": Writes(reset_snapshot_attribute),
}
