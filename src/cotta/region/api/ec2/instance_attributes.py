"""What can be changed of an instance, one attribute at a time."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads, Writes
from cotta.region.api.ec2.instance_answers import Around, encode_metadata
from cotta.region.api.ec2.interfaces import set_groups
from cotta.region.api.ec2.lookups import INSTANCE
from cotta.region.api.filters import select
from cotta.region.api.pages import page
from cotta.region.instance_types import INSTANCE_TYPES
from cotta.region.launching.choices import require_type
from cotta.region.launching.requests import check_user_data
from cotta.region.model import InstanceState
from cotta.region.store.kinds import INSTANCES, NETWORK_INTERFACES, VOLUMES
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.model import Instance
    from cotta.region.store.store import Reading, Writing

# --- describing -----------------------------------------------------------------------------

# By the name of an attribute: the member of the answer, and its value.
_SHOWN: Final[Mapping[str, tuple[str, Callable[[Instance, Around], Any]]]] = {
    "blockDeviceMapping": ("BlockDeviceMappings", lambda it, _: _devices(it)),
    "disableApiStop": ("DisableApiStop", lambda it, _: {"Value": it.disable_api_stop}),
    "disableApiTermination": (
        "DisableApiTermination",
        lambda it, _: {"Value": it.disable_api_termination},
    ),
    "ebsOptimized": ("EbsOptimized", lambda it, _: {"Value": it.ebs_optimized}),
    "enaSupport": ("EnaSupport", lambda it, _: {"Value": it.ena_support}),
    "enclaveOptions": ("EnclaveOptions", lambda _, __: {"Enabled": False}),
    "groupSet": ("Groups", lambda it, around: around.groups(it.security_groups)),
    "instanceInitiatedShutdownBehavior": (
        "InstanceInitiatedShutdownBehavior",
        lambda it, _: {"Value": it.shutdown_behavior},
    ),
    "instanceType": ("InstanceType", lambda it, _: {"Value": it.instance_type}),
    "kernel": ("KernelId", lambda _, __: {}),
    "productCodes": ("ProductCodes", lambda _, __: []),
    "ramdisk": ("RamdiskId", lambda _, __: {}),
    "rootDeviceName": ("RootDeviceName", lambda it, _: {"Value": it.root_device_name}),
    "sourceDestCheck": ("SourceDestCheck", lambda it, _: {"Value": it.source_dest_check}),
    "sriovNetSupport": ("SriovNetSupport", lambda _, __: {"Value": "simple"}),
    "userData": ("UserData", lambda it, _: {"Value": it.user_data}),
}


def describe_instance_attribute(call: Call, rows: Reading) -> Answer:
    """Return one attribute of an instance."""
    instance = INSTANCE.require(rows, call.parameters["InstanceId"])
    name, value = _SHOWN[call.parameters["Attribute"]]
    return {"InstanceId": instance.id, name: value(instance, Around(call, rows))}


def _devices(it: Instance) -> list[dict[str, Any]]:
    return [
        {
            "DeviceName": device.device_name,
            "Ebs": {
                "AttachTime": device.attached_at,
                "DeleteOnTermination": device.delete_on_termination,
                "Status": "attached",
                "VolumeId": device.volume_id,
            },
        }
        for device in it.block_devices
    ]


# --- changing -------------------------------------------------------------------------------

# By the member of a request: the field, and whether the instance must be stopped.
_CHANGED: Final[Mapping[str, tuple[str, bool]]] = {
    "DisableApiStop": ("disable_api_stop", False),
    "DisableApiTermination": ("disable_api_termination", False),
    "EbsOptimized": ("ebs_optimized", True),
    "EnaSupport": ("ena_support", True),
    "InstanceInitiatedShutdownBehavior": ("shutdown_behavior", False),
    "InstanceType": ("instance_type", True),
    "SourceDestCheck": ("source_dest_check", False),
    "UserData": ("user_data", True),
}
_TRUTHS: Final = frozenset(
    {"DisableApiStop", "DisableApiTermination", "EbsOptimized", "EnaSupport", "SourceDestCheck"}
)


def modify_instance_attribute(call: Call, rows: Writing) -> Answer:
    """Change one attribute of an instance."""
    given = call.parameters
    before = INSTANCE.require(rows, given["InstanceId"])
    after = before
    for name, value in _wanted(given).items():
        field, must_be_stopped = _CHANGED[name]
        if must_be_stopped and before.state is not InstanceState.STOPPED:
            raise ApiError(
                "IncorrectInstanceState",
                f"The instance '{before.id}' is not in the 'stopped' state.",
            )
        changes: dict[str, Any] = {field: _check(name, value)}
        after = replace(after, **changes)
    if "Groups" in given:
        after = _with_groups(rows, after, tuple(given["Groups"]))
    if "BlockDeviceMappings" in given:
        after = _with_devices(rows, after, given["BlockDeviceMappings"])
    # Every machine has what this would ask for.
    is_harmless = given.get("SriovNetSupport", {}).get("Value") == "simple"
    if after == before and not is_harmless and not _wanted(given):
        raise ApiError("InvalidParameterCombination", "No attributes specified.")
    rows.put(INSTANCES, after)
    if after.source_dest_check != before.source_dest_check:
        interface = rows.find(NETWORK_INTERFACES, after.network_interface_id)
        if interface is not None:
            checked = replace(interface, source_dest_check=after.source_dest_check)
            rows.put(NETWORK_INTERFACES, checked)
    return {}


def _wanted(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be changed, by the members' names, from either form of a request."""
    wanted = {name: given[name]["Value"] for name in _CHANGED if "Value" in given.get(name, {})}
    attribute = given.get("Attribute")
    if attribute is not None and "Value" in given:
        name = attribute[0].upper() + attribute[1:]
        if name not in _CHANGED:
            raise ApiError(
                "InvalidParameterValue",
                f"The attribute {attribute} can't be changed. Those that can: "
                f"{', '.join(sorted(one[0].lower() + one[1:] for one in _CHANGED))}.",
            )
        value = given["Value"]
        wanted[name] = value.lower() == "true" if name in _TRUTHS else value
    return wanted


def _check(name: str, value: Any) -> Any:
    """Return what a field becomes; `ApiError` if it can't be that."""
    if name == "InstanceType":
        return require_type(value).name
    if name == "UserData":
        text = base64.b64encode(value).decode() if isinstance(value, bytes) else value
        return check_user_data(text)
    if name == "InstanceInitiatedShutdownBehavior" and value not in {"stop", "terminate"}:
        raise ApiError(
            "InvalidParameterValue",
            f"Value ({value}) for parameter InstanceInitiatedShutdownBehavior is invalid. It is "
            "stop or terminate.",
        )
    return value


def _with_groups(rows: Writing, instance: Instance, groups: tuple[str, ...]) -> Instance:
    interface = rows.find(NETWORK_INTERFACES, instance.network_interface_id)
    if interface is None or interface.instance_id != instance.id:
        raise ApiError(
            "IncorrectInstanceState", f"The instance '{instance.id}' has no network interface."
        )
    interface = set_groups(rows, interface, groups)
    rows.put(NETWORK_INTERFACES, interface)
    return replace(instance, security_groups=interface.security_groups)


def _with_devices(rows: Writing, instance: Instance, mappings: list[Any]) -> Instance:
    """Change whether volumes end with their instance."""
    devices = {device.device_name: device for device in instance.block_devices}
    for mapping in mappings:
        device = devices.get(mapping.get("DeviceName", ""))
        if device is None:
            raise ApiError(
                "InvalidInstanceAttributeValue",
                f"No device is currently mapped at {mapping.get('DeviceName')}",
            )
        ends = mapping.get("Ebs", {}).get("DeleteOnTermination", device.delete_on_termination)
        devices[device.device_name] = replace(device, delete_on_termination=ends)
        volume = rows.find(VOLUMES, device.volume_id)
        if volume is not None and volume.attachment is not None:
            attachment = replace(volume.attachment, delete_on_termination=ends)
            rows.put(VOLUMES, replace(volume, attachment=attachment))
    return replace(instance, block_devices=tuple(devices.values()))


def reset_instance_attribute(call: Call, rows: Writing) -> Answer:
    """Give an attribute its first value again: of those that are of use here, one can be."""
    instance = INSTANCE.require(rows, call.parameters["InstanceId"])
    attribute = call.parameters["Attribute"]
    if attribute != "sourceDestCheck":
        raise ApiError(
            "InvalidParameterValue",
            f"The attribute {attribute} can't be reset in the local region: sourceDestCheck can.",
        )
    rows.put(INSTANCES, replace(instance, source_dest_check=True))
    interface = rows.find(NETWORK_INTERFACES, instance.network_interface_id)
    if interface is not None:
        rows.put(NETWORK_INTERFACES, replace(interface, source_dest_check=True))
    return {}


def modify_metadata_options(call: Call, rows: Writing) -> Answer:
    """Change how an instance may ask the metadata service."""
    given = call.parameters
    instance = INSTANCE.require(rows, given["InstanceId"])
    before = instance.metadata
    options = replace(
        before,
        http_tokens=given.get("HttpTokens", before.http_tokens),
        hop_limit=given.get("HttpPutResponseHopLimit", before.hop_limit),
        http_endpoint=given.get("HttpEndpoint", before.http_endpoint),
        http_protocol_ipv6=given.get("HttpProtocolIpv6", before.http_protocol_ipv6),
        instance_metadata_tags=given.get("InstanceMetadataTags", before.instance_metadata_tags),
    )
    if not 1 <= options.hop_limit <= 64:
        raise ApiError(
            "InvalidParameterValue",
            f"The hop limit {options.hop_limit} is not valid: it must be between 1 and 64.",
        )
    instance = replace(instance, metadata=options)
    rows.put(INSTANCES, instance)
    return {"InstanceId": instance.id, "InstanceMetadataOptions": encode_metadata(instance)}


# --- credits --------------------------------------------------------------------------------


def describe_credit_specifications(call: Call, rows: Reading) -> Answer:
    """List how burstable instances are paid for beyond their share; it changes no machine."""
    given = call.parameters
    named = INSTANCE.require_all(rows, given.get("InstanceIds"))
    fields: Fields[Instance] = {"instance-id": lambda it: it.id}
    burstable = [one for one in named if INSTANCE_TYPES[one.instance_type].is_burstable]
    if not given.get("InstanceIds"):
        # Without ids, those that are not what is usual.
        burstable = [one for one in burstable if one.credit_specification == "unlimited"]
    shown, token = page(
        select(burstable, given.get("Filters"), fields),
        key=INSTANCES.key,
        token=given.get("NextToken"),
        most=given.get("MaxResults"),
    )
    return {
        "InstanceCreditSpecifications": [
            {"InstanceId": one.id, "CpuCredits": one.credit_specification} for one in shown
        ],
        "NextToken": token,
    }


def modify_credit_specification(call: Call, rows: Writing) -> Answer:
    """Change how instances are paid for: each that can be, and say why each other can't."""
    done, left = [], []
    for given in call.parameters["InstanceCreditSpecifications"]:
        instance_id, wanted = given["InstanceId"], given.get("CpuCredits")
        instance = rows.find(INSTANCES, instance_id)
        if instance is None:
            error = INSTANCE.not_found([instance_id])
        elif not INSTANCE_TYPES[instance.instance_type].is_burstable:
            error = ApiError(
                "InstanceCreditSpecification.NotSupported",
                f"The type {instance.instance_type} has no credits.",
            )
        elif wanted not in {"standard", "unlimited"}:
            raise ApiError(
                "InvalidParameterValue",
                f"Value ({wanted}) for parameter CpuCredits is invalid. Valid values: standard, "
                "unlimited.",
            )
        else:
            rows.put(INSTANCES, replace(instance, credit_specification=wanted))
            done.append({"InstanceId": instance_id})
            continue
        left.append(
            {
                "InstanceId": instance_id,
                "Error": {"Code": error.code, "Message": error.message},
            }
        )
    return {
        "SuccessfulInstanceCreditSpecifications": done,
        "UnsuccessfulInstanceCreditSpecifications": left,
    }


OPERATIONS: Final[Operations] = {
    "DescribeInstanceAttribute": Reads(describe_instance_attribute),
    "DescribeInstanceCreditSpecifications": Reads(describe_credit_specifications),
    "ModifyInstanceAttribute": Writes(modify_instance_attribute),
    "ModifyInstanceCreditSpecification": Writes(modify_credit_specification),
    "ModifyInstanceMetadataOptions": Writes(modify_metadata_options),
    "ResetInstanceAttribute": Writes(reset_instance_attribute),
}
