"""Instances, and what they are started from: launch templates and key pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from cotta.region.model.ids import (
    ImageId,
    InstanceId,
    LaunchTemplateId,
    NetworkInterfaceId,
    SecurityGroupId,
    SubnetId,
    VolumeId,
    VpcId,
)


class InstanceState(Enum):
    """The states of an instance, by AWS's names."""

    PENDING = "pending"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class StateReason:
    """Why something is in the state it is in: `Client.UserInitiatedShutdown`, and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataOptions:
    """How an instance may ask the metadata service."""

    http_endpoint: str = "enabled"
    http_tokens: str = "optional"
    hop_limit: int = 1
    http_protocol_ipv6: str = "disabled"
    instance_metadata_tags: str = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDevice:
    """A device of an instance, and the volume behind it."""

    device_name: str
    volume_id: VolumeId
    attached_at: datetime
    delete_on_termination: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchedFrom:
    """The launch template version that an instance was started from."""

    template_id: LaunchTemplateId
    template_name: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """An instance as the API has it; the machine that runs it belongs to the driver.

    `zone` is the letter of its zone: the name depends on the region's name, which
    the client chooses.  `boot` counts the starts, so that an act for an
    earlier start can be told from one for this; `restarts` counts the reboots asked for,
    `restarts_done` those that were done.
    """

    id: InstanceId
    image_id: ImageId
    instance_type: str
    state: InstanceState
    launched_at: datetime
    reservation_id: str
    zone: str
    subnet_id: SubnetId
    vpc_id: VpcId
    network_interface_id: NetworkInterfaceId
    private_ip: str
    mac: str
    # The same address again, where the subnet gives public ones: this machine reaches it.
    public_ip: str | None = None
    security_groups: tuple[SecurityGroupId, ...] = ()
    state_changed_at: datetime | None = None
    state_reason: StateReason | None = None
    transition_reason: str = ""
    boot: int = 1
    restarts: int = 0
    restarts_done: int = 0
    launch_index: int = 0
    key_name: str | None = None
    instance_profile: str | None = None
    # As the API carries it: base64.
    user_data: str | None = None
    client_token: str = ""
    # The content that it starts from: its image may be deregistered meanwhile.
    image_digest: str | None = None
    architecture: str = "x86_64"
    root_device_name: str = "/dev/sda1"
    block_devices: tuple[BlockDevice, ...] = ()
    shutdown_behavior: str = "stop"
    monitoring: str = "disabled"
    ebs_optimized: bool = False
    source_dest_check: bool = True
    disable_api_termination: bool = False
    disable_api_stop: bool = False
    # It was asked to be stopped by cutting its power.
    stop_forced: bool = False
    ena_support: bool = True
    credit_specification: str = "standard"
    metadata: MetadataOptions = field(default_factory=MetadataOptions)
    launched_from: LaunchedFrom | None = None
    # What the machine was seen to have changed below its image's system paths.
    drift: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchTemplate:
    """A launch template; what it says is in its versions."""

    id: LaunchTemplateId
    name: str
    created_at: datetime
    created_by: str
    default_version: int = 1
    latest_version: int = 1
    # The highest number there has been: none is used twice, deleted ones neither.
    last_number: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchTemplateVersion:
    """One version of a launch template, which never changes.

    `contents` is the API's own `LaunchTemplateData`, as it was given: it is
    merged into requests to start instances and shown again, and nothing else.
    """

    template_id: LaunchTemplateId
    version: int
    created_at: datetime
    created_by: str
    description: str | None = None
    contents: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """The public half of a key pair, as a line of an `authorized_keys` file."""

    id: str
    name: str
    kind: str
    fingerprint: str
    public_key: str
    created_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptConsole:
    """What an instance's machine has said, kept since that is gone; in Base64, as it is bytes."""

    instance_id: InstanceId
    said: str
