"""Images, and the snapshots and volumes that the API shows beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from cotta.region.model.ids import ImageId, InstanceId, SnapshotId, VolumeId
from cotta.region.model.instances import StateReason


class ImageState(Enum):
    """The states of an image, by AWS's names."""

    PENDING = "pending"
    AVAILABLE = "available"
    FAILED = "failed"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDevice:
    """A block device that an instance of the image gets.

    Without a snapshot it is empty; `virtual_name` is an instance store's.
    """

    device_name: str
    size_gib: int = 8
    snapshot_id: SnapshotId | None = None
    volume_type: str = "gp3"
    iops: int | None = None
    throughput: int | None = None
    encrypted: bool = False
    delete_on_termination: bool = True
    virtual_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Whom something is shared with: one of the four is set."""

    user_id: str | None = None
    group: str | None = None
    organization_arn: str | None = None
    organizational_unit_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image as the API has it.

    `digest` names its content in the image store; None until it is sealed.
    While it is `pending`, `source_instance` is the instance to seal.
    """

    id: ImageId
    name: str
    owner_id: str
    created_at: datetime
    state: ImageState = ImageState.AVAILABLE
    state_reason: StateReason | None = None
    digest: str | None = None
    description: str = ""
    owner_alias: str | None = None
    location: str = ""
    architecture: str = "x86_64"
    root_device_name: str = "/dev/sda1"
    devices: tuple[ImageDevice, ...] = ()
    is_public: bool = False
    grants: tuple[Grant, ...] = ()
    deprecated_at: datetime | None = None
    source_instance: InstanceId | None = None
    source_image: ImageId | None = None
    # Sealing waits for the instance to stop first, unless it was told not to.
    no_reboot: bool = False
    ena_support: bool = True
    sriov_support: str = "simple"
    boot_mode: str | None = None
    imds_support: str | None = None
    deregistration_protection: str = "disabled"
    # It stays protected for a while after its protection was taken away, if that was asked for.
    protected_until: datetime | None = None
    default_user: str = "admin"
    tags: Mapping[str, str] = field(default_factory=dict)


def digest_tags(digest: str | None) -> dict[str, str]:
    """Return the tag that tells an image's content to those who see the API alone."""
    return {} if digest is None else {"aws:cotta:digest": digest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot: the part of an image, or of a volume, that the API shows by itself."""

    id: SnapshotId
    owner_id: str
    started_at: datetime
    size_gib: int
    state: str = "completed"
    description: str = ""
    volume_id: str = "vol-ffffffff"
    digest: str | None = None
    encrypted: bool = False
    grants: tuple[Grant, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Which instance a volume is attached to, and how."""

    instance_id: InstanceId
    device_name: str
    attached_at: datetime
    delete_on_termination: bool = True
    state: str = "attached"


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeModification:
    """What a volume was before it was changed last."""

    modified_at: datetime
    size_gib: int
    volume_type: str
    iops: int | None
    throughput: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume; the root volume is the machine's throw-away layer."""

    id: VolumeId
    zone: str
    size_gib: int
    created_at: datetime
    state: str = "in-use"
    volume_type: str = "gp3"
    iops: int | None = 3000
    throughput: int | None = 125
    encrypted: bool = False
    snapshot_id: SnapshotId | None = None
    attachment: Attachment | None = None
    modification: VolumeModification | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
