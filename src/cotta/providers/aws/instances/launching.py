"""An instance as RunInstances is told of it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.instances.fields import (
    DNS,
    EPHEMERAL,
    FIELDS,
    INTERFACE,
    MARKET,
    METADATA,
    PROCESSORS,
    RESERVATION,
    TEMPLATE,
    user_data_content,
)
from cotta.providers.aws.tags import as_list
from cotta.providers.aws.wire import to_wire

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields, Nested

_PLAIN: Final = {
    "ami": "ImageId",
    "disable_api_stop": "DisableApiStop",
    "disable_api_termination": "DisableApiTermination",
    "ebs_optimized": "EbsOptimized",
    "enable_primary_ipv6": "EnablePrimaryIpv6",
    "instance_initiated_shutdown_behavior": "InstanceInitiatedShutdownBehavior",
    "instance_type": "InstanceType",
    "key_name": "KeyName",
}
_PLACEMENT: Final = {
    "availability_zone": "AvailabilityZone",
    "host_id": "HostId",
    "host_resource_group_arn": "HostResourceGroupArn",
    "placement_group": "GroupName",
    "placement_partition_number": "PartitionNumber",
    "tenancy": "Tenancy",
}
_BLOCKS: Final[dict[str, tuple[str, Nested]]] = {
    "capacity_reservation_specification": ("CapacityReservationSpecification", RESERVATION),
    "cpu_options": ("CpuOptions", PROCESSORS),
    "instance_market_options": ("InstanceMarketOptions", MARKET),
    "metadata_options": ("MetadataOptions", METADATA),
    "private_dns_name_options": ("PrivateDnsNameOptions", DNS),
}


def launch(on: Connection, wanted: Fields, root_device: str | None) -> dict[str, Any]:
    """Return the parameters of RunInstances; `root_device` is the name of the image's own."""
    parameters = {
        **_members(wanted, _PLAIN),
        "MinCount": 1,
        "MaxCount": 1,
        "Placement": _members(wanted, _PLACEMENT),
        "BlockDeviceMappings": _devices(wanted, root_device),
        "TagSpecifications": _tags(on, wanted),
        "UserData": user_data_of(on, wanted),
        **_network(wanted),
    }
    for name, (member, nested) in _BLOCKS.items():
        if wanted[name]:
            parameters[member] = to_wire(nested.fields, wanted[name][0] or {})
    for name, member in (
        ("credit_specification", "CreditSpecification"),
        ("enclave_options", "EnclaveOptions"),
        ("maintenance_options", "MaintenanceOptions"),
    ):
        field = FIELDS[name]
        if wanted[name]:
            parameters[member] = to_wire(field.fields, wanted[name][0] or {})  # type: ignore[union-attr]  # a block
    if wanted["hibernation"]:
        parameters["HibernationOptions"] = {"Configured": True}
    if wanted["iam_instance_profile"]:
        parameters["IamInstanceProfile"] = {"Name": wanted["iam_instance_profile"]}
    if wanted["monitoring"] is not None:
        parameters["Monitoring"] = {"Enabled": wanted["monitoring"]}
    if wanted["launch_template"]:
        template = to_wire(TEMPLATE.fields, wanted["launch_template"][0])
        if "LaunchTemplateId" in template:
            template.pop("LaunchTemplateName", None)
        parameters["LaunchTemplate"] = template
    return {name: value for name, value in parameters.items() if value not in (None, "", [], {})}


def user_data_of(on: Connection, wanted: Fields) -> bytes | None:
    """Return the content of user data, which botocore writes in base64; None for none.

    What is stored of `user_data` is a hash, so its words are the configuration's.
    """
    if wanted["user_data_base64"]:
        return base64.b64decode(wanted["user_data_base64"])
    words = on.config.get("user_data")
    return user_data_content(words) if isinstance(words, str) else None


def _members(wanted: Fields, names: dict[str, str]) -> dict[str, Any]:
    return {
        member: wanted[name] for name, member in names.items() if wanted[name] not in (None, "")
    }


def _network(wanted: Fields) -> dict[str, Any]:
    if wanted["network_interface"]:
        interfaces = [to_wire(INTERFACE.fields, each) for each in wanted["network_interface"]]
        return {"NetworkInterfaces": interfaces}
    secondary = [{"PrivateIpAddress": each} for each in wanted["secondary_private_ips"] or ()]
    if wanted["associate_public_ip_address"] is None and not secondary:
        return {
            "SubnetId": wanted["subnet_id"],
            "PrivateIpAddress": wanted["private_ip"],
            "SecurityGroupIds": wanted["vpc_security_group_ids"],
            "SecurityGroups": wanted["security_groups"],
            "Ipv6AddressCount": wanted["ipv6_address_count"] or None,
            "Ipv6Addresses": [{"Ipv6Address": each} for each in wanted["ipv6_addresses"] or ()],
        }
    interface = {
        "DeviceIndex": 0,
        "AssociatePublicIpAddress": wanted["associate_public_ip_address"],
        "SubnetId": wanted["subnet_id"],
        "PrivateIpAddress": wanted["private_ip"],
        "PrivateIpAddresses": [
            {"PrivateIpAddress": each["PrivateIpAddress"]} for each in secondary
        ],
        "Groups": wanted["vpc_security_group_ids"],
        "Ipv6AddressCount": wanted["ipv6_address_count"] or None,
    }
    given = {name: value for name, value in interface.items() if value not in (None, "", [])}
    return {"NetworkInterfaces": [given]}


_DISK_MEMBERS: Final = (
    ("delete_on_termination", "DeleteOnTermination"),
    ("encrypted", "Encrypted"),
    ("iops", "Iops"),
    ("kms_key_id", "KmsKeyId"),
    ("snapshot_id", "SnapshotId"),
    ("throughput", "Throughput"),
    ("volume_size", "VolumeSize"),
    ("volume_type", "VolumeType"),
)


def _devices(wanted: Fields, root_device: str | None) -> list[dict[str, Any]]:
    devices = [
        {"DeviceName": each["device_name"], "Ebs": _ebs(each)}
        for each in wanted["ebs_block_device"] or ()
    ]
    if wanted["root_block_device"] and root_device:
        devices.append({"DeviceName": root_device, "Ebs": _ebs(wanted["root_block_device"][0])})
    for each in wanted["ephemeral_block_device"] or ():
        device = to_wire(EPHEMERAL.fields, each)
        if device.pop("NoDevice", False):
            device["NoDevice"] = ""
        devices.append(device)
    return devices


def _ebs(disk: Fields) -> dict[str, Any]:
    return {
        member: disk[name]
        for name, member in _DISK_MEMBERS
        if disk.get(name) not in (None, "", 0) or disk.get(name) is False
    }


def _tags(on: Connection, wanted: Fields) -> list[dict[str, Any]]:
    return [
        {"ResourceType": kind, "Tags": as_list(tags)}
        for kind, tags in (
            ("instance", wanted["tags_all"]),
            ("volume", on.tags.all_of(wanted["volume_tags"]) if wanted["volume_tags"] else {}),
        )
        if tags
    ]
