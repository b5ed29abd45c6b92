"""`data "aws_ami"`: the image that fits, or the newest of those that do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cotta.providers.aws.complaints import NothingFoundError
from cotta.providers.aws.data_sources.finding import FILTER, listed, tags_of, texts, truths
from cotta.providers.aws.data_sources.image_search import (
    SEARCH,
    find_images,
    has_owner,
    newest_first,
    with_name,
)
from cotta.providers.aws.declare import DataSource, computed, either, optional, timeouts
from cotta.values.types import BOOL, STRING, ListType, MapType, ObjectType, SetType

if TYPE_CHECKING:
    from cotta.providers.aws.connection import Connection
    from cotta.providers.aws.declare import Fields

_UNSAFE: Final = (
    'The newest image is taken ("most_recent"), and neither "owners" nor a filter on "owner-id" or '
    '"image-id" says whose it must be: whoever publishes an image with a fitting name later '
    'decides what is launched. Set owners = ["self"], or the account number of who builds the '
    "images. Version 6 of the official provider refuses this."
)


def _read(on: Connection, config: Fields) -> Fields:
    images = find_images(on, config)
    fitting = with_name(images, config["name_regex"])
    if not fitting:
        raise _nothing(on, config, images)
    ordered = newest_first(fitting)
    if len(ordered) > 1 and not config["most_recent"]:
        raise NothingFoundError(
            "Several images found",
            f"{len(ordered)} images fit the arguments and filters of this block, and it stands for "
            f"one; the newest first: {listed([_named(one) for one in ordered])}. Narrow "
            "them down, or set most_recent = true for the newest one.",
        )
    return _attributes(on, ordered[0], config)


def _nothing(on: Connection, config: Fields, images: list[Any]) -> NothingFoundError:
    """Return the complaint, with what there is if one of the arguments were looser."""
    if config["name_regex"] and images:
        names = [_named(one) for one in newest_first(images)]
        return NothingFoundError(
            "No image found",
            f'{len(images)} images fit but for "name_regex", which none of their names match: '
            f"{listed(names)}.",
            "name_regex",
        )
    owners = config["owners"]
    if owners and (config["filter"] or config["executable_users"]):
        theirs = newest_first(find_images(on, {**config, "filter": [], "executable_users": None}))
        if theirs:
            return NothingFoundError(
                "No image found",
                f"No image fits the filters of this block. Without them there are {len(theirs)} of "
                f"these owners, the newest first: {listed([_named(one) for one in theirs])}.",
            )
    who = f"owned by {' or '.join(owners)} " if owners else ""
    return NothingFoundError(
        "No image found",
        f"There is no image {who}in this region that fits the arguments of this block. Build one, "
        "or see whether owner, region and account are those that are meant.",
        "owners" if owners else "",
    )


def _named(image: Any) -> str:
    return f"{image.get('Name', 'unnamed')} ({image['ImageId']}, {image.get('CreationDate', '?')})"


def _attributes(on: Connection, image: Any, config: Fields) -> Fields:
    reason = image.get("StateReason") or {"Code": "UNSET", "Message": "UNSET"}
    session = on.session
    return {
        **texts(
            image,
            id="ImageId",
            image_id="ImageId",
            architecture="Architecture",
            boot_mode="BootMode",
            creation_date="CreationDate",
            deprecation_time="DeprecationTime",
            description="Description",
            hypervisor="Hypervisor",
            image_location="ImageLocation",
            image_owner_alias="ImageOwnerAlias",
            image_type="ImageType",
            imds_support="ImdsSupport",
            kernel_id="KernelId",
            last_launched_time="LastLaunchedTime",
            name="Name",
            owner_id="OwnerId",
            platform="Platform",
            platform_details="PlatformDetails",
            ramdisk_id="RamdiskId",
            root_device_name="RootDeviceName",
            root_device_type="RootDeviceType",
            sriov_net_support="SriovNetSupport",
            state="State",
            tpm_support="TpmSupport",
            usage_operation="UsageOperation",
            virtualization_type="VirtualizationType",
        ),
        **truths(image, ena_support="EnaSupport", public="Public"),
        "arn": f"arn:{session.partition()}:ec2:{session.region}::image/{image['ImageId']}",
        "block_device_mappings": [_device(one) for one in image.get("BlockDeviceMappings", [])],
        "include_deprecated": bool(config["include_deprecated"]),
        "most_recent": bool(config["most_recent"]),
        "product_codes": [
            {"product_code_id": one["ProductCodeId"], "product_code_type": one["ProductCodeType"]}
            for one in image.get("ProductCodes", [])
        ],
        "root_snapshot_id": _root_snapshot(image),
        "state_reason": {"code": reason["Code"], "message": reason["Message"]},
        "tags": tags_of(on, image.get("Tags")),
    }


def _device(device: Any) -> Fields:
    ebs = device.get("Ebs")
    return {
        **texts(device, device_name="DeviceName", virtual_name="VirtualName"),
        "no_device": "",
        "ebs": None if ebs is None else {
            "delete_on_termination": _flag(ebs.get("DeleteOnTermination")),
            "encrypted": _flag(ebs.get("Encrypted")),
            "iops": str(ebs.get("Iops", 0)),
            "snapshot_id": ebs.get("SnapshotId", ""),
            "throughput": str(ebs.get("Throughput", 0)),
            "volume_initialization_rate": str(ebs.get("VolumeInitializationRate", 0)),
            "volume_size": str(ebs.get("VolumeSize", 0)),
            "volume_type": ebs.get("VolumeType", ""),
        },
    }  # fmt: skip


def _flag(value: Any) -> str:
    return str(bool(value)).lower()


def _root_snapshot(image: Any) -> str:
    for device in image.get("BlockDeviceMappings", []):
        if device.get("DeviceName") == image.get("RootDeviceName"):
            return str(device.get("Ebs", {}).get("SnapshotId", ""))
    return ""


def _caution(config: Fields) -> list[tuple[str, str]]:
    unsafe = config["most_recent"] and not has_owner(config)
    return [("Most recent image of anybody", _UNSAFE)] if unsafe else []


_TEXTS: Final = (
    "architecture", "arn", "boot_mode", "creation_date", "deprecation_time", "description",
    "hypervisor", "image_id", "image_location", "image_owner_alias", "image_type", "imds_support",
    "kernel_id", "last_launched_time", "name", "owner_id", "platform", "platform_details",
    "ramdisk_id", "root_device_name", "root_device_type", "root_snapshot_id", "sriov_net_support",
    "state", "tpm_support", "usage_operation", "virtualization_type",
)  # fmt: skip

DATA_SOURCE: Final = DataSource(
    name="aws_ami",
    fields={
        **SEARCH,
        **{name: computed(STRING) for name in _TEXTS},
        "block_device_mappings": computed(
            SetType(
                ObjectType(
                    {
                        "device_name": STRING,
                        "ebs": MapType(STRING),
                        "no_device": STRING,
                        "virtual_name": STRING,
                    }
                )
            )
        ),
        "ena_support": computed(BOOL),
        "filter": FILTER,
        "id": either(STRING),
        "most_recent": optional(BOOL),
        "owners": optional(ListType(STRING)),
        "product_codes": computed(
            SetType(ObjectType({"product_code_id": STRING, "product_code_type": STRING}))
        ),
        "public": computed(BOOL),
        "state_reason": computed(MapType(STRING)),
        "tags": either(MapType(STRING)),
        "timeouts": timeouts("read"),
        "uefi_data": optional(STRING),
    },
    read=_read,
    caution=_caution,
)
