"""An instance as AWS describes it, and its volumes: asked for in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.clouds.errors import CloudError
from cotta.providers.aws.instances.fields import (
    DNS,
    FIELDS,
    METADATA,
    PROCESSORS,
    RESERVATION,
)
from cotta.providers.aws.reading import Lookup, by_filter
from cotta.providers.aws.tags import as_dict
from cotta.providers.aws.wire import from_wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cotta.clouds.session import Session
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields
    from cotta.providers.aws.reading import Item

_OVER: Final = ("terminated", "shutting-down")


def _ask_instances(session: Session, ids: Sequence[str]) -> Iterable[Item]:
    filters = [{"Name": "instance-id", "Values": list(ids)}]
    for each in session.pages("ec2", "DescribeInstances", "Reservations", Filters=filters):
        yield from each["Instances"]


def _ask_volumes(session: Session, ids: Sequence[str]) -> Iterable[Item]:
    found: dict[str, list[Item]] = {id_: [] for id_ in ids}
    filters = [{"Name": "attachment.instance-id", "Values": list(ids)}]
    for volume in session.pages("ec2", "DescribeVolumes", "Volumes", Filters=filters):
        for attachment in volume["Attachments"]:
            found.setdefault(attachment["InstanceId"], []).append(volume)
    return [{"InstanceId": id_, "Volumes": volumes} for id_, volumes in found.items()]


def _by_instance(item: Item) -> str:
    return str(item["InstanceId"])


INSTANCE: Final = Lookup(ask=_ask_instances, identify=_by_instance)
VOLUMES: Final = Lookup(ask=_ask_volumes, identify=_by_instance)
VPC: Final = by_filter("ec2", "DescribeVpcs", "Vpcs", "vpc-id", "VpcId")


def find_instance(on: Connection, id_: str) -> Item | None:
    """Return an instance that is not over; None if there is none."""
    found = on.find(INSTANCE, id_)
    return None if found is None or found["State"]["Name"] in _OVER else found


def attributes_of(on: Connection, found: Item, prior: Fields) -> Fields:
    """Return all that is known of an instance."""
    id_ = found["InstanceId"]
    placement = found.get("Placement", {})
    volumes = (on.find(VOLUMES, id_) or {"Volumes": []})["Volumes"]
    return {
        "ami": found.get("ImageId"),
        "arn": on.arn("ec2", f"instance/{id_}"),
        "availability_zone": placement.get("AvailabilityZone"),
        "ebs_optimized": found.get("EbsOptimized"),
        "hibernation": found.get("HibernationOptions", {}).get("Configured"),
        "host_id": placement.get("HostId"),
        "host_resource_group_arn": placement.get("HostResourceGroupArn"),
        "iam_instance_profile": found.get("IamInstanceProfile", {})
        .get("Arn", "")
        .rpartition("/")[2],
        "instance_lifecycle": found.get("InstanceLifecycle"),
        "instance_state": found["State"]["Name"],
        "instance_type": found["InstanceType"],
        "key_name": found.get("KeyName"),
        "monitoring": found.get("Monitoring", {}).get("State") in ("enabled", "pending"),
        "outpost_arn": found.get("OutpostArn"),
        "password_data": prior.get("password_data"),
        "placement_group": placement.get("GroupName"),
        "placement_partition_number": placement.get("PartitionNumber"),
        "spot_instance_request_id": found.get("SpotInstanceRequestId"),
        "tenancy": placement.get("Tenancy"),
        **_network(on, found),
        **_processors(found),
        **_options(on, found),
        **_asked_alone(on, id_),
        **_disks(on, found, volumes, prior),
        **on.tags.found(as_dict(found.get("Tags")), prior),
    }


def _network(on: Connection, found: Item) -> Fields:
    interfaces = found.get("NetworkInterfaces", [])
    primary: Item = next(
        (each for each in interfaces if each["Attachment"]["DeviceIndex"] == 0), {}
    )
    groups = found.get("SecurityGroups", [])
    vpc = on.find(VPC, found["VpcId"]) if found.get("VpcId") else None
    addresses = primary.get("PrivateIpAddresses", [])
    return {
        "associate_public_ip_address": "Association" in primary,
        "ipv6_address_count": len(primary.get("Ipv6Addresses", [])),
        "ipv6_addresses": [each["Ipv6Address"] for each in primary.get("Ipv6Addresses", [])],
        "primary_network_interface_id": primary.get("NetworkInterfaceId"),
        "private_dns": found.get("PrivateDnsName"),
        "private_ip": found.get("PrivateIpAddress"),
        "public_dns": found.get("PublicDnsName"),
        "public_ip": found.get("PublicIpAddress"),
        "secondary_private_ips": [
            each["PrivateIpAddress"] for each in addresses if not each["Primary"]
        ],
        # By their names in a default network alone, as the official provider has it.
        "security_groups": [each["GroupName"] for each in groups]
        if vpc is not None and vpc["IsDefault"]
        else [],
        "source_dest_check": primary.get("SourceDestCheck", found.get("SourceDestCheck")),
        "subnet_id": found.get("SubnetId"),
        "vpc_security_group_ids": [each["GroupId"] for each in groups],
    }


def _processors(found: Item) -> Fields:
    options = found.get("CpuOptions")
    if options is None:
        return {}
    return {
        "cpu_core_count": options.get("CoreCount"),
        "cpu_threads_per_core": options.get("ThreadsPerCore"),
        "cpu_options": [from_wire(PROCESSORS.fields, options)],
    }


def _options(on: Connection, found: Item) -> Fields:
    parts: Fields = {}
    for name, member, fields in (
        (
            "capacity_reservation_specification",
            "CapacityReservationSpecification",
            RESERVATION.fields,
        ),
        ("metadata_options", "MetadataOptions", METADATA.fields),
        ("private_dns_name_options", "PrivateDnsNameOptions", DNS.fields),
        ("maintenance_options", "MaintenanceOptions", _inner("maintenance_options")),
        ("enclave_options", "EnclaveOptions", _inner("enclave_options")),
    ):
        if member in found:
            parts[name] = [from_wire(fields, found[member])]
    if found["InstanceType"].startswith("t"):
        try:
            answer = on.call(
                "ec2", "DescribeInstanceCreditSpecifications", InstanceIds=[found["InstanceId"]]
            )
        except CloudError:
            # Not every AWS that is none knows of credits.
            return parts
        parts["credit_specification"] = [
            {"cpu_credits": each.get("CpuCredits")}
            for each in answer["InstanceCreditSpecifications"]
        ]
    return parts


def _inner(name: str) -> Any:
    return FIELDS[name].fields  # type: ignore[union-attr]  # a block


_ALONE: Final = (
    ("disable_api_stop", "disableApiStop", "DisableApiStop"),
    ("disable_api_termination", "disableApiTermination", "DisableApiTermination"),
    (
        "instance_initiated_shutdown_behavior",
        "instanceInitiatedShutdownBehavior",
        "InstanceInitiatedShutdownBehavior",
    ),
)


def _asked_alone(on: Connection, id_: str) -> Fields:
    """Return what AWS tells of one instance and one attribute at a time."""
    found: Fields = {}
    for name, attribute, member in _ALONE:
        try:
            answer = on.call(
                "ec2", "DescribeInstanceAttribute", InstanceId=id_, Attribute=attribute
            )
        except CloudError as error:
            if error.is_missing:
                raise
            continue
        found[name] = answer.get(member, {}).get("Value")
    return found


def _disks(on: Connection, found: Item, volumes: list[Item], prior: Fields) -> Fields:
    mappings = {each["Ebs"]["VolumeId"]: each for each in found.get("BlockDeviceMappings", [])}
    root: list[Fields] = []
    others: list[Fields] = []
    for volume in volumes:
        mapping = mappings.get(volume["VolumeId"])
        if mapping is None:
            continue
        is_root = mapping["DeviceName"] == found.get("RootDeviceName")
        before = _disk_before(prior, mapping["DeviceName"], is_root=is_root)
        disk = _disk(on, volume, mapping, before, prior)
        if is_root:
            # The image's own: no attribute of the block.
            del disk["snapshot_id"]
        (root if is_root else others).append(disk)
    return {"root_block_device": root, "ebs_block_device": others}


def _disk_before(prior: Fields, device: str, *, is_root: bool) -> Fields:
    blocks = prior.get("root_block_device" if is_root else "ebs_block_device") or ()
    return next((each for each in blocks if is_root or each["device_name"] == device), {})


def _disk(on: Connection, volume: Item, mapping: Item, before: Fields, prior: Fields) -> Fields:
    tags = as_dict(volume.get("Tags"))
    if prior.get("volume_tags"):
        # They are told of all volumes together.
        tags = {}
    return {
        "delete_on_termination": mapping["Ebs"]["DeleteOnTermination"],
        "device_name": mapping["DeviceName"],
        "encrypted": volume["Encrypted"],
        "iops": volume.get("Iops"),
        "kms_key_id": volume.get("KmsKeyId"),
        "snapshot_id": volume.get("SnapshotId"),
        "throughput": volume.get("Throughput"),
        "volume_id": volume["VolumeId"],
        "volume_size": volume["Size"],
        "volume_type": volume["VolumeType"],
        **on.tags.found(tags, before),
    }
