"""What a request to launch leaves open, chosen: image, subnet, groups, devices, options."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.instance_types import INSTANCE_TYPES
from cotta.region.model import (
    Image,
    ImageDevice,
    ImageId,
    ImageState,
    MetadataOptions,
    SecurityGroupId,
    SnapshotId,
    Subnet,
)
from cotta.region.store.kinds import (
    IMAGES,
    INSTANCE_PROFILES,
    KEY_PAIRS,
    PARAMETERS,
    SECURITY_GROUPS,
    SNAPSHOTS,
    SUBNETS,
    VPCS,
)
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.instance_types import InstanceType
    from cotta.region.launching.requests import LaunchRequest, WantedDevice
    from cotta.region.store.store import Reading

_PARAMETER: Final = "resolve:ssm:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """All that was left open, and is certain now."""

    image: Image
    subnet: Subnet
    security_groups: tuple[SecurityGroupId, ...]
    devices: tuple[ImageDevice, ...]
    metadata: MetadataOptions
    with_public_ip: bool
    credit_specification: str
    # The name.
    instance_profile: str | None


def choose(rows: Reading, wanted: LaunchRequest) -> Chosen:
    """Return what a request leaves open; `ApiError` for what AWS would refuse."""
    if not 1 <= wanted.least <= wanted.most:
        raise ApiError(
            "InvalidParameterValue",
            f"The minimum count ({wanted.least}) must be at least 1, and at most the maximum count "
            f"({wanted.most}).",
        )
    instance_type = require_type(wanted.instance_type)
    image = require_image(rows, resolve_image(rows, wanted.image_id))
    if image.architecture != "x86_64":
        raise ApiError(
            "InvalidParameterValue",
            f"The architecture 'x86_64' of the specified instance type does not match the "
            f"architecture '{image.architecture}' of the specified AMI. Specify an AMI of the "
            "same architecture.",
        )
    subnet = _choose_subnet(rows, wanted)
    if wanted.key_name is not None and rows.find(KEY_PAIRS, wanted.key_name) is None:
        raise ApiError(
            "InvalidKeyPair.NotFound", f"The key pair '{wanted.key_name}' does not exist"
        )
    public = wanted.with_public_ip
    return Chosen(
        image=image,
        subnet=subnet,
        security_groups=_choose_groups(rows, wanted, subnet),
        devices=_choose_devices(rows, image, wanted.devices),
        metadata=_choose_metadata(image, wanted.metadata),
        with_public_ip=subnet.map_public_ip if public is None else public,
        credit_specification=_choose_credits(instance_type, wanted.credit_specification),
        instance_profile=find_profile(rows, wanted.instance_profile),
    )


def require_type(name: str) -> InstanceType:
    """Return an instance type; `ApiError` if the region does not have it."""
    found = INSTANCE_TYPES.get(name)
    if found is None:
        raise ApiError(
            "Unsupported",
            f"Your requested instance type ({name}) is not supported in the local region. "
            "DescribeInstanceTypes lists those that are.",
        )
    return found


# --- the image ------------------------------------------------------------------------


def resolve_image(rows: Reading, image_id: str) -> str:
    """Return the image id that `resolve:ssm:PARAMETER` stands for; any other as it is."""
    if not image_id.startswith(_PARAMETER):
        return image_id
    name = image_id.removeprefix(_PARAMETER)
    found = rows.find(PARAMETERS, name)
    if found is None:
        raise ApiError("InvalidParameterValue", f"The SSM parameter {name} does not exist.")
    return found.value


def require_image(rows: Reading, image_id: str) -> Image:
    """Return an image that instances can be started from."""
    image = find_image(rows, image_id)
    if image.state is not ImageState.AVAILABLE:
        raise ApiError(
            "InvalidAMIID.Unavailable",
            f"The image ID '{image_id}' is not available: its state is {image.state.value}.",
        )
    return image


def find_image(rows: Reading, image_id: str) -> Image:
    """Return an image in whatever state; `ApiError` in AWS's words if there is none."""
    if not image_id.startswith("ami-"):
        raise ApiError("InvalidAMIID.Malformed", f'Invalid id: "{image_id}" (expecting "ami-...")')
    image = rows.find(IMAGES, ImageId(image_id))
    if image is None:
        raise ApiError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    return image


# --- the network ----------------------------------------------------------------------


def _choose_subnet(rows: Reading, wanted: LaunchRequest) -> Subnet:
    if wanted.subnet_id is not None:
        subnet = rows.find(SUBNETS, wanted.subnet_id)
        if subnet is None:
            raise ApiError(
                "InvalidSubnetID.NotFound", f"The subnet ID '{wanted.subnet_id}' does not exist"
            )
        if wanted.zone not in {None, subnet.zone}:
            raise ApiError(
                "InvalidParameterValue",
                f"The subnet '{subnet.id}' is not in the availability zone that was asked for.",
            )
        _check_reach(rows, subnet)
        return subnet
    for subnet in sorted(rows.all(SUBNETS), key=lambda one: one.zone):
        if subnet.is_default and wanted.zone in {None, subnet.zone}:
            return subnet
    raise ApiError(
        "MissingInput" if wanted.zone is None else "InvalidInput",
        "No subnet was given, and there is no default subnet"
        + (" in that zone." if wanted.zone else "."),
    )


def _check_reach(rows: Reading, subnet: Subnet) -> None:
    """Refuse a subnet that no packet gets to: the region has one range, the default network's."""
    here = ipaddress.ip_network(subnet.cidr)
    ranges = [ipaddress.ip_network(vpc.cidr) for vpc in rows.all(VPCS) if vpc.is_default]
    if not any(range_.supernet_of(here) for range_ in ranges):  # type: ignore[arg-type]  # all IPv4
        listed = ", ".join(str(range_) for range_ in ranges)
        raise ApiError(
            "UnsupportedOperation",
            f"Instances of the local region have addresses of its own range ({listed}), and the "
            f"subnet {subnet.id} has others ({subnet.cidr}). Make the VPC inside that range, or "
            "use the default one.",
        )


def _choose_groups(
    rows: Reading, wanted: LaunchRequest, subnet: Subnet
) -> tuple[SecurityGroupId, ...]:
    if wanted.security_groups and wanted.group_names:
        raise ApiError(
            "InvalidParameterCombination",
            "Security groups are given by id or by name, and not by both.",
        )
    if wanted.group_names:
        vpc = rows.find(VPCS, subnet.vpc_id)
        if vpc is None or not vpc.is_default:
            raise ApiError(
                "InvalidParameterCombination",
                "The parameter groupName cannot be used with the parameter subnet",
            )
    if not wanted.security_groups:
        return tuple(
            _group_named(rows, name, subnet) for name in wanted.group_names or ("default",)
        )
    return check_groups(rows, wanted.security_groups, subnet)


def _group_named(rows: Reading, name: str, subnet: Subnet) -> SecurityGroupId:
    for group in rows.all(SECURITY_GROUPS, name=name, vpc_id=subnet.vpc_id):
        return group.id
    raise ApiError(
        "InvalidGroup.NotFound",
        f"The security group '{name}' does not exist in VPC '{subnet.vpc_id}'",
    )


def check_groups(
    rows: Reading, ids: tuple[SecurityGroupId, ...], subnet: Subnet
) -> tuple[SecurityGroupId, ...]:
    """Return security groups' ids, each once; `ApiError` unless all are of the subnet's network."""
    for group_id in ids:
        if not group_id.startswith("sg-"):
            raise ApiError("InvalidGroupId.Malformed", f'Invalid id: "{group_id}"')
        group = rows.find(SECURITY_GROUPS, group_id)
        if group is None:
            raise ApiError(
                "InvalidGroup.NotFound", f"The security group '{group_id}' does not exist"
            )
        if group.vpc_id != subnet.vpc_id:
            raise ApiError(
                "InvalidParameter",
                f"Security group {group_id} and subnet {subnet.id} belong to different networks.",
            )
    return tuple(dict.fromkeys(ids))


# --- devices ------------------------------------------------------------------------


def _choose_devices(
    rows: Reading, image: Image, wanted: tuple[WantedDevice, ...]
) -> tuple[ImageDevice, ...]:
    root = ImageDevice(device_name=image.root_device_name)
    devices = {device.device_name: device for device in image.devices or (root,)}
    for change in wanted:
        if change.is_suppressed:
            if change.device_name == image.root_device_name:
                raise ApiError(
                    "InvalidBlockDeviceMapping",
                    f"The root device {change.device_name} can't be left out.",
                )
            devices.pop(change.device_name, None)
        elif change.virtual_name is None:
            before = devices.get(change.device_name)
            devices[change.device_name] = change_device(rows, before, change)
    # An instance store has no volume, and no type here has one.
    return tuple(device for device in devices.values() if device.virtual_name is None)


def change_device(rows: Reading, before: ImageDevice | None, change: WantedDevice) -> ImageDevice:
    """Return a device as a request changes it, or a new one; `ApiError` if it can't be so."""
    device = before or ImageDevice(device_name=change.device_name)
    snapshot_id = change.snapshot_id
    if snapshot_id is not None and rows.find(SNAPSHOTS, snapshot_id) is None:
        raise ApiError("InvalidSnapshot.NotFound", f"The snapshot '{snapshot_id}' does not exist.")
    source = rows.find(SNAPSHOTS, snapshot_id or device.snapshot_id or "")
    least = source.size_gib if source is not None else 1
    if change.size_gib is None and before is None and source is None:
        raise ApiError(
            "MissingParameter",
            f"The request must contain the parameter size or snapshotId: {change.device_name} "
            "has neither.",
        )
    size = change.size_gib or (device.size_gib if before is not None else least)
    if size < least:
        raise ApiError(
            "InvalidBlockDeviceMapping",
            f"Volume of size {size}GB is smaller than snapshot "
            f"'{source.id if source is not None else ''}', expect size>= {least}GB",
        )
    return replace(
        device,
        size_gib=size,
        snapshot_id=SnapshotId(snapshot_id) if snapshot_id else device.snapshot_id,
        volume_type=change.volume_type or device.volume_type,
        iops=change.iops if change.iops is not None else device.iops,
        throughput=change.throughput if change.throughput is not None else device.throughput,
        encrypted=change.encrypted if change.encrypted is not None else device.encrypted,
        delete_on_termination=(
            change.delete_on_termination
            if change.delete_on_termination is not None
            else device.delete_on_termination
        ),
    )


# --- options ------------------------------------------------------------------------


def _choose_metadata(image: Image, given: Mapping[str, Any]) -> MetadataOptions:
    # An image made for IMDSv2 makes its instances ask so, from further away: containers do.
    is_v2 = image.imds_support == "v2.0"
    return MetadataOptions(
        http_endpoint=given.get("HttpEndpoint", "enabled"),
        http_tokens=given.get("HttpTokens", "required" if is_v2 else "optional"),
        hop_limit=given.get("HttpPutResponseHopLimit", 2 if is_v2 else 1),
        http_protocol_ipv6=given.get("HttpProtocolIpv6", "disabled"),
        instance_metadata_tags=given.get("InstanceMetadataTags", "disabled"),
    )


def _choose_credits(instance_type: InstanceType, given: str | None) -> str:
    if given is not None and given not in {"standard", "unlimited"}:
        raise ApiError(
            "InvalidParameterValue",
            f"Value ({given}) for parameter CpuCredits is invalid. Valid values: standard, "
            "unlimited.",
        )
    return given or ("standard" if instance_type.family == "t2" else "unlimited")


def find_profile(rows: Reading, given: str | None) -> str | None:
    """Return the name of the profile that a request names, or gives the ARN of."""
    if given is None:
        return None
    name = given.rpartition("/")[2]
    found = rows.find(INSTANCE_PROFILES, name)
    if found is None or (given != name and given != found.arn):
        what = "name" if given == name else "arn"
        raise ApiError(
            "InvalidParameterValue",
            f"Value ({given}) for parameter iamInstanceProfile.{what} is invalid. "
            f"Invalid IAM Instance Profile {'name' if given == name else 'ARN'}",
        )
    return name
