"""The same calls to a region and to moto: whatever moto's answers have, ours have too.

Only which members there are is compared: moto imitates answers, and makes up values.  What it
shows and we don't is listed in `LEFT_OUT`, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from tests.support.moto import moto_client, moto_server
from tests.support.regions import put_image, running_region

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

# What a client raises when it is refused, or the server breaks down.
FAILURES: Final = (ClientError, ResponseParserError)
KEY: Final = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkjm/f4Cqm2YUjqhAjK0lYnm7cRDbJZ9zSXvGiE1hlO me"
HTTP: Final = {
    "IpProtocol": "tcp",
    "FromPort": 80,
    "ToPort": 80,
    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}],
}


@dataclass(frozen=True)
class Step:
    """One call; `$name` in what is given is what an earlier step has kept by that name.

    `keeps` says where in the answer something is that later steps need: `Vpc.VpcId`.
    """

    operation: str
    given: Mapping[str, Any] = field(default_factory=dict)
    keeps: Mapping[str, str] = field(default_factory=dict)


def tags(kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": "a", "Value": "b"}]}]


STEPS: Final = (
    Step("describe_regions"),
    Step("describe_availability_zones"),
    Step("describe_account_attributes"),
    Step("describe_instance_types", {"InstanceTypes": ["t3.micro"]}),
    Step("describe_instance_type_offerings", {"LocationType": "availability-zone"}),
    Step("describe_vpcs", keeps={"default_vpc": "Vpcs.0.VpcId"}),
    Step("create_vpc", {"CidrBlock": "10.0.0.0/16", "TagSpecifications": tags("vpc")},
         {"vpc": "Vpc.VpcId"}),
    Step("modify_vpc_attribute", {"VpcId": "$vpc", "EnableDnsHostnames": {"Value": True}}),
    Step("describe_vpc_attribute", {"VpcId": "$vpc", "Attribute": "enableDnsHostnames"}),
    Step("create_subnet",
         {"VpcId": "$vpc", "CidrBlock": "10.0.1.0/24", "TagSpecifications": tags("subnet")},
         {"subnet": "Subnet.SubnetId"}),
    Step("modify_subnet_attribute",
         {"SubnetId": "$subnet", "MapPublicIpOnLaunch": {"Value": True}}),
    Step("describe_subnets", {"SubnetIds": ["$subnet"]}),
    Step("describe_route_tables", {"Filters": [{"Name": "vpc-id", "Values": ["$vpc"]}]}),
    Step("describe_internet_gateways"),
    Step("describe_network_acls", {"Filters": [{"Name": "vpc-id", "Values": ["$vpc"]}]}),
    Step("describe_dhcp_options"),
    Step("create_security_group",
         {"GroupName": "web", "Description": "x", "VpcId": "$default_vpc",
          "TagSpecifications": tags("security-group")},
         {"group": "GroupId"}),
    Step("authorize_security_group_ingress", {"GroupId": "$group", "IpPermissions": [HTTP]},
         {"rule": "SecurityGroupRules.0.SecurityGroupRuleId"}),
    Step("describe_security_groups", {"GroupIds": ["$group"]}),
    Step("describe_security_group_rules", {"SecurityGroupRuleIds": ["$rule"]}),
    Step("update_security_group_rule_descriptions_ingress",
         {"GroupId": "$group", "IpPermissions": [HTTP]}),
    Step("create_key_pair", {"KeyName": "made", "KeyType": "ed25519"}),
    Step("import_key_pair", {"KeyName": "taken", "PublicKeyMaterial": KEY}),
    Step("describe_key_pairs"),
    Step("create_launch_template",
         {"LaunchTemplateName": "web", "VersionDescription": "1",
          "LaunchTemplateData": {"ImageId": "$image", "InstanceType": "t3.micro",
                                 "SecurityGroupIds": ["$group"]},
          "TagSpecifications": tags("launch-template")},
         {"template": "LaunchTemplate.LaunchTemplateId"}),
    Step("create_launch_template_version",
         {"LaunchTemplateId": "$template", "SourceVersion": "1",
          "LaunchTemplateData": {"InstanceType": "t3.small"}}),
    Step("modify_launch_template", {"LaunchTemplateId": "$template", "DefaultVersion": "2"}),
    Step("describe_launch_templates"),
    Step("describe_launch_template_versions", {"LaunchTemplateId": "$template"}),
    Step("run_instances",
         {"ImageId": "$image", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
          "KeyName": "made", "SecurityGroupIds": ["$group"],
          "TagSpecifications": tags("instance")},
         {"instance": "Instances.0.InstanceId",
          "interface": "Instances.0.NetworkInterfaces.0.NetworkInterfaceId"}),
    Step("describe_instances", {"InstanceIds": ["$instance"]}),
    Step("describe_instance_status", {"IncludeAllInstances": True}),
    Step("describe_instance_attribute",
         {"InstanceId": "$instance", "Attribute": "disableApiTermination"}),
    Step("describe_instance_attribute", {"InstanceId": "$instance", "Attribute": "groupSet"}),
    Step("modify_instance_attribute",
         {"InstanceId": "$instance", "DisableApiTermination": {"Value": False}}),
    Step("describe_instance_credit_specifications", {"InstanceIds": ["$instance"]}),
    Step("modify_instance_metadata_options",
         {"InstanceId": "$instance", "HttpTokens": "required"}),
    Step("get_console_output", {"InstanceId": "$instance"}),
    Step("get_launch_template_data", {"InstanceId": "$instance"}),
    Step("describe_network_interfaces", {"NetworkInterfaceIds": ["$interface"]}),
    Step("describe_network_interface_attribute",
         {"NetworkInterfaceId": "$interface", "Attribute": "description"}),
    Step("monitor_instances", {"InstanceIds": ["$instance"]}),
    Step("unmonitor_instances", {"InstanceIds": ["$instance"]}),
    Step("allocate_address", {"Domain": "vpc"}, {"address": "AllocationId"}),
    Step("associate_address", {"AllocationId": "$address", "InstanceId": "$instance"},
         {"association": "AssociationId"}),
    Step("describe_addresses"),
    Step("describe_addresses_attribute", {"Attribute": "domain-name"}),
    Step("disassociate_address", {"AssociationId": "$association"}),
    Step("release_address", {"AllocationId": "$address"}),
    Step("describe_iam_instance_profile_associations"),
    Step("create_volume",
         {"AvailabilityZone": "us-east-1a", "Size": 5, "VolumeType": "gp3",
          "TagSpecifications": tags("volume")},
         {"volume": "VolumeId"}),
    Step("modify_volume", {"VolumeId": "$volume", "Size": 6}),
    Step("describe_volumes_modifications"),
    Step("describe_volumes", {"VolumeIds": ["$volume"]}),
    Step("describe_volume_status", {"VolumeIds": ["$volume"]}),
    Step("describe_volume_attribute", {"VolumeId": "$volume", "Attribute": "autoEnableIO"}),
    Step("create_snapshot", {"VolumeId": "$volume", "TagSpecifications": tags("snapshot")},
         {"snapshot": "SnapshotId"}),
    Step("describe_snapshots", {"SnapshotIds": ["$snapshot"]}),
    Step("copy_snapshot", {"SourceSnapshotId": "$snapshot", "SourceRegion": "us-east-1"},
         {"copied": "SnapshotId"}),
    Step("modify_snapshot_attribute",
         {"SnapshotId": "$snapshot", "OperationType": "add", "Attribute": "createVolumePermission",
          "UserIds": ["123456789012"]}),
    Step("describe_snapshot_attribute",
         {"SnapshotId": "$snapshot", "Attribute": "createVolumePermission"}),
    Step("reset_snapshot_attribute",
         {"SnapshotId": "$snapshot", "Attribute": "createVolumePermission"}),
    Step("delete_snapshot", {"SnapshotId": "$copied"}),
    Step("copy_image",
         {"SourceImageId": "$image", "SourceRegion": "us-east-1", "Name": "copied"},
         {"own": "ImageId"}),
    Step("describe_images", {"ImageIds": ["$own"]}),
    Step("modify_image_attribute",
         {"ImageId": "$own", "LaunchPermission": {"Add": [{"UserId": "123456789012"}]}}),
    Step("describe_image_attribute", {"ImageId": "$own", "Attribute": "launchPermission"}),
    Step("describe_image_attribute", {"ImageId": "$own", "Attribute": "description"}),
    Step("reset_image_attribute", {"ImageId": "$own", "Attribute": "launchPermission"}),
    Step("create_tags", {"Resources": ["$own"], "Tags": [{"Key": "c", "Value": "d"}]}),
    Step("describe_tags", {"Filters": [{"Name": "resource-id", "Values": ["$own"]}]}),
    Step("delete_tags", {"Resources": ["$own"], "Tags": [{"Key": "c"}]}),
    Step("deregister_image", {"ImageId": "$own"}),
    Step("terminate_instances", {"InstanceIds": ["$instance"]}),
    Step("delete_launch_template_versions",
         {"LaunchTemplateId": "$template", "Versions": ["1", "9"]}),
    Step("delete_launch_template", {"LaunchTemplateId": "$template"}),
    Step("delete_key_pair", {"KeyName": "made"}),
    Step("revoke_security_group_ingress", {"GroupId": "$group", "SecurityGroupRuleIds": ["$rule"]}),
    Step("delete_volume", {"VolumeId": "$volume"}),
    Step("delete_subnet", {"SubnetId": "$subnet"}),
    Step("delete_vpc", {"VpcId": "$vpc"}),
)  # fmt: skip

# What breaks moto's server down: nothing is compared.
MOTO_HAS_NOT: Final = frozenset(
    {
        "delete_launch_template_versions",
        "describe_volume_attribute",
        "describe_volume_status",
        "monitor_instances",
        "reset_image_attribute",
        "reset_snapshot_attribute",
        "unmonitor_instances",
    }
)

_UNMEASURED: Final = "a figure of AWS's hardware that nothing here has"
_USUAL: Final = "what is as usual is left unsaid: a template that says nothing means the same"
_ITS_IMAGE: Final = "moto's first image is one of Windows"
_BOOTS_AT_ONCE: Final = "moto's instances run at once; ours are pending, as no controller is there"

# What moto shows and we don't, with all below it: the reason.
LEFT_OUT: Final[Mapping[str, Mapping[str, str]]] = {
    "describe_instance_types": {
        "InstanceTypes.EbsInfo.AttachmentLimitType": _UNMEASURED,
        "InstanceTypes.EbsInfo.EbsOptimizedInfo": _UNMEASURED,
        "InstanceTypes.EbsInfo.MaximumEbsAttachments": _UNMEASURED,
        "InstanceTypes.NetworkInfo.ConnectionTrackingConfiguration": _UNMEASURED,
        "InstanceTypes.NetworkInfo.FlexibleEnaQueuesSupport": _UNMEASURED,
        "InstanceTypes.NetworkInfo.NetworkCards.BaselineBandwidthInGbps": _UNMEASURED,
        "InstanceTypes.NetworkInfo.NetworkCards.DefaultEnaQueueCountPerInterface": _UNMEASURED,
        "InstanceTypes.NetworkInfo.NetworkCards.InterfaceTypes": _UNMEASURED,
        "InstanceTypes.NetworkInfo.NetworkCards.PeakBandwidthInGbps": _UNMEASURED,
        "InstanceTypes.NetworkInfo.SecondaryNetworkSupported": "there is none here",
        "InstanceTypes.NitroTpmInfo": "there is none here",
        "InstanceTypes.RebootMigrationSupport": "there is none here",
        "InstanceTypes.VCpuInfo.ValidCores": _UNMEASURED,
        "InstanceTypes.VCpuInfo.ValidThreadsPerCore": _UNMEASURED,
    },
    "describe_launch_template_versions": {
        "LaunchTemplateVersions.LaunchTemplateData.TagSpecifications": "moto puts the template's "
        "own tags into its contents, which AWS does not"
    },
    "run_instances": {
        "Instances.Platform": _ITS_IMAGE,
        "Instances.SriovNetSupport": "of old types alone",
        "Instances.StateReason": "moto gives instances that run an empty reason",
    },
    "describe_instances": {
        "Reservations.Instances.Platform": _ITS_IMAGE,
        "Reservations.Instances.SriovNetSupport": "of old types alone",
        "Reservations.Instances.StateReason": "moto gives instances that run an empty reason",
    },
    "describe_instance_status": {
        "InstanceStatuses.InstanceStatus.Details": _BOOTS_AT_ONCE,
        "InstanceStatuses.SystemStatus.Details": _BOOTS_AT_ONCE,
    },
    "get_launch_template_data": {
        "LaunchTemplateData.CapacityReservationSpecification": _USUAL,
        "LaunchTemplateData.EnclaveOptions": _USUAL,
        "LaunchTemplateData.HibernationOptions": _USUAL,
        "LaunchTemplateData.MaintenanceOptions": _USUAL,
        "LaunchTemplateData.NetworkInterfaces.InterfaceType": _USUAL,
        "LaunchTemplateData.NetworkInterfaces.NetworkCardIndex": _USUAL,
        "LaunchTemplateData.NetworkInterfaces.PrivateIpAddresses": "no second instance gets it",
        "LaunchTemplateData.PrivateDnsNameOptions": _USUAL,
    },
    "describe_network_interfaces": {
        "NetworkInterfaces.RequesterId": "of an interface that AWS made for somebody alone"
    },
    "describe_images": {
        "Images.BootMode": "of an image that says so alone",
        "Images.Platform": _ITS_IMAGE,
    },
}


def perform(client: Any, image: str) -> list[Any]:
    """Make the calls one after the other; return the answers, an error in the place of each."""
    kept = {"image": image}

    def fill(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("$"):
            return kept.get(value[1:], value)
        if isinstance(value, Mapping):
            return {name: fill(one) for name, one in value.items()}
        return [fill(one) for one in value] if isinstance(value, list) else value

    answers: list[Any] = []
    for step in STEPS:
        try:
            answer = getattr(client, step.operation)(**fill(step.given))
        except FAILURES as error:
            answers.append(error)
            continue
        answers.append({name: one for name, one in answer.items() if name != "ResponseMetadata"})
        for name, path in step.keeps.items():
            at = answer
            for part in path.split("."):
                at = at[int(part)] if part.isdecimal() else at[part]
            kept[name] = at
    return answers


def members(value: Any, path: str = "") -> Iterator[str]:
    """Yield the members of an answer, those inside lists once: `Vpcs.Tags.Key`."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield f"{path}{name}"
            yield from members(one, f"{path}{name}.")
    elif isinstance(value, list):
        for one in value:
            yield from members(one, path)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], list[Any]]:
    """Return our answers, and moto's."""
    with moto_server() as endpoint:
        client = moto_client(endpoint)
        image = client.describe_images()["Images"][0]["ImageId"]
        theirs = perform(client, image)
    folder: Path = tmp_path_factory.mktemp("region")
    with running_region(folder) as region:
        ours = perform(region.client("ec2"), put_image(region.store).id)
    return ours, theirs


@pytest.mark.parametrize(
    "number", range(len(STEPS)), ids=[f"{n}-{step.operation}" for n, step in enumerate(STEPS)]
)
def test_our_answers_have_what_motos_have(
    answers: tuple[list[Any], list[Any]], number: int
) -> None:
    ours, theirs = (side[number] for side in answers)
    operation = STEPS[number].operation

    assert not isinstance(ours, Exception), ours
    if operation in MOTO_HAS_NOT:
        assert isinstance(theirs, Exception)
        return
    assert not isinstance(theirs, Exception), theirs
    missing = set(members(theirs)) - set(members(ours))
    left_out = LEFT_OUT.get(operation, {})
    unexplained = {
        one
        for one in missing
        if not any(one == prefix or one.startswith(f"{prefix}.") for prefix in left_out)
    }
    assert unexplained == set()
