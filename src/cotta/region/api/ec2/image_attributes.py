"""What can be changed of an image: its description, whom it is for, how long it is of use."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.grants import EVERYBODY, change_grants, encode_grants
from cotta.region.api.ec2.image_answers import encode_device
from cotta.region.api.ec2.images import own_image
from cotta.region.api.ec2.lookups import IMAGE
from cotta.region.model import ImageState
from cotta.region.store.kinds import IMAGES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.model import Image
    from cotta.region.store.store import Reading, Writing

# How long an image is protected after its protection was lifted.
COOLDOWN: Final = timedelta(hours=24)


def _put(rows: Writing, image: Image, **changes: Any) -> Answer:
    rows.put(IMAGES, replace(image, **changes))
    return {"Return": True}


# --- attributes -----------------------------------------------------------------------------


def describe_image_attribute(call: Call, rows: Reading) -> Answer:
    """Return one attribute of an image."""
    image = IMAGE.require(rows, call.parameters["ImageId"])
    attribute = call.parameters["Attribute"]
    grants = [*([EVERYBODY] if image.is_public else []), *image.grants]
    values: dict[str, tuple[str, Any]] = {
        "description": ("Description", {"Value": image.description}),
        "launchPermission": ("LaunchPermissions", encode_grants(grants)),
        "productCodes": ("ProductCodes", []),
        "blockDeviceMapping": (
            "BlockDeviceMappings",
            [encode_device(device) for device in image.devices],
        ),
        "sriovNetSupport": ("SriovNetSupport", {"Value": image.sriov_support or None}),
        "bootMode": ("BootMode", {"Value": image.boot_mode}),
        "imdsSupport": ("ImdsSupport", {"Value": image.imds_support}),
        "deregistrationProtection": (
            "DeregistrationProtection",
            {"Value": image.deregistration_protection},
        ),
        "kernel": ("KernelId", {}),
        "ramdisk": ("RamdiskId", {}),
        "tpmSupport": ("TpmSupport", {}),
        "uefiData": ("UefiData", {}),
        "lastLaunchedTime": ("LastLaunchedTime", {}),
    }
    name, value = values[attribute]
    return {"ImageId": image.id, name: value}


def modify_image_attribute(call: Call, rows: Writing) -> Answer:
    """Change an image's description, whom it is for, or that its instances ask for IMDSv2."""
    given = call.parameters
    image = own_image(call, rows)
    attribute = given.get("Attribute")
    changes: dict[str, Any] = {}
    if "Description" in given:
        changes["description"] = given["Description"].get("Value", "")
    elif attribute == "description":
        changes["description"] = given.get("Value", "")
    elif "ImdsSupport" in given or attribute == "imdsSupport":
        value = given.get("ImdsSupport", {}).get("Value") or given.get("Value")
        if value != "v2.0":
            raise ApiError(
                "InvalidParameterValue",
                f"Value ({value}) for parameter imdsSupport is invalid. It can only become v2.0.",
            )
        changes["imds_support"] = value
    elif "LaunchPermission" in given or attribute == "launchPermission":
        before = [*([EVERYBODY] if image.is_public else []), *image.grants]
        grants = change_grants(before, given, "LaunchPermission")
        changes["is_public"] = EVERYBODY in grants
        changes["grants"] = tuple(grant for grant in grants if grant != EVERYBODY)
    else:
        raise ApiError(
            "InvalidParameterCombination",
            "No attributes specified: the local region changes description, imdsSupport and "
            "launchPermission.",
        )
    _put(rows, image, **changes)
    return {}


def reset_image_attribute(call: Call, rows: Writing) -> Answer:
    """Have an image be for its owner alone again."""
    _put(rows, own_image(call, rows), is_public=False, grants=())
    return {}


# --- how long it is of use --------------------------------------------------------------------


def enable_image_deprecation(call: Call, rows: Writing) -> Answer:
    """Say when an image is not to be used any more: to the minute, as AWS does."""
    image = own_image(call, rows)
    time = call.parameters["DeprecateAt"]
    if time <= call.now:
        raise ApiError(
            "InvalidParameterValue",
            f"The deprecation time {time:%Y-%m-%dT%H:%M:%SZ} is not in the future.",
        )
    return _put(rows, image, deprecated_at=time.replace(second=0, microsecond=0))


def disable_image_deprecation(call: Call, rows: Writing) -> Answer:
    """Take back that an image is not to be used from some time on."""
    return _put(rows, own_image(call, rows), deprecated_at=None)


def disable_image(call: Call, rows: Writing) -> Answer:
    """Have nothing more started from an image, which is for its owner alone then."""
    image = own_image(call, rows)
    if image.state is ImageState.DISABLED:
        return {"Return": True}
    if image.state is not ImageState.AVAILABLE:
        raise ApiError(
            "IncorrectState",
            f"The image {image.id} is {image.state.value}, and only one that is available can be "
            "disabled.",
        )
    return _put(rows, image, state=ImageState.DISABLED, is_public=False, grants=())


def enable_image(call: Call, rows: Writing) -> Answer:
    """Have an image that was disabled be available again."""
    image = own_image(call, rows)
    if image.state is ImageState.DISABLED:
        return _put(rows, image, state=ImageState.AVAILABLE)
    return {"Return": True}


def enable_protection(call: Call, rows: Writing) -> Answer:
    """Have an image not be deregistered."""
    cooldown = call.parameters.get("WithCooldown", False)
    state = "enabled-with-cooldown" if cooldown else "enabled-without-cooldown"
    _put(rows, own_image(call, rows), deregistration_protection=state, protected_until=None)
    return {"Return": state}


def disable_protection(call: Call, rows: Writing) -> Answer:
    """Let an image be deregistered: a day from now, if it was protected with a cooldown."""
    image = own_image(call, rows)
    has_cooldown = image.deregistration_protection == "enabled-with-cooldown"
    until = call.now + COOLDOWN if has_cooldown else image.protected_until
    _put(rows, image, deregistration_protection="disabled", protected_until=until)
    return {"Return": "disabled"}


OPERATIONS: Final[Operations] = {
    "DescribeImageAttribute": Reads(describe_image_attribute),
    "DisableImage": Writes(disable_image),
    "DisableImageDeprecation": Writes(disable_image_deprecation),
    "DisableImageDeregistrationProtection": Writes(disable_protection),
    "EnableImage": Writes(enable_image),
    "EnableImageDeprecation": Writes(enable_image_deprecation),
    "EnableImageDeregistrationProtection": Writes(enable_protection),
    "ModifyImageAttribute": Writes(modify_image_attribute),
    "ResetImageAttribute": Writes(reset_image_attribute),
}
