"""`cotta rollback` against a region: the previous image is pinned, planned and applied."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.local_cloud import LocalCloud, local_cloud
from tests.support.regions import put_image, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT = """\
data "aws_ami" "web" {
  most_recent = true
  owners      = ["self"]
  filter {
    name   = "name"
    values = ["web-*"]
  }
}

locals {
  image = data.aws_ami.web.id
}

resource "aws_launch_template" "web" {
  name_prefix   = "web-"
  image_id      = local.image
  instance_type = "t3.micro"
}
"""


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalCloud]:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("main.tf").write_text(_TEXT)
    with local_cloud(tmp_path / "home") as running:
        yield running


def image(cloud: LocalCloud, number: int) -> str:
    """Give the region's account an image that is newer the higher its number."""
    created, account = datetime(2026, 1, number, tzinfo=UTC), cloud.region.account.id
    name = f"web-{number}"
    store = cloud.region.store
    put = put_image(store, number=number, name=name, owner_id=account, created_at=created)
    return str(put.id)


def apply(cloud: LocalCloud) -> None:
    ended = cloud.cotta("apply", "-auto-approve", "-input=false")
    assert ended.status == 0, ended.stderr


def launched(cloud: LocalCloud) -> str:
    """Return the image of the newest version of the one launch template."""
    ec2 = cloud.region.client("ec2")
    (template,) = ec2.describe_launch_templates()["LaunchTemplates"]
    (version,) = ec2.describe_launch_template_versions(
        LaunchTemplateId=template["LaunchTemplateId"], Versions=["$Latest"]
    )["LaunchTemplateVersions"]
    return str(version["LaunchTemplateData"]["ImageId"])


def test_the_previous_image_is_launched_again_and_stays(cloud: LocalCloud) -> None:
    old = image(cloud, 11)
    apply(cloud)
    new = image(cloud, 12)
    apply(cloud)
    assert launched(cloud) == new

    ended = cloud.cotta("rollback", "-auto-approve")

    assert (ended.status, ended.stderr) == (0, "")
    assert launched(cloud) == old
    pin = json.loads(Path("images.pins.json").read_text())["pins"]["data.aws_ami.web"]
    assert (pin["image"], pin["name"], pin["why"]) == (old, "web-11", f"rolled back from {new}")
    assert cloud.cotta("plan", "-detailed-exitcode").status == 0


def test_a_folder_can_be_named(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    old = image(cloud, 11)
    apply(cloud)
    image(cloud, 12)
    apply(cloud)
    folder = Path.cwd()
    monkeypatch.chdir(folder.parent)

    ended = cloud.cotta("rollback", "-auto-approve", folder.name, "aws_launch_template.web")

    assert (ended.status, ended.stderr) == (0, "")
    assert launched(cloud) == old
    assert (folder / "images.pins.json").exists()


def test_where_there_is_no_configuration_its_folder_is_asked_for(cloud: LocalCloud) -> None:
    Path("main.tf").unlink()

    ended = cloud.cotta("rollback", "-auto-approve")

    assert ended.status == 1
    assert "Name its folder: cotta rollback FOLDER." in ended.stderr.replace("\n│ ", " ")


def test_an_image_can_be_named(cloud: LocalCloud) -> None:
    oldest = image(cloud, 11)
    for number in (12, 13):
        apply(cloud)
        image(cloud, number)
    apply(cloud)

    assert cloud.cotta("rollback", "-auto-approve", f"-to={oldest}").status == 0
    assert launched(cloud) == oldest


def test_an_image_that_is_gone_is_passed_over(cloud: LocalCloud) -> None:
    oldest, middle = image(cloud, 11), ""
    apply(cloud)
    middle = image(cloud, 12)
    apply(cloud)
    image(cloud, 13)
    apply(cloud)
    cloud.region.client("ec2").deregister_image(ImageId=middle)

    assert cloud.cotta("rollback", "-auto-approve").status == 0
    assert launched(cloud) == oldest


def test_whoever_says_no_changes_nothing(cloud: LocalCloud) -> None:
    image(cloud, 11)
    apply(cloud)
    new = image(cloud, 12)
    apply(cloud)

    ended = cloud.cotta("rollback", "-input=false")

    assert ended.status == 1
    assert not Path("images.pins.json").exists()
    assert launched(cloud) == new


_GROUP = """
data "aws_subnets" "all" {}

resource "aws_autoscaling_group" "web" {
  name                    = "web"
  min_size                = 3
  max_size                = 5
  default_instance_warmup = 0
  vpc_zone_identifier     = data.aws_subnets.all.ids
  launch_template {
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
  }
  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = 100
      checkpoint_percentages = [30, 100]
    }
  }
}
"""


def test_a_roll_at_a_checkpoint_is_undone_and_what_still_runs_is_kept(cloud: LocalCloud) -> None:
    Path("main.tf").write_text(_TEXT + _GROUP)
    old = image(cloud, 11)
    apply(cloud)
    client = cloud.region.client("autoscaling")

    def running() -> dict[str, str]:
        (group,) = client.describe_auto_scaling_groups()["AutoScalingGroups"]
        return {
            one["InstanceId"]: one["LaunchTemplate"]["Version"]
            for one in group["Instances"]
            if one["LifecycleState"] == "InService"
        }

    image(cloud, 12)
    assert cloud.cotta("apply", "-auto-approve", "-no-wait").status == 0
    wait_until(lambda: sorted(running().values()) == ["1", "1", "2"])
    kept = {id_ for id_, version in running().items() if version == "1"}

    ended = cloud.cotta("rollback", "-auto-approve")

    assert (ended.status, ended.stderr) == (0, "")
    assert "2 of 3 instances are kept" in ended.stdout
    assert kept <= set(running())
    assert launched(cloud) == old
    assert cloud.cotta("plan", "-detailed-exitcode").status == 0


def test_a_rollback_that_came_to_no_end_is_taken_up(cloud: LocalCloud) -> None:
    Path("main.tf").write_text(_TEXT + _GROUP.replace("checkpoint_percentages = [30, 100]", ""))
    old = image(cloud, 11)
    apply(cloud)
    image(cloud, 12)
    apply(cloud)
    target = "-target=aws_launch_template.web"
    assert cloud.cotta("rollback", "-auto-approve", target).status == 0
    before = Path("images.pins.json").read_text()

    ended = cloud.cotta("rollback", "-auto-approve")

    assert (ended.status, ended.stderr) == (0, "")
    assert launched(cloud) == old
    pin, was = (
        json.loads(text)["pins"]["data.aws_ami.web"]
        for text in (Path("images.pins.json").read_text(), before)
    )
    assert (pin["image"], pin["why"]) == (old, was["why"])
    assert cloud.cotta("plan", "-detailed-exitcode").status == 0
    (group,) = cloud.region.client("autoscaling").describe_auto_scaling_groups()[
        "AutoScalingGroups"
    ]
    assert {one["LaunchTemplate"]["Version"] for one in group["Instances"]} == {"3"}


@pytest.mark.parametrize(
    ("images", "arguments", "summary"),
    [
        (0, [], "Nothing to roll back"),
        (1, [], "There is no previous image"),
        (1, ["-to=ami-0123456789abcdef0"], "There is no such image"),
        (1, ["aws_launch_template.wbe"], "No such launch template"),
    ],
)
def test_mistakes(cloud: LocalCloud, images: int, arguments: list[str], summary: str) -> None:
    if images:
        image(cloud, 11)
        apply(cloud)

    ended = cloud.cotta("rollback", "-auto-approve", *arguments)

    assert ended.status == 1
    assert summary in ended.stderr


def test_an_image_that_no_data_source_finds_is_a_mistake(cloud: LocalCloud) -> None:
    known = image(cloud, 11)
    Path("main.tf").write_text(_TEXT.replace("data.aws_ami.web.id\n", f'"{known}"\n'))
    apply(cloud)

    ended = cloud.cotta("rollback", "-auto-approve")

    assert ended.status == 1
    assert "The image can't be pinned" in ended.stderr
