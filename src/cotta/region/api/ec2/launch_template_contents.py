"""What the versions of launch templates say: shown again, and taken from a running instance."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cotta.region.api.calls import Reads
from cotta.region.api.ec2.lookups import INSTANCE
from cotta.region.api.filters import select
from cotta.region.api.pages import page
from cotta.region.api.tags import encode_tags
from cotta.region.launching import find_template, find_version
from cotta.region.launching.choices import resolve_image
from cotta.region.numbers import parse_decimal
from cotta.region.store.kinds import (
    INSTANCE_PROFILES,
    LAUNCH_TEMPLATE_VERSIONS,
    LAUNCH_TEMPLATES,
    NETWORK_INTERFACES,
    VOLUMES,
)
from cotta.region.wire.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.region.api.calls import Answer, Call, Operations
    from cotta.region.api.filters import Fields
    from cotta.region.model import Instance, LaunchTemplate, LaunchTemplateId, LaunchTemplateVersion
    from cotta.region.store.store import Reading

# The store keeps what JSON has, and a template's contents have one time in them.
_TIME_IN: Final = ("InstanceMarketOptions", "SpotOptions", "ValidUntil")


def keep(contents: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template's contents as they are kept: as given, in what JSON has."""
    return _with_time(contents, lambda time: time.isoformat())


def _with_time(contents: Mapping[str, Any], change: Any) -> dict[str, Any]:
    outer, inner, leaf = _TIME_IN
    options = contents.get(outer, {}).get(inner, {})
    if leaf not in options:
        return dict(contents)
    changed = {**options, leaf: change(options[leaf])}
    return {**contents, outer: {**contents[outer], inner: changed}}


def encode_version(
    version: LaunchTemplateVersion, template: LaunchTemplate, rows: Reading | None = None
) -> dict[str, Any]:
    """Return a version as answers show it; with `rows`, the image's alias is resolved."""
    contents = _with_time(version.contents, datetime.fromisoformat)
    if rows is not None and "ImageId" in contents:
        contents["ImageId"] = resolve_image(rows, contents["ImageId"])
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "VersionNumber": version.version,
        "VersionDescription": version.description,
        "CreateTime": version.created_at,
        "CreatedBy": version.created_by,
        "DefaultVersion": version.version == template.default_version,
        "LaunchTemplateData": contents,
    }


def describe_launch_template_versions(call: Call, rows: Reading) -> Answer:
    """List versions, the latest first: of one template, or the named ones of all."""
    given = call.parameters
    wanted = given.get("Versions")
    if "LaunchTemplateId" in given or "LaunchTemplateName" in given:
        templates = [find_template(rows, given)]
    elif wanted:
        templates = rows.all(LAUNCH_TEMPLATES)
    else:
        raise ApiError(
            "MissingParameter",
            "The request must contain a launch template's id or name, or the versions $Latest or "
            "$Default.",
        )
    by_id = {template.id: template for template in templates}
    versions = [
        version
        for template in templates
        for version in (
            [find_version(rows, template, one) for one in dict.fromkeys(wanted)]
            if wanted
            else _between(rows, template, given)
        )
    ]
    shown, token = page(
        select(_each_once(versions), given.get("Filters"), _fields(by_id)),
        key=lambda one: f"{one.template_id} {10**9 - one.version}",
        token=given.get("NextToken"),
        most=given.get("MaxResults"),
    )
    resolving = rows if given.get("ResolveAlias") else None
    return {
        "LaunchTemplateVersions": [
            encode_version(one, by_id[one.template_id], resolving) for one in shown
        ],
        "NextToken": token,
    }


def _between(
    rows: Reading, template: LaunchTemplate, given: Mapping[str, Any]
) -> list[LaunchTemplateVersion]:
    """Return the versions of a template from `MinVersion` to `MaxVersion`."""
    bounds = []
    for member, otherwise in (("MinVersion", 1), ("MaxVersion", template.latest_version)):
        bound = given.get(member, str(otherwise))
        number = parse_decimal(bound)
        if number is None:
            raise ApiError(
                "InvalidParameterValue", f"Value ({bound}) for parameter {member} is no number."
            )
        bounds.append(number)
    least, most = bounds
    return [
        version
        for version in rows.all(LAUNCH_TEMPLATE_VERSIONS, template_id=template.id)
        if least <= version.version <= most
    ]


def _each_once(versions: list[LaunchTemplateVersion]) -> list[LaunchTemplateVersion]:
    """Return versions without repetition: `$Latest` may be `$Default` too."""
    return list({(one.template_id, one.version): one for one in versions}.values())


def _fields(templates: Mapping[LaunchTemplateId, LaunchTemplate]) -> Fields[LaunchTemplateVersion]:
    def of(*steps: str) -> Any:
        def value(version: LaunchTemplateVersion) -> Any:
            at: Any = version.contents
            for step in steps:
                at = at.get(step, {})
            return at or None

        return value

    return {
        "create-time": lambda one: one.created_at,
        "ebs-optimized": of("EbsOptimized"),
        "http-endpoint": of("MetadataOptions", "HttpEndpoint"),
        "http-protocol-ipv4": lambda _: None,
        "http-tokens": of("MetadataOptions", "HttpTokens"),
        "iam-instance-profile": of("IamInstanceProfile", "Arn"),
        "image-id": of("ImageId"),
        "instance-type": of("InstanceType"),
        "is-default-version": lambda one: one.version == templates[one.template_id].default_version,
        "kernel-id": of("KernelId"),
        "ram-disk-id": of("RamDiskId"),
    }


# --- from an instance ---------------------------------------------------------------------


def get_launch_template_data(call: Call, rows: Reading) -> Answer:
    """Return what a template would say that starts instances like one there is."""
    instance = INSTANCE.require(rows, call.parameters["InstanceId"])
    profile = rows.find(INSTANCE_PROFILES, instance.instance_profile or "")
    options = instance.metadata
    return {
        "LaunchTemplateData": {
            "EbsOptimized": instance.ebs_optimized,
            "IamInstanceProfile": {"Arn": profile.arn} if profile is not None else None,
            "BlockDeviceMappings": [
                device
                for device in (_device(rows, one) for one in instance.block_devices)
                if device
            ],
            "NetworkInterfaces": [_interface(rows, instance)],
            "ImageId": instance.image_id,
            "InstanceType": instance.instance_type,
            "KeyName": instance.key_name,
            "Monitoring": {"Enabled": instance.monitoring == "enabled"},
            "Placement": {
                "AvailabilityZone": f"{call.region}{instance.zone}",
                "GroupName": "",
                "Tenancy": "default",
            },
            "DisableApiTermination": instance.disable_api_termination,
            "DisableApiStop": instance.disable_api_stop,
            "InstanceInitiatedShutdownBehavior": instance.shutdown_behavior,
            "UserData": instance.user_data,
            "TagSpecifications": (
                [{"ResourceType": "instance", "Tags": encode_tags(instance.tags)}]
                if instance.tags
                else []
            ),
            "CreditSpecification": {"CpuCredits": instance.credit_specification},
            "MetadataOptions": {
                "HttpTokens": options.http_tokens,
                "HttpPutResponseHopLimit": options.hop_limit,
                "HttpEndpoint": options.http_endpoint,
                "HttpProtocolIpv6": options.http_protocol_ipv6,
                "InstanceMetadataTags": options.instance_metadata_tags,
            },
        }
    }


def _device(rows: Reading, device: Any) -> dict[str, Any] | None:
    volume = rows.find(VOLUMES, device.volume_id)
    if volume is None:
        return None
    return {
        "DeviceName": device.device_name,
        "Ebs": {
            "DeleteOnTermination": device.delete_on_termination,
            "Encrypted": volume.encrypted,
            "Iops": volume.iops,
            "SnapshotId": volume.snapshot_id,
            "Throughput": volume.throughput,
            "VolumeSize": volume.size_gib,
            "VolumeType": volume.volume_type,
        },
    }


def _interface(rows: Reading, instance: Instance) -> dict[str, Any]:
    interface = rows.find(NETWORK_INTERFACES, instance.network_interface_id)
    return {
        "AssociatePublicIpAddress": instance.public_ip is not None,
        "DeleteOnTermination": interface.delete_on_termination if interface else True,
        "Description": interface.description if interface else "",
        "DeviceIndex": 0,
        "Groups": list(instance.security_groups),
        "SubnetId": instance.subnet_id,
    }


OPERATIONS: Final[Operations] = {
    "DescribeLaunchTemplateVersions": Reads(describe_launch_template_versions),
    "GetLaunchTemplateData": Reads(get_launch_template_data),
}
