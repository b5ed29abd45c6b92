"""`cotta fleet`, as text and as JSON, of a region with played machines."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from cotta.region.home import Home, Settings
from tests.support.local_cloud import LocalCloud, local_cloud
from tests.support.played_groups import make_group, new_version, start_refresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    with local_cloud(tmp_path) as running:
        yield running


def test_nothing_there_is_said(cloud: LocalCloud) -> None:
    assert cloud.cotta("fleet").stdout == "There is no Auto Scaling group.\n"


def test_a_group_is_shown_with_a_line_per_member(cloud: LocalCloud) -> None:
    make_group(cloud.region)
    new_version(cloud.region)

    said = cloud.cotta("fleet").stdout

    assert said.startswith(
        "web: 3 of 3 in service (at least 3, at most 6), template web version $Latest (the latest "
        "is 2)\n"
    )
    assert (
        len(
            re.findall(
                r"^  i-\w+  image-1  .*  1 +InService  healthy  us-east-1[abc]", said, re.MULTILINE
            )
        )
        == 3
    )
    assert "Successful: Launching a new EC2 instance" in said


def test_a_refresh_under_way_is_shown_with_its_end(cloud: LocalCloud) -> None:
    make_group(cloud.region)
    start_refresh(cloud.region, new_version(cloud.region), InstanceWarmup=300)

    said = cloud.cotta("fleet").stdout

    assert re.search(
        r"^  Refresh to version 2: (Pending|InProgress), 0 % done, 3 to go, about ",
        said,
        re.MULTILINE,
    )


def test_as_json(cloud: LocalCloud) -> None:
    make_group(cloud.region)

    (group,) = json.loads(cloud.cotta("fleet", "-json", "web").stdout)["groups"]

    assert (group["name"], group["in_service"], group["seconds_left"]) == ("web", 3, None)
    assert group["members"][0]["image"]["name"] == "image-1"
    assert group["members"][0]["is_in_service"] is True


def test_a_group_that_is_not_there_is_a_mistake(cloud: LocalCloud) -> None:
    ended = cloud.cotta("fleet", "wbe")

    assert ended.status == 1
    assert 'No Auto Scaling group is called "wbe" in us-east-1.' in ended.stderr.replace(
        "\n│ ", " "
    )


def test_a_region_that_is_down_is_a_mistake(cloud: LocalCloud, tmp_path: Path) -> None:
    Home(tmp_path).write_settings(Settings(network="172.31.0.0/16", port=9))

    ended = cloud.cotta("fleet")

    assert ended.status == 1
    assert "The cloud can't be asked" in ended.stderr
