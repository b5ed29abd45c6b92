"""Three real machines behind a load balancer are replaced, and nobody notices."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.oracle.witnesses import witness
from tests.support.booted_region import WEB, BootedRegion, require_machines
from tests.support.regions import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.base_image import BaseImage

pytestmark = [pytest.mark.boot, pytest.mark.slow]

SIZE = 3


class Fleet:
    """A group of machines behind a load balancer."""

    def __init__(self, region: BootedRegion, image: str) -> None:
        self.region = region
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
            LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"},
        )
        self.group.create_auto_scaling_group(
            AutoScalingGroupName="web",
            MinSize=SIZE,
            MaxSize=SIZE + 3,
            LaunchTemplate={"LaunchTemplateName": "web", "Version": "$Latest"},
            VPCZoneIdentifier=",".join(one["SubnetId"] for one in subnets),
            TargetGroupARNs=[self.targets],
            HealthCheckType="ELB",
            HealthCheckGracePeriod=120,
            DefaultInstanceWarmup=0,
        )
        wait_until(lambda: len(self.healthy()) == SIZE, seconds=120)

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
        lowest = SIZE

        def is_done() -> bool:
            nonlocal lowest
            lowest = min(lowest, len(self.healthy()))
            return bool(self.refresh()["Status"] == "Successful")

        wait_until(is_done, seconds=180)
        wait_until(lambda: len(self.members()) == SIZE, seconds=60)
        assert lowest == SIZE
        assert before.isdisjoint(self.members())


@pytest.fixture
def region(tmp_path: Path) -> Iterator[BootedRegion]:
    """Give a region of its own, as its daemon is killed."""
    require_machines()
    region = BootedRegion(tmp_path / "home")
    region.up()
    yield region
    region.reset()
    assert region.leftovers() == []


@contextlib.contextmanager
def requests(url: str) -> Iterator[None]:
    """Have wrk ask as fast as it can meanwhile, and expect every request to be answered well."""
    wrk, said, is_over = witness("wrk"), list[str](), threading.Event()

    def ask() -> None:
        # It can't be told to end earlier than it was to, so it is had to ask for a short time.
        while not is_over.is_set():
            argv = [wrk, "-t1", "-c4", "-d2s", "--timeout", "10s", url]
            done = subprocess.run(argv, capture_output=True, encoding="utf-8", check=False)
            said.append(done.stdout)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
    assert [one for one in said if "Socket errors" in one or "Non-2xx" in one] == []
    made = [int(count) for one in said for count in re.findall(r"(\d+) requests in", one)]
    assert sum(made) > 1_000, said


def test_a_roll_of_three_fails_no_request_even_when_the_daemon_is_killed(
    region: BootedRegion, web_image: BaseImage
) -> None:
    fleet = Fleet(region, region.add_image(WEB, web_image))

    def kill() -> None:
        os.kill(region.pid, signal.SIGKILL)
        region.up()

    with requests(fleet.url):
        fleet.roll()
        fleet.roll(meanwhile=kill)

    fleet.group.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
    wait_until(
        lambda: not fleet.group.describe_auto_scaling_groups()["AutoScalingGroups"], seconds=60
    )
    assert list(region.home.machines.glob("*/boot")) == []
