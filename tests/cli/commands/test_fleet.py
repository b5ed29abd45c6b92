"""`cotta fleet`, as text and as JSON, of a region with played machines."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from cotta.region.home import Home, Settings
from cotta.region.machines.simulated import SimulatedMachines
from tests.support.cli import Ended, run_cotta
from tests.support.played_groups import make_group, new_version, start_refresh
from tests.support.regions import RunningRegion, simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Place:
    """A region, and the data folder by which the command finds it."""

    def __init__(self, region: RunningRegion, folder: Path) -> None:
        self.region = region
        self.environment = {"COTTA_HOME": str(folder)}
        port = int(region.endpoint.rpartition(":")[2])
        Home(folder).write_settings(Settings(network="172.31.0.0/16", port=port))

    def fleet(self, *arguments: str) -> Ended:
        return run_cotta("fleet", *arguments, environment=self.environment)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with simulated_region(tmp_path, SimulatedMachines()) as region:
        yield Place(region, tmp_path)


def test_nothing_there_is_said(place: Place) -> None:
    assert place.fleet().stdout == "There is no Auto Scaling group.\n"


def test_a_group_is_shown_with_a_line_per_member(place: Place) -> None:
    make_group(place.region)
    new_version(place.region)

    said = place.fleet().stdout

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


def test_a_refresh_under_way_is_shown_with_its_end(place: Place) -> None:
    make_group(place.region)
    start_refresh(place.region, new_version(place.region), InstanceWarmup=300)

    said = place.fleet().stdout

    assert re.search(
        r"^  Refresh to version 2: (Pending|InProgress), 0 % done, 3 to go, about ",
        said,
        re.MULTILINE,
    )


def test_as_json(place: Place) -> None:
    make_group(place.region)

    (group,) = json.loads(place.fleet("-json", "web").stdout)["groups"]

    assert (group["name"], group["in_service"], group["seconds_left"]) == ("web", 3, None)
    assert group["members"][0]["image"]["name"] == "image-1"
    assert group["members"][0]["is_in_service"] is True


def test_a_group_that_is_not_there_is_a_mistake(place: Place) -> None:
    ended = place.fleet("wbe")

    assert ended.status == 1
    assert 'No Auto Scaling group is called "wbe" in us-east-1.' in ended.stderr.replace(
        "\n│ ", " "
    )


def test_a_region_that_is_down_is_a_mistake(place: Place, tmp_path: Path) -> None:
    Home(tmp_path).write_settings(Settings(network="172.31.0.0/16", port=9))

    ended = place.fleet()

    assert ended.status == 1
    assert "The cloud can't be asked" in ended.stderr
