"""Programs that nobody here wrote, on real machines: packer bakes, terraform runs a fleet."""

from __future__ import annotations

import os
import subprocess
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.oracle.official_provider import Workspace
from tests.oracle.witnesses import witness
from tests.support.booted_region import WEB, BootedRegion, require_machines
from tests.support.regions import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.base_image import BaseImage

pytestmark = [pytest.mark.boot, pytest.mark.oracle, pytest.mark.slow]

EXAMPLE: Final = Path(__file__).parents[2] / "examples/web-fleet/main.tf"

# What packer 1.6.6 can read; the example's template has blocks that came later.
TEMPLATE: Final = """
source "amazon-ebs" "web" {
  custom_endpoint_ec2     = "ENDPOINT"
  region                  = "us-east-1"
  skip_region_validation  = true
  skip_metadata_api_check = true
  instance_type           = "t3.micro"
  ssh_username            = "admin"
  ami_name                = "web-fleet-VERSION"
  source_ami_filter {
    filters     = { name = "web" }
    owners      = ["111122223333"]
    most_recent = true
  }
  tags = { Version = "VERSION" }
  aws_polling {
    delay_seconds = 1
    max_attempts  = 120
  }
}
build {
  sources = ["source.amazon-ebs.web"]
  provisioner "shell" {
    inline = ["mkdir /tmp/site", "test ! -e /etc/baked"]
  }
  provisioner "file" {
    source      = "site/"
    destination = "/tmp/site"
  }
  provisioner "shell" {
    environment_vars = ["BAKED=VERSION"]
    inline = [
      "sudo rm /var/www/html/*.html",
      "sudo cp -r /tmp/site/. /var/www/html/",
      "echo $BAKED | sudo tee /etc/baked",
      "rm -r /tmp/site",
      "exit STATUS",
    ]
  }
}
"""


HOMES: Final = ("root", "home/admin")


@pytest.fixture
def region(tmp_path: Path, web_image: BaseImage) -> Iterator[BootedRegion]:
    """Give a region of its own with an image that answers on port 80."""
    require_machines()
    region = BootedRegion(tmp_path / "home")
    region.up()
    region.add_image(WEB, web_image)
    yield region
    region.reset()
    assert region.leftovers() == []


def bake(
    region: BootedRegion, folder: Path, version: str, *, status: int = 0
) -> subprocess.CompletedProcess[str]:
    """Have packer bake an image whose page says its version; its last provisioner ends so."""
    (folder / "site").mkdir(parents=True)
    (folder / "site/index.html").write_text(f"version {version}\n")
    aws = region.aws
    template = TEMPLATE.replace("ENDPOINT", aws["AWS_ENDPOINT_URL"]).replace("VERSION", version)
    template = template.replace("STATUS", str(status))
    (folder / "web.pkr.hcl").write_text(template)
    return subprocess.run(
        [witness("packer"), "build", "-color=false", "web.pkr.hcl"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=200,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CHECKPOINT_DISABLE": "1",
            "AWS_CONFIG_FILE": str(folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
            **{name: value for name, value in aws.items() if name != "AWS_ENDPOINT_URL"},
        },
    )


def baked(region: BootedRegion, folder: Path, version: str) -> str:
    """Have packer bake an image; return its id."""
    done = bake(region, folder, version)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    (image,) = region.client("ec2").describe_images(
        Owners=["self"], Filters=[{"Name": "tag:Version", "Values": [version]}]
    )["Images"]
    return str(image["ImageId"])


def test_packer_bakes_and_instances_boot_of_it(region: BootedRegion, tmp_path: Path) -> None:
    ec2 = region.client("ec2")
    groups = [one["GroupName"] for one in ec2.describe_security_groups()["SecurityGroups"]]

    image = baked(region, tmp_path / "bake", "1")

    left = ec2.describe_instances()["Reservations"]
    assert {one["Instances"][0]["State"]["Name"] for one in left} == {"terminated"}
    assert ec2.describe_key_pairs()["KeyPairs"] == []
    assert [one["GroupName"] for one in ec2.describe_security_groups()["SecurityGroups"]] == groups
    (machine,) = region.launch(image)
    page = f"http://{machine['PrivateIpAddress']}/"
    ec2.authorize_security_group_ingress(
        GroupName="default", IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0"
    )
    wait_until(lambda: text_of(page) == "version 1\n", seconds=30)
    # Packer's own key is in no machine of its image.
    disk = region.home.machines / machine["InstanceId"] / "root"
    assert (disk / "etc/baked").read_text() == "1\n"
    assert [home for home in HOMES if (disk / home / ".ssh/authorized_keys").exists()] == []


def test_packer_build_that_fails_leaves_nothing(region: BootedRegion, tmp_path: Path) -> None:
    done = bake(region, tmp_path / "bake", "1", status=7)

    assert done.returncode == 1
    assert "status: 7" in done.stdout
    ec2 = region.client("ec2")
    (reservation,) = ec2.describe_instances()["Reservations"]
    assert reservation["Instances"][0]["State"]["Name"] == "terminated"
    assert ec2.describe_key_pairs()["KeyPairs"] == []
    assert len(ec2.describe_security_groups()["SecurityGroups"]) == 1
    assert ec2.describe_images(Owners=["self"])["Images"] == []


def test_terraform_makes_rolls_and_removes_a_fleet_that_answers(
    region: BootedRegion, tmp_path: Path
) -> None:
    baked(region, tmp_path / "one", "1")
    work = tmp_path / "work"
    work.mkdir()
    terraform = Workspace(work, region.aws, provider="")
    terraform.write(EXAMPLE.read_text())
    terraform.init()

    terraform.run("apply", "-auto-approve")

    url = terraform.run("output", "-raw", "url")
    assert curl(url) == "version 1\n"
    scaling = region.client("autoscaling")
    (group,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    first = {one["InstanceId"] for one in group["Instances"]}
    assert [one["LifecycleState"] for one in group["Instances"]] == ["InService"] * 3
    terraform.assert_no_changes()

    baked(region, tmp_path / "two", "2")
    terraform.run("apply", "-auto-approve")

    wait_until(lambda: latest_refresh(scaling, group)["Status"] == "Successful", seconds=120)
    wait_until(lambda: members(scaling).isdisjoint(first) and len(members(scaling)) == 3)
    assert {curl(url) for _ in range(12)} == {"version 2\n"}
    terraform.assert_no_changes()

    terraform.run("destroy", "-auto-approve")

    left = region.client("ec2").describe_instances()["Reservations"]
    states = {one["State"]["Name"] for each in left for one in each["Instances"]}
    assert states <= {"terminated"}
    assert scaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []
    assert region.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
    assert region.client("elbv2").describe_target_groups()["TargetGroups"] == []
    assert region.client("ec2").describe_launch_templates()["LaunchTemplates"] == []
    (default,) = region.client("ec2").describe_security_groups()["SecurityGroups"]
    assert default["GroupName"] == "default"
    assert list(region.home.machines.glob("*/record")) == []


def latest_refresh(scaling: Any, group: Any) -> Any:
    """Return the latest refresh of a group."""
    name = group["AutoScalingGroupName"]
    return scaling.describe_instance_refreshes(AutoScalingGroupName=name)["InstanceRefreshes"][0]


def members(scaling: Any) -> set[str]:
    """Return the instances of the one group there is."""
    (group,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    return {one["InstanceId"] for one in group["Instances"]}


def curl(url: str) -> str:
    """Return what curl gets, which knows nothing of the region."""
    argv = [witness("curl"), "--silent", "--fail", "--max-time", "10", url]
    return subprocess.run(argv, capture_output=True, encoding="utf-8", check=True).stdout


def text_of(url: str) -> str | None:
    """Return what a page says; None while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return None
