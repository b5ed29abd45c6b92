"""The AWS command line against a region: what people type, and scripts read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from tests.support.regions import simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.regions import RunningRegion

pytestmark = [pytest.mark.oracle, pytest.mark.slow]


class AwsCli:
    """Runs `aws` as a person would who has said `eval "$(cotta region env)"`."""

    def __init__(self, region: RunningRegion, home: Path) -> None:
        program = shutil.which("aws", path=str(Path(sys.executable).parent))
        if program is None:
            pytest.skip("MISSING WITNESS: awscli is not installed; make setup installs it")
        self._program = program
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AWS_ENDPOINT_URL": region.endpoint,
            "AWS_ACCESS_KEY_ID": region.account.access_key,
            "AWS_SECRET_ACCESS_KEY": region.account.secret_key,
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }

    def attempt(self, line: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever that is."""
        return subprocess.run(
            [self._program, *line.split(), *more],
            capture_output=True,
            encoding="utf-8",
            check=False,
            env=self._environment,
            timeout=120,
        )

    def __call__(self, line: str, *more: str) -> Any:
        """Run a command that is to succeed; return what it printed, read."""
        done = self.attempt(line, *more, "--output", "json")
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.fixture
def region(tmp_path: Path) -> Iterator[RunningRegion]:
    with simulated_region(tmp_path, SimulatedMachines()) as region:
        yield region


def test_fleet_is_made_by_the_command_line(region: RunningRegion, tmp_path: Path) -> None:
    aws = AwsCli(region, tmp_path)

    assert aws("sts get-caller-identity")["Account"] == region.account.id
    image = aws("ec2 describe-images --query Images[0].ImageId")
    subnets = aws("ec2 describe-subnets --query Subnets[].SubnetId")
    group = aws("ec2 create-security-group --group-name web --description web --query GroupId")
    aws(
        "ec2 authorize-security-group-ingress --protocol tcp --port 80 --cidr 0.0.0.0/0 "
        f"--group-id {group}"
    )
    aws(
        "ec2 create-launch-template --launch-template-name web --launch-template-data",
        json.dumps({"ImageId": image, "InstanceType": "t3.micro", "SecurityGroupIds": [group]}),
    )
    vpc = aws("ec2 describe-vpcs --query Vpcs[0].VpcId")
    target = aws(
        "elbv2 create-target-group --name web --protocol HTTP --port 80 "
        f"--vpc-id {vpc} --query TargetGroups[0].TargetGroupArn"
    )
    balancer = aws(
        f"elbv2 create-load-balancer --name web --subnets {' '.join(subnets)} "
        "--query LoadBalancers[0].LoadBalancerArn"
    )
    assert ":eu-central-1:" in balancer
    aws(
        f"elbv2 create-listener --load-balancer-arn {balancer} --protocol HTTP --port 80 "
        f"--default-actions Type=forward,TargetGroupArn={target}"
    )
    aws(
        "autoscaling create-auto-scaling-group --auto-scaling-group-name web --min-size 2 "
        f"--max-size 4 --launch-template LaunchTemplateName=web,Version=$Latest "
        f"--target-group-arns {target} --vpc-zone-identifier {','.join(subnets)}"
    )
    assert aws.attempt("elbv2 wait load-balancer-available --names web").returncode == 0
    assert aws.attempt(f"elbv2 wait target-in-service --target-group-arn {target}").returncode == 0

    running = aws(
        "ec2 describe-instances --filters Name=tag:aws:autoscaling:groupName,Values=w* "
        "Name=instance-state-name,Values=running --query Reservations[].Instances[].Placement"
    )
    assert [one["AvailabilityZone"][:-1] for one in running] == ["eu-central-1"] * 2

    refused = aws.attempt("ec2 describe-instances --instance-ids i-0123456789abcdef0")
    assert refused.returncode != 0
    assert "(InvalidInstanceID.NotFound)" in refused.stderr

    aws("autoscaling delete-auto-scaling-group --auto-scaling-group-name web --force-delete")
    aws(f"elbv2 delete-load-balancer --load-balancer-arn {balancer}")
