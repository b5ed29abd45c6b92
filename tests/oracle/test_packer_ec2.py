"""Packer's amazon-ebs builder makes an image by the region's API; no machine is reached.

Without a communicator it stops the instance it has launched and makes an image of it, which is all
that the API has to do with.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from cotta.region.store.kinds import IMAGES, KEY_PAIRS, SECURITY_GROUPS, SNAPSHOTS
from tests.oracle.witnesses import witness
from tests.support.regions import simulated_region

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.regions import RunningRegion

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

TEMPLATE = """
source "amazon-ebs" "app" {
  custom_endpoint_ec2         = "ENDPOINT"
  region                      = "us-east-1"
  skip_region_validation      = true
  skip_metadata_api_check     = true
  skip_credential_validation  = true
  communicator                = "none"
  instance_type               = "t3.micro"
  ena_support                 = true
  ami_name                    = "golden"
  ami_description             = "made by packer"
  ami_users                   = ["123456789012"]
  ami_groups                  = ["all"]
  ami_regions                 = ["eu-west-1"]
  force_deregister            = true
  force_delete_snapshot       = true
  source_ami_filter {
    filters     = { name = "image-*" }
    owners      = ["111122223333"]
    most_recent = true
  }
  launch_block_device_mappings {
    device_name           = "/dev/sda1"
    volume_size           = 10
    delete_on_termination = true
  }
  tags            = { Name = "golden" }
  run_tags        = { Builder = "packer" }
  run_volume_tags = { Volume = "root" }
  snapshot_tags   = { Snapshot = "golden" }
  SPOT
  aws_polling {
    delay_seconds = 1
    max_attempts  = 60
  }
}
build { sources = ["source.amazon-ebs.app"] }
"""


def build(region: RunningRegion, folder: Path, spot: str = "") -> subprocess.CompletedProcess[str]:
    """Run a build of the template to its end."""
    template = TEMPLATE.replace("ENDPOINT", region.endpoint).replace("SPOT", spot)
    if spot:
        template = template.replace('instance_type               = "t3.micro"', "")
        template = template.replace("ena_support                 = true", "")
    (folder / "golden.pkr.hcl").write_text(template)
    return subprocess.run(
        [witness("packer"), "build", "-color=false", "golden.pkr.hcl"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=200,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CHECKPOINT_DISABLE": "1",
            "AWS_ACCESS_KEY_ID": region.account.access_key,
            "AWS_SECRET_ACCESS_KEY": region.account.secret_key,
            "AWS_CONFIG_FILE": str(folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
        },
    )


def test_packer_makes_an_image_and_replaces_it(tmp_path: Path) -> None:
    (tmp_path / "region").mkdir()
    with simulated_region(tmp_path / "region", SimulatedMachines()) as region:
        first = build(region, tmp_path)
        assert first.returncode == 0, f"{first.stdout}\n{first.stderr}"
        with region.store.read() as rows:
            before = {image.id for image in rows.all(IMAGES, name="golden")}
        second = build(region, tmp_path)
        assert second.returncode == 0, f"{second.stdout}\n{second.stderr}"

        with region.store.read() as rows:
            golden = rows.all(IMAGES, name="golden")
            snapshots = {one.id: one for one in rows.all(SNAPSHOTS)}
            assert rows.all(KEY_PAIRS) == []
            assert [group.name for group in rows.all(SECURITY_GROUPS)] == ["default"]
    # One as it was made, and its copy in the other region.
    assert len(golden) == 2
    assert not before & {image.id for image in golden}
    for image in golden:
        assert image.state.value == "available"
        assert image.description == "made by packer"
        assert image.is_public
        assert [grant.user_id for grant in image.grants] == ["123456789012"]
        # The region says what the content is.
        assert image.tags == {"Name": "golden", "aws:cotta:digest": image.digest}
        (device,) = image.devices
        assert device.size_gib == 10
        assert device.snapshot_id is not None
        assert snapshots[device.snapshot_id].tags == {"Name": "golden", "Snapshot": "golden"}
    # Those of the image it began with, and of the two.
    assert len(snapshots) == 3


def test_packer_is_told_that_there_is_no_spot(tmp_path: Path) -> None:
    (tmp_path / "region").mkdir()
    spot = 'spot_instance_types = ["t3.micro"]\n  spot_price = "auto"'
    with simulated_region(tmp_path / "region", SimulatedMachines()) as region:
        done = build(region, tmp_path, spot)

        assert done.returncode != 0
        assert "The local region does not provide ec2:CreateFleet" in done.stdout
        with region.store.read() as rows:
            assert rows.all(KEY_PAIRS) == []
            assert [group.name for group in rows.all(SECURITY_GROUPS)] == ["default"]
