"""`cotta images pin` and `unpin`, and plans that hold to pins, against a region."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.local_cloud import LocalCloud, local_cloud
from tests.support.regions import put_image

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

output "image" {
  value = data.aws_ami.web.id
}
"""


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalCloud]:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("main.tf").write_text(_TEXT)
    with local_cloud(tmp_path / "home") as running:
        image(running, 11)
        yield running


def image(cloud: LocalCloud, number: int) -> str:
    """Give the region's account an image that is newer the higher its number."""
    created = datetime(2026, 1, number, tzinfo=UTC)
    account = cloud.region.account.id
    put = put_image(
        cloud.region.store,
        number=number,
        name=f"web-{number}",
        owner_id=account,
        created_at=created,
    )
    return str(put.id)


def found(cloud: LocalCloud) -> str:
    """Return the image that an apply finds."""
    ended = cloud.cotta("apply", "-auto-approve", "-input=false")
    assert ended.status == 0, ended.stderr
    return str(json.loads(cloud.cotta("output", "-json").stdout)["image"]["value"])


def test_a_pin_holds_the_image_of_the_state_though_there_is_a_newer_one(cloud: LocalCloud) -> None:
    old = found(cloud)
    pinned = cloud.cotta("images", "pin", "data.aws_ami.web", "-why=release 41")
    new = image(cloud, 12)

    assert (pinned.status, pinned.stderr) == (0, "")
    assert f"data.aws_ami.web is pinned to {old} (web-11) since" in pinned.stdout
    assert found(cloud) == old
    plan = cloud.cotta("plan")
    assert "Pinned images:\n  data.aws_ami.web is pinned to " + old in plan.stdout
    assert "No changes." in plan.stdout
    assert cloud.cotta("images", "unpin", "data.aws_ami.web").status == 0
    assert not Path("images.pins.json").exists()
    assert found(cloud) == new


def test_an_image_can_be_named(cloud: LocalCloud) -> None:
    old, new = image(cloud, 13), image(cloud, 14)

    assert found(cloud) == new
    assert cloud.cotta("images", "pin", "data.aws_ami.web", old).status == 0
    assert found(cloud) == old


def test_the_state_has_the_arguments_as_they_are_written(cloud: LocalCloud) -> None:
    found(cloud)
    before = json.loads(cloud.cotta("show", "-json").stdout)
    cloud.cotta("images", "pin", "data.aws_ami.web")

    found(cloud)

    assert json.loads(cloud.cotta("show", "-json").stdout)["values"] == before["values"]


def test_machines_are_told_of_pins(cloud: LocalCloud) -> None:
    old = found(cloud)
    cloud.cotta("images", "pin", "data.aws_ami.web", "-why=release 41")

    records = [json.loads(line) for line in cloud.cotta("plan", "-json").stdout.splitlines()]

    (record,) = [one for one in records if one["type"] == "pinned_image"]
    assert (record["pin"]["addr"], record["pin"]["image"]) == ("data.aws_ami.web", old)
    assert record["pin"]["why"] == "release 41"


@pytest.mark.parametrize(
    ("arguments", "summary", "words"),
    [
        (["pin", "data.aws_ami.wbe"], "This can't be pinned", "no such block"),
        (["pin", "aws_instance.a"], "This can't be pinned", 'only data "aws_ami" blocks'),
        (["pin", "data.aws_ami.web"], "Which image?", "The state has no data.aws_ami.web yet"),
        (
            ["pin", "data.aws_ami.web", "ami-0123456789abcdef0"],
            "There is no such image",
            "InvalidAMIID.NotFound",
        ),
        (["unpin", "data.aws_ami.web"], "Nothing is pinned there", "no pin of data.aws_ami.web"),
    ],
)
def test_mistakes(cloud: LocalCloud, arguments: list[str], summary: str, words: str) -> None:
    ended = cloud.cotta("images", *arguments)

    assert ended.status == 1
    assert summary in ended.stderr
    assert words in ended.stderr.replace("\n│ ", " ")
    assert not Path("images.pins.json").exists()


def test_a_pin_of_nothing_is_a_warning(cloud: LocalCloud) -> None:
    found(cloud)
    cloud.cotta("images", "pin", "data.aws_ami.web")
    Path("main.tf").write_text('output "a" {\n  value = 1\n}\n')

    ended = cloud.cotta("plan")

    assert ended.status == 0
    assert "Pin without a data source" in ended.stdout


def test_a_damaged_file_stops_a_plan(cloud: LocalCloud) -> None:
    Path("images.pins.json").write_text("{")

    ended = cloud.cotta("plan")

    assert ended.status == 1
    assert "The pins can't be read" in ended.stderr


def test_a_pinned_image_that_is_gone_is_a_mistake(cloud: LocalCloud) -> None:
    old = found(cloud)
    cloud.cotta("images", "pin", "data.aws_ami.web")
    cloud.region.client("ec2").deregister_image(ImageId=old)

    ended = cloud.cotta("plan")

    assert ended.status == 1
    assert "Error: No image found" in ended.stderr
