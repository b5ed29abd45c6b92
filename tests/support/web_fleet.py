"""A group of machines behind a load balancer, in a region that boots them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from tests.support.regions import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.booted_region import BootedRegion


class Fleet:
    """So many machines of a group behind a load balancer, all healthy; `extra` more at a time."""

    def __init__(
        self,
        region: BootedRegion,
        image: str,
        size: int = 3,
        *,
        extra: int = 3,
        user_data: str = "",
    ) -> None:
        self.region = region
        self.size = size
        self.group = region.client("autoscaling")
        self.balancing = region.client("elbv2")
        self.ec2 = region.client("ec2")
        subnets = self.ec2.describe_subnets()["Subnets"]
        self._open_port_80()
        balancer = self.balancing.create_load_balancer(
            Name="web", Subnets=[one["SubnetId"] for one in subnets]
        )["LoadBalancers"][0]
        self.targets = self.balancing.create_target_group(
            Name="web",
            Protocol="HTTP",
            Port=80,
            VpcId=subnets[0]["VpcId"],
            HealthCheckIntervalSeconds=5,
            HealthCheckTimeoutSeconds=2,
            HealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        self.balancing.modify_target_group_attributes(
            TargetGroupArn=self.targets,
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}],
        )
        self.balancing.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.targets}],
        )
        self.url = f"http://{balancer['DNSName']}/"
        self.ec2.create_launch_template(
            LaunchTemplateName="web",
            LaunchTemplateData={
                "ImageId": image,
                "InstanceType": "t3.micro",
                "UserData": base64.b64encode(user_data.encode()).decode(),
            },
        )
        self.group.create_auto_scaling_group(
            AutoScalingGroupName="web",
            MinSize=size,
            MaxSize=size + extra,
            LaunchTemplate={"LaunchTemplateName": "web", "Version": "$Latest"},
            VPCZoneIdentifier=",".join(one["SubnetId"] for one in subnets),
            TargetGroupARNs=[self.targets],
            HealthCheckType="ELB",
            HealthCheckGracePeriod=120,
            DefaultInstanceWarmup=0,
        )
        wait_until(lambda: len(self.healthy()) == size, seconds=120)

    def _open_port_80(self) -> None:
        (group,) = self.ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
        self.ec2.authorize_security_group_ingress(
            GroupId=group["GroupId"], IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0"
        )

    def healthy(self) -> set[str]:
        """Return the instances that the balancer sends requests to."""
        described = self.balancing.describe_target_health(TargetGroupArn=self.targets)
        return {
            one["Target"]["Id"]
            for one in described["TargetHealthDescriptions"]
            if one["TargetHealth"]["State"] == "healthy"
        }

    def members(self) -> set[str]:
        """Return the members of the group."""
        (group,) = self.group.describe_auto_scaling_groups()["AutoScalingGroups"]
        return {one["InstanceId"] for one in group["Instances"]}

    def refresh(self) -> Any:
        """Return the latest refresh."""
        described = self.group.describe_instance_refreshes(AutoScalingGroupName="web")
        return described["InstanceRefreshes"][0]

    def roll(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Replace everybody; never are fewer healthy than there were before."""
        before = self.members()
        self.group.start_instance_refresh(
            AutoScalingGroupName="web",
            Preferences={"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150},
        )
        wait_until(lambda: self.refresh()["PercentageComplete"] > 0, seconds=120)
        meanwhile()
        lowest = self.size

        def is_done() -> bool:
            nonlocal lowest
            lowest = min(lowest, len(self.healthy()))
            return bool(self.refresh()["Status"] == "Successful")

        wait_until(is_done, seconds=180)
        wait_until(lambda: len(self.members()) == self.size, seconds=60)
        assert lowest == self.size
        assert before.isdisjoint(self.members())
