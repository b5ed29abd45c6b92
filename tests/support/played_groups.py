"""Groups in a region whose machines are played: made by API, as anybody would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cotta.clouds.session import Session
from cotta.clouds.which import Access, Cloud, Keys
from tests.support.regions import wait_until

if TYPE_CHECKING:
    from tests.support.regions import RunningRegion

IMAGE = "ami-00000000000000001"


def session_of(region: RunningRegion) -> Session:
    """Return a session of ours with a region."""
    return Session(
        Access(
            cloud=Cloud.LOCAL,
            region="us-east-1",
            endpoint=region.endpoint,
            keys=Keys(region.account.access_key, region.account.secret_key),
            attempts=2,
        )
    )


def make_group(region: RunningRegion, name: str = "web", size: int = 3, **changes: Any) -> None:
    """Make a launch template and a group of that name, and wait until all of it is in service."""
    ec2, groups = region.client("ec2"), region.client("autoscaling")
    ec2.create_launch_template(
        LaunchTemplateName=name,
        LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "t3.micro"},
    )
    subnets = ec2.describe_subnets()["Subnets"]
    groups.create_auto_scaling_group(
        **{
            "AutoScalingGroupName": name,
            "MinSize": size,
            "MaxSize": size + 3,
            "LaunchTemplate": {"LaunchTemplateName": name, "Version": "$Latest"},
            "VPCZoneIdentifier": ",".join(one["SubnetId"] for one in subnets),
            "DefaultInstanceWarmup": 0,
            **changes,
        }
    )
    wait_until(lambda: in_service(region, name) == size)


def in_service(region: RunningRegion, name: str) -> int:
    """Return how many members of a group are in service."""
    described = region.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[name]
    )
    (group,) = described["AutoScalingGroups"]
    return sum(one["LifecycleState"] == "InService" for one in group["Instances"])


def new_version(region: RunningRegion, name: str = "web", **contents: Any) -> int:
    """Add a version to a launch template; return its number."""
    answer = region.client("ec2").create_launch_template_version(
        LaunchTemplateName=name,
        LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "t3.small", **contents},
    )
    return int(answer["LaunchTemplateVersion"]["VersionNumber"])


def start_refresh(
    region: RunningRegion, version: int, name: str = "web", **preferences: Any
) -> str:
    """Begin to roll a group to a version; return the refresh's id."""
    answer = region.client("autoscaling").start_instance_refresh(
        AutoScalingGroupName=name,
        DesiredConfiguration={
            "LaunchTemplate": {"LaunchTemplateName": name, "Version": str(version)}
        },
        Preferences={"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150, **preferences},
    )
    return str(answer["InstanceRefreshId"])
