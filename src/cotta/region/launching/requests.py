"""What instances are asked for: parameters, merged with a launch template, as a record.

RunInstances and Auto Scaling ask alike: `read_launch` takes what RunInstances does.
Whoever wants another subnet than a template says replaces that in the record.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.tags import tags_for
from cotta.region.model import LaunchedFrom, SecurityGroupId, SubnetId
from cotta.region.numbers import parse_decimal
from cotta.region.store.kinds import LAUNCH_TEMPLATE_VERSIONS, LAUNCH_TEMPLATES, version_key
from cotta.region.wire.errors import ApiError
from cotta.region.zones import zone_letter

if TYPE_CHECKING:
    from cotta.region.model import LaunchTemplate, LaunchTemplateVersion
    from cotta.region.store.store import Reading

_LARGEST_USER_DATA: Final = 16 * 1024

# What a launch can tag; the rest of AWS's kinds is made by nothing here.
TAGGABLE: Final = ("instance", "volume", "network-interface")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDevice:
    """A block device in a request: it changes the image's of that name, or adds one."""

    device_name: str
    size_gib: int | None = None
    snapshot_id: str | None = None
    volume_type: str | None = None
    iops: int | None = None
    throughput: int | None = None
    encrypted: bool | None = None
    delete_on_termination: bool | None = None
    virtual_name: str | None = None
    # The image's device of that name is left out.
    is_suppressed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchRequest:
    """What instances are to be started: `least` of them at least, `most` if there is room.

    None leaves a choice to the image, the subnet or the region.
    """

    image_id: str
    instance_type: str = "m1.small"
    least: int = 1
    most: int = 1
    subnet_id: SubnetId | None = None
    zone: str | None = None
    private_ip: str | None = None
    security_groups: tuple[SecurityGroupId, ...] = ()
    group_names: tuple[str, ...] = ()
    with_public_ip: bool | None = None
    interface_description: str = ""
    interface_ends_with_instance: bool = True
    devices: tuple[WantedDevice, ...] = ()
    key_name: str | None = None
    # By its name or its ARN.
    instance_profile: str | None = None
    user_data: str | None = None
    client_token: str = ""
    shutdown_behavior: str = "stop"
    monitoring: bool = False
    ebs_optimized: bool = False
    disable_api_termination: bool = False
    disable_api_stop: bool = False
    credit_specification: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    launched_from: LaunchedFrom | None = None
    # By the kind of what they are put on.
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


# --- launch templates ----------------------------------------------------------------


def find_template(rows: Reading, specification: Mapping[str, Any]) -> LaunchTemplate:
    """Return the template that a request names by id or by name; `ApiError` if it does not."""
    template_id = specification.get("LaunchTemplateId")
    name = specification.get("LaunchTemplateName")
    if (template_id is None) == (name is None):
        raise ApiError(
            "InvalidRequest" if template_id else "MissingParameter",
            "Either the launch template's id or its name must be given, and not both.",
        )
    if template_id is not None:
        if not template_id.startswith("lt-"):
            raise ApiError(
                "InvalidLaunchTemplateId.Malformed",
                f"Invalid id: '{template_id}' (expecting 'lt-...')",
            )
        template = rows.find(LAUNCH_TEMPLATES, template_id)
        if template is None:
            raise ApiError(
                "InvalidLaunchTemplateId.NotFound",
                f"The specified launch template, with template ID {template_id}, does not exist.",
            )
        return template
    named = rows.all(LAUNCH_TEMPLATES, name=name)
    if not named:
        raise ApiError(
            "InvalidLaunchTemplateName.NotFoundException",
            f"The specified launch template, with template name {name}, does not exist.",
        )
    return named[0]


def find_version(
    rows: Reading, template: LaunchTemplate, version: str | None
) -> LaunchTemplateVersion:
    """Return a version of a template: `$Latest`, `$Default` (None too) or a number."""
    numbers = {
        None: template.default_version,
        "": template.default_version,
        "$Default": template.default_version,
        "$Latest": template.latest_version,
    }
    number = numbers.get(version)
    if number is None:
        number = parse_decimal(version or "")
        if number is None:
            raise ApiError(
                "InvalidLaunchTemplateId.VersionMalformed",
                f"The version '{version}' is neither a number nor $Latest nor $Default.",
            )
    found = rows.find(LAUNCH_TEMPLATE_VERSIONS, version_key(template.id, number))
    if found is None:
        raise ApiError(
            "InvalidLaunchTemplateId.VersionNotFound",
            f"Could not find the specified version {version} for the launch template with ID "
            f"{template.id}.",
        )
    return found


def merge_template(
    rows: Reading, specification: Mapping[str, Any], given: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], LaunchedFrom]:
    """Return a template version's contents with `given` over them, and which version it was.

    `specification` is the API's `LaunchTemplateSpecification`.  What is given wins; of devices,
    network interfaces and tags that is so for each device, interface and kind by itself.
    """
    template = find_template(rows, specification)
    version = find_version(rows, template, specification.get("Version"))
    merged: dict[str, Any] = dict(version.contents)
    for name, value in (given or {}).items():
        if name in merged and name in _LISTS_BY:
            value = _merge_lists(merged[name], value, _LISTS_BY[name])  # noqa: PLW2901
        elif isinstance(value, Mapping) and isinstance(merged.get(name), Mapping):
            value = {**merged[name], **value}  # noqa: PLW2901
        merged[name] = value
    source = LaunchedFrom(
        template_id=template.id, template_name=template.name, version=version.version
    )
    return merged, source


# What names a member of a list, so that a request's is put in the place of the template's.
_LISTS_BY: Final = {
    "BlockDeviceMappings": "DeviceName",
    "NetworkInterfaces": "DeviceIndex",
    "TagSpecifications": "ResourceType",
}


def _merge_lists(
    under: Sequence[Mapping[str, Any]], over: Sequence[Mapping[str, Any]], key: str
) -> list[Mapping[str, Any]]:
    merged = {member.get(key): dict(member) for member in under}
    for member in over:
        merged[member.get(key)] = {**merged.get(member.get(key), {}), **member}
    return list(merged.values())


# --- parameters ---------------------------------------------------------------------


def read_launch(rows: Reading, parameters: Mapping[str, Any]) -> LaunchRequest:
    """Return what RunInstances' parameters ask for, its launch template merged in.

    Raises `ApiError` for what makes no sense, and for what this region can't do.
    """
    launched_from = None
    given = dict(parameters)
    specification = given.pop("LaunchTemplate", None)
    if specification is not None:
        given, launched_from = merge_template(rows, specification, given)
    _refuse_what_there_is_none_of(given)
    interface = _interface(given)
    if not given.get("ImageId"):
        raise ApiError("MissingParameter", "The request must contain the parameter ImageId")
    subnet = interface.get("SubnetId") or given.get("SubnetId")
    placement = given.get("Placement", {})
    zone = placement.get("AvailabilityZone") or placement.get("AvailabilityZoneId")
    profile = given.get("IamInstanceProfile", {})
    specifications = [
        one
        for one in given.get("TagSpecifications", ())
        if one.get("ResourceType") != "spot-instances-request"
    ]
    return LaunchRequest(
        image_id=given["ImageId"],
        instance_type=given.get("InstanceType", "m1.small"),
        least=given.get("MinCount", 1),
        most=given.get("MaxCount", given.get("MinCount", 1)),
        subnet_id=SubnetId(subnet) if subnet else None,
        zone=zone_letter(zone) if zone else None,
        private_ip=_private_ip(given, interface),
        security_groups=tuple(interface.get("Groups") or given.get("SecurityGroupIds", ())),
        group_names=tuple(given.get("SecurityGroups", ())),
        with_public_ip=interface.get("AssociatePublicIpAddress"),
        interface_description=interface.get("Description", ""),
        interface_ends_with_instance=interface.get("DeleteOnTermination", True),
        devices=read_devices(given.get("BlockDeviceMappings", ())),
        key_name=given.get("KeyName") or None,
        instance_profile=profile.get("Name") or profile.get("Arn"),
        user_data=check_user_data(given.get("UserData")),
        client_token=given.get("ClientToken", ""),
        shutdown_behavior=given.get("InstanceInitiatedShutdownBehavior", "stop"),
        monitoring=given.get("Monitoring", {}).get("Enabled", False),
        ebs_optimized=given.get("EbsOptimized", False),
        disable_api_termination=given.get("DisableApiTermination", False),
        disable_api_stop=given.get("DisableApiStop", False),
        credit_specification=given.get("CreditSpecification", {}).get("CpuCredits"),
        metadata=given.get("MetadataOptions", {}),
        launched_from=launched_from,
        tags={kind: tags_for(specifications, kind, allowed=TAGGABLE) for kind in TAGGABLE},
    )


def _refuse_what_there_is_none_of(given: Mapping[str, Any]) -> None:
    """Refuse what would make a promise that nothing here keeps."""
    wanted = {
        "spot instances": bool(given.get("InstanceMarketOptions", {}).get("MarketType")),
        "instance requirements in the place of an instance type": "InstanceRequirements" in given,
        "IPv6 addresses": bool(given.get("Ipv6AddressCount") or given.get("Ipv6Addresses")),
        "dedicated hosts": given.get("Placement", {}).get("Tenancy", "default") != "default",
        "enclaves": given.get("EnclaveOptions", {}).get("Enabled", False),
        "hibernation": given.get("HibernationOptions", {}).get("Configured", False),
        "kernels of their own": bool(given.get("KernelId")),
    }
    asked = [what for what, is_wanted in wanted.items() if is_wanted]
    if asked:
        raise ApiError(
            "UnsupportedOperation",
            f"The local region has no {' and no '.join(asked)}. Leave that out of the request.",
        )


def _interface(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the network interface that a request describes, if it does."""
    interfaces: Sequence[Mapping[str, Any]] = given.get("NetworkInterfaces", ())
    if not interfaces:
        return {}
    if len(interfaces) > 1 or interfaces[0].get("DeviceIndex", 0) != 0:
        raise ApiError(
            "UnsupportedOperation",
            "An instance of the local region has one network interface, with the device index 0.",
        )
    (interface,) = interfaces
    if interface.get("NetworkInterfaceId"):
        raise ApiError(
            "UnsupportedOperation",
            "The local region makes an instance's network interface together with it: one that is "
            "there already can't be given to it.",
        )
    for name, what in (
        ("SubnetId", "subnet ID"),
        ("SecurityGroupIds", "security groups"),
        ("SecurityGroups", "security groups"),
        ("PrivateIpAddress", "private address"),
    ):
        if given.get(name):
            raise ApiError(
                "InvalidParameterCombination",
                f"Network interfaces and an instance-level {what} may not be specified on the "
                "same request",
            )
    return interface


def _private_ip(given: Mapping[str, Any], interface: Mapping[str, Any]) -> str | None:
    address = interface.get("PrivateIpAddress") or given.get("PrivateIpAddress")
    listed = interface.get("PrivateIpAddresses", ())
    if len(listed) > 1 or interface.get("SecondaryPrivateIpAddressCount"):
        raise ApiError(
            "UnsupportedOperation", "An instance of the local region has one private address."
        )
    if address is None and listed:
        address = listed[0].get("PrivateIpAddress")
    return str(address) if address else None


def check_user_data(user_data: str | None) -> str | None:
    """Return user data as it was given, in base64; `ApiError` if it is not, or too long."""
    if not user_data:
        return None
    try:
        plain = base64.b64decode(user_data, validate=True)
    except (ValueError, binascii.Error):
        raise ApiError(
            "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data."
        ) from None
    if len(plain) > _LARGEST_USER_DATA:
        raise ApiError(
            "InvalidParameterValue", f"User data is limited to {_LARGEST_USER_DATA} bytes"
        )
    return user_data


def read_devices(mappings: Sequence[Mapping[str, Any]]) -> tuple[WantedDevice, ...]:
    """Return a request's `BlockDeviceMappings`."""
    devices = []
    for mapping in mappings:
        name = mapping.get("DeviceName")
        if not name:
            raise ApiError(
                "InvalidBlockDeviceMapping", "Each block device needs a name, '/dev/sdb' say."
            )
        volume = mapping.get("Ebs", {})
        devices.append(
            WantedDevice(
                device_name=name,
                size_gib=volume.get("VolumeSize"),
                snapshot_id=volume.get("SnapshotId"),
                volume_type=volume.get("VolumeType"),
                iops=volume.get("Iops"),
                throughput=volume.get("Throughput"),
                encrypted=volume.get("Encrypted"),
                delete_on_termination=volume.get("DeleteOnTermination"),
                virtual_name=mapping.get("VirtualName"),
                is_suppressed=mapping.get("NoDevice") is not None,
            )
        )
    names = [device.device_name for device in devices]
    if len(set(names)) < len(names):
        raise ApiError("InvalidBlockDeviceMapping", "A device name is there more than once.")
    return tuple(devices)
