"""Debian's own packer bakes an image in the region, which it takes for AWS."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.oracle.witnesses import witness
from tests.support.booted_region import DEBIAN
from tests.support.ssh import make_key, ssh

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.booted_region import BootedRegion, RegionWithMachines

pytestmark = [pytest.mark.oracle, pytest.mark.boot]

# With what packer 1.6 knows: HCL2 came with 1.5, and its `source_ami_filter` is a block.
TEMPLATE: Final = {
    "variables": {"name": "", "endpoint": ""},
    "builders": [
        {
            "type": "amazon-ebs",
            "region": "us-east-1",
            "custom_endpoint_ec2": "{{user `endpoint`}}",
            "ami_name": "{{user `name`}}",
            "ami_description": "baked by packer",
            "instance_type": "t3.micro",
            "source_ami_filter": {
                "filters": {"name": DEBIAN.rsplit("-", 2)[0] + "-*"},
                "owners": ["136693071363"],
                "most_recent": True,
            },
            "ssh_username": "admin",
            "tags": {"baked-by": "packer", "base": "{{ .SourceAMI }}"},
            "run_tags": {"Name": "builder"},
        }
    ],
    "provisioners": [
        {"type": "file", "source": "greeting", "destination": "/tmp/greeting"},
        {
            "type": "shell",
            "inline": [
                "set -e",
                "sudo install -m 644 /tmp/greeting /etc/greeting",
                'echo "$WHO" | sudo tee /etc/who',
            ],
            "environment_vars": ["WHO=packer"],
        },
    ],
    "post-processors": [{"type": "manifest", "output": "manifest.json"}],
}


def bake(
    region: BootedRegion, folder: Path, name: str, template: dict[str, Any]
) -> subprocess.CompletedProcess[str]:
    """Run packer on a template in a folder of its own."""
    (folder / "template.json").write_text(json.dumps(template))
    (folder / "greeting").write_text("hello\n")
    variables = region.aws
    return subprocess.run(
        [
            witness("packer"),
            "build",
            "-color=false",
            f"-var=name={name}",
            f"-var=endpoint={variables['AWS_ENDPOINT_URL']}",
            "template.json",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CHECKPOINT_DISABLE": "1",
            # The usual 15 seconds between looks are for AWS.
            "AWS_POLL_DELAY_SECONDS": "1",
            "AWS_ACCESS_KEY_ID": variables["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": variables["AWS_SECRET_ACCESS_KEY"],
        },
    )


def what_packer_makes(ec2: Any) -> list[str]:
    """Return the key pairs and security groups that there are."""
    keys = [one["KeyName"] for one in ec2.describe_key_pairs()["KeyPairs"]]
    groups = [one["GroupName"] for one in ec2.describe_security_groups()["SecurityGroups"]]
    return sorted([*keys, *groups])


def test_packer_bakes_an_image_that_boots(
    running_region_with_machines: RegionWithMachines, tmp_path: Path
) -> None:
    region = running_region_with_machines.region
    ec2 = region.client("ec2")
    before = what_packer_makes(ec2)

    done = bake(region, tmp_path, "baked-by-packer", TEMPLATE)

    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = json.loads((tmp_path / "manifest.json").read_text())["builds"]
    image_id = built["artifact_id"].removeprefix("us-east-1:")
    (image,) = ec2.describe_images(ImageIds=[image_id])["Images"]
    assert (image["State"], image["Name"]) == ("available", "baked-by-packer")
    assert image["Description"] == "baked by packer"
    tags = {tag["Key"]: tag["Value"] for tag in image["Tags"]}
    # The region's own, which says what is in it.
    assert len(tags.pop("aws:cotta:digest")) == 64
    assert tags == {
        "baked-by": "packer",
        "base": running_region_with_machines.debian,
    }
    assert what_packer_makes(ec2) == before, "packer has taken away what it made for itself"
    builder = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["builder"]}])
    states = [one["State"]["Name"] for it in builder["Reservations"] for one in it["Instances"]]
    assert states == ["terminated"]

    key = make_key(ec2, "to-the-baked", tmp_path)
    group = ec2.create_security_group(GroupName="to-the-baked", Description="ssh")["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    (instance,) = region.launch(image_id, KeyName="to-the-baked", SecurityGroupIds=[group])
    said = ssh(instance["PublicIpAddress"], key, "cat /etc/greeting /etc/who; ls ~/.ssh /tmp")
    assert said.split()[:2] == ["hello", "packer"]
    keys = ssh(instance["PublicIpAddress"], key, "wc -l < ~/.ssh/authorized_keys")
    assert keys.strip() == "1", "packer's own key is not in the image"
    region.terminate([instance["InstanceId"]])
    ec2.delete_key_pair(KeyName="to-the-baked")
    ec2.delete_security_group(GroupId=group)


def test_packer_that_fails_leaves_nothing(
    running_region_with_machines: RegionWithMachines, tmp_path: Path
) -> None:
    region = running_region_with_machines.region
    ec2 = region.client("ec2")
    before = what_packer_makes(ec2)
    failing = {**TEMPLATE, "provisioners": [{"type": "shell", "inline": ["exit 3"]}]}

    done = bake(region, tmp_path, "never-baked", failing)

    assert done.returncode != 0
    assert "exit status: 3" in done.stdout + done.stderr
    assert what_packer_makes(ec2) == before
    named = [{"Name": "name", "Values": ["never-baked"]}]
    assert ec2.describe_images(Filters=named)["Images"] == []
    alive = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopped"]}]
    builders = [*alive, {"Name": "tag:Name", "Values": ["builder"]}]
    assert ec2.describe_instances(Filters=builders)["Reservations"] == []
