"""A roll belongs to apply: told beforehand, begun in the right order, followed to its end."""

from __future__ import annotations

import copy
import threading
from typing import TYPE_CHECKING, Any

import pytest

from cotta.clouds.session import Session
from cotta.providers.aws.complaints import RollError
from cotta.providers.aws.connection import Connection
from cotta.providers.aws.resources.autoscaling_group import RESOURCE
from cotta.region.machines.simulated import SimulatedMachines
from cotta.system.clock import SystemClock
from tests.support.aws import CottaFolder, access_to_region, cotta_folder, told
from tests.support.regions import RunningRegion, put_image, simulated_region, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.providers.interface import Question

GOOD, BETTER, BROKEN = 1, 2, 66


@pytest.fixture(scope="module")
def machines() -> SimulatedMachines:
    machines = SimulatedMachines()
    machines.broken.add(f"{BROKEN:064x}")
    return machines


@pytest.fixture(scope="module")
def region(
    tmp_path_factory: pytest.TempPathFactory, machines: SimulatedMachines
) -> Iterator[RunningRegion]:
    with simulated_region(tmp_path_factory.mktemp("region"), machines) as running:
        put_image(running.store, number=BETTER)
        put_image(running.store, number=BROKEN)
        yield running


@pytest.fixture
def here(
    region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CottaFolder]:
    folder = cotta_folder(tmp_path, access_to_region(region), monkeypatch)
    folder.write(a_fleet())
    folder.apply()
    yield folder
    folder.run("destroy", "-auto-approve")


def a_fleet(
    image: int = GOOD,
    *,
    size: int = 3,
    version: str = "aws_launch_template.a.latest_version",
    preferences: str = "min_healthy_percentage = 100",
    more: str = "",
) -> str:
    return f"""
data "aws_subnets" "all" {{}}
resource "aws_launch_template" "a" {{
  image_id      = "ami-{image:017x}"
  instance_type = "t3.micro"
}}
resource "aws_autoscaling_group" "a" {{
  name_prefix             = "web-"
  min_size                = {size}
  max_size                = 9
  default_instance_warmup = 0
  vpc_zone_identifier     = data.aws_subnets.all.ids
  launch_template {{
    id      = aws_launch_template.a.id
    version = {version}
  }}
  instance_refresh {{
    strategy = "Rolling"
    preferences {{
      {preferences}
    }}
  }}
  {more}
}}
"""


class Fleet:
    """The group of a folder, as the region tells of it."""

    def __init__(self, here: CottaFolder, region: RunningRegion) -> None:
        self.name = here.attributes("aws_autoscaling_group.a")["id"]
        self.client = region.client("autoscaling")

    @property
    def group(self) -> dict[str, Any]:
        answer = self.client.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])
        return dict(answer["AutoScalingGroups"][0])

    @property
    def versions(self) -> list[str]:
        return sorted(
            each["LaunchTemplate"]["Version"]
            for each in self.group["Instances"]
            if each["LifecycleState"] == "InService"
        )

    @property
    def refreshes(self) -> list[dict[str, Any]]:
        answer = self.client.describe_instance_refreshes(AutoScalingGroupName=self.name)
        return list(answer["InstanceRefreshes"])


def test_a_new_image_is_rolled_out_and_followed_to_the_end(
    here: CottaFolder, region: RunningRegion
) -> None:
    fleet = Fleet(here, region)
    before = {each["InstanceId"] for each in fleet.group["Instances"]}
    here.write(a_fleet(BETTER))

    printed = here.apply()

    (refresh,) = fleet.refreshes
    assert refresh["Status"] == "Successful"
    assert refresh["DesiredConfiguration"]["LaunchTemplate"]["Version"] == "2"
    assert refresh["Preferences"]["AutoRollback"] is True
    assert fleet.versions == ["2", "2", "2"]
    assert before.isdisjoint(each["InstanceId"] for each in fleet.group["Instances"])
    assert fleet.group["LaunchTemplate"]["Version"] == "2"
    assert printed.count("in service after") == 3
    here.assert_no_changes()


def test_the_plan_says_what_the_roll_will_be_like(here: CottaFolder) -> None:
    here.write(a_fleet(BETTER))

    printed = here.run("plan")

    assert "rolling 3 instances, launch first, never fewer than 3 in service, about 3 s" in printed


def test_an_outage_is_warned_of_with_the_remedy(here: CottaFolder) -> None:
    here.write(a_fleet(BETTER, preferences="min_healthy_percentage = 0"))

    ended = here.attempt("plan")

    assert ended.status == 0
    assert "rolling 3 instances, end first, none in service for a while" in ended.stdout
    said = told(ended) + " ".join(ended.stdout.replace("│", " ").split())
    assert "The roll is an outage" in said
    assert "set min_healthy_percentage = 100 in the preferences of instance_refresh" in said


def test_a_new_group_and_one_that_is_not_refreshed_are_not_said_to_roll(
    here: CottaFolder,
) -> None:
    here.write(a_fleet(more='termination_policies = ["OldestInstance"]'))

    assert "rolling" not in here.run("plan")


@pytest.mark.slow
def test_an_image_that_does_not_come_up_leaves_the_fleet_as_it_was(
    here: CottaFolder, region: RunningRegion
) -> None:
    fleet = Fleet(here, region)
    before = {each["InstanceId"] for each in fleet.group["Instances"]}
    here.write(a_fleet(BROKEN))

    ended = here.attempt("apply", "-auto-approve")

    assert ended.status == 1
    assert "The roll of the fleet failed, and was rolled back" in told(ended)
    assert "3 launches in a row came to nothing" in told(ended)
    assert "Kernel panic" in told(ended)
    assert fleet.refreshes[0]["Status"] == "RollbackSuccessful"
    assert before == {each["InstanceId"] for each in fleet.group["Instances"]}
    assert fleet.group["LaunchTemplate"]["Version"] == "1"
    state = here.attributes("aws_autoscaling_group.a")["launch_template"]
    assert state[0]["version"] == "1"
    change = here.planned()["aws_autoscaling_group.a"]
    assert change["actions"] == ["update"]
    assert change["after"]["launch_template"][0]["version"] == "2"


@pytest.mark.slow
def test_without_a_rollback_a_failed_roll_stops_where_it_is(
    here: CottaFolder, region: RunningRegion
) -> None:
    fleet = Fleet(here, region)
    here.write(a_fleet(BROKEN, preferences="auto_rollback = false"))

    ended = here.attempt("apply", "-auto-approve")

    assert ended.status == 1
    assert "Error: The roll of the fleet failed" in told(ended)
    assert fleet.refreshes[0]["Status"] == "Cancelled"
    assert "AutoRollback" not in here.run("show")
    assert fleet.group["LaunchTemplate"]["Version"] == "1"


def test_latest_is_a_number_for_the_roll_and_stays_a_word_for_the_group(
    here: CottaFolder, region: RunningRegion
) -> None:
    fleet = Fleet(here, region)
    here.write(a_fleet(BETTER, version='"$Latest"'))

    here.apply()

    assert fleet.refreshes[0]["DesiredConfiguration"]["LaunchTemplate"]["Version"] == "2"
    assert fleet.group["LaunchTemplate"]["Version"] == "$Latest"
    assert fleet.versions == ["2", "2", "2"]
    here.assert_no_changes()


@pytest.mark.parametrize(
    ("word", "more", "is_warned_of"),
    [
        ("$Latest", "", True),
        ("$Default", "", False),
        ("$Default", "update_default_version = true", True),
    ],
)
def test_a_version_that_is_a_word_is_warned_of_as_it_rolls_nothing_out(
    here: CottaFolder, region: RunningRegion, word: str, more: str, *, is_warned_of: bool
) -> None:
    def text(image: int) -> str:
        whole = a_fleet(image, version=f'"{word}"')
        return whole.replace('"t3.micro"', f'"t3.micro"\n  {more}')

    here.write(text(GOOD))
    here.apply()
    refreshes = Fleet(here, region).refreshes
    here.write(text(BETTER))

    ended = here.attempt("apply", "-auto-approve")

    said = " ".join((ended.stdout + ended.stderr).replace("│", " ").split())
    assert ended.status == 0
    assert ("The new version of the launch template is not rolled out" in said) is is_warned_of
    assert (f'names its version "{word}", which stays the same word' in said) is is_warned_of
    assert Fleet(here, region).refreshes == refreshes
    here.assert_no_changes()


@pytest.mark.slow
def test_nobody_waits_if_nobody_is_to(here: CottaFolder, region: RunningRegion) -> None:
    fleet = Fleet(here, region)
    here.write(a_fleet(BETTER, preferences='min_healthy_percentage = 100\n instance_warmup = "1"'))

    printed = here.apply("-no-wait")

    assert "is left to itself" in printed
    assert fleet.group["LaunchTemplate"]["Version"] == "2"
    wait_until(lambda: fleet.refreshes[0]["Status"] == "Successful")
    here.assert_no_changes()


SLOW = {"MinHealthyPercentage": 100, "InstanceWarmup": 600}


def test_another_roll_under_way_is_cancelled_if_that_is_said(
    here: CottaFolder, region: RunningRegion
) -> None:
    fleet = Fleet(here, region)
    fleet.client.start_instance_refresh(AutoScalingGroupName=fleet.name, Preferences=SLOW)
    here.write(a_fleet(BETTER))

    printed = here.apply("-replace-refresh")

    assert "cancelling the refresh under way" in printed
    assert [each["Status"] for each in fleet.refreshes] == ["Successful", "Cancelled"]
    assert fleet.versions == ["2", "2", "2"]


@pytest.mark.slow
def test_another_roll_under_way_is_waited_for(here: CottaFolder, region: RunningRegion) -> None:
    fleet = Fleet(here, region)
    fleet.client.start_instance_refresh(
        AutoScalingGroupName=fleet.name,
        Preferences={"MinHealthyPercentage": 100, "InstanceWarmup": 1},
    )
    here.write(a_fleet(BETTER))

    printed = here.apply()

    assert "waiting for another refresh under way" in printed
    assert [each["Status"] for each in fleet.refreshes] == ["Successful", "Successful"]
    assert fleet.versions == ["2", "2", "2"]


@pytest.mark.slow
def test_a_roll_to_the_same_that_is_under_way_is_taken_up(
    here: CottaFolder, region: RunningRegion
) -> None:
    fleet = Fleet(here, region)
    here.write(a_fleet(BETTER))
    here.run("apply", "-auto-approve", "-target=aws_launch_template.a")
    template = here.attributes("aws_launch_template.a")["id"]
    fleet.client.start_instance_refresh(
        AutoScalingGroupName=fleet.name,
        DesiredConfiguration={"LaunchTemplate": {"LaunchTemplateId": template, "Version": "2"}},
        Preferences={"MinHealthyPercentage": 100, "InstanceWarmup": 1},
    )

    printed = here.apply()

    assert "is under way, taking it up" in printed
    assert len(fleet.refreshes) == 1
    assert fleet.versions == ["2", "2", "2"]
    here.assert_no_changes()


def test_a_group_that_is_taken_away_meanwhile_is_told_of(
    here: CottaFolder, region: RunningRegion
) -> None:
    fleet = Fleet(here, region)
    slow = 'min_healthy_percentage = 100\n      instance_warmup = "600"'
    here.write(a_fleet(BETTER, preferences=slow))

    def take_away() -> None:
        wait_until(lambda: fleet.refreshes)
        fleet.client.delete_auto_scaling_group(AutoScalingGroupName=fleet.name, ForceDelete=True)

    somebody = threading.Thread(target=take_away)
    somebody.start()
    ended = here.attempt("apply", "-auto-approve")
    somebody.join()

    assert ended.status == 1
    # It may be seen on its way, or when it has gone.
    words = ("Error: The roll of the fleet was cancelled", "Error: The group is gone")
    assert any(each in told(ended) for each in words), told(ended)


@pytest.mark.parametrize(
    ("answer", "sentence", "status"),
    [
        ("leave", "goes on without Cotta. The next apply takes it up again", "InProgress"),
        ("cancel", "was cancelled, where it was", "Cancelled"),
    ],
)
def test_who_interrupts_is_asked_what_becomes_of_the_roll(
    here: CottaFolder, region: RunningRegion, answer: str, sentence: str, status: str
) -> None:
    fleet = Fleet(here, region)
    here.write(a_fleet(BETTER))
    here.run("apply", "-auto-approve", "-target=aws_launch_template.a")
    prior = here.attributes("aws_autoscaling_group.a")
    wanted = copy.deepcopy(prior)
    wanted["launch_template"][0]["version"] = "2"
    wanted["default_instance_warmup"] = 600
    asked: list[Question] = []

    def ask(question: Question) -> str:
        asked.append(question)
        return answer

    on = Connection(
        session=Session(here.access),
        clock=SystemClock(),
        stopped=lambda: bool(fleet.refreshes),
        ask=ask,
    )
    assert RESOURCE.update is not None
    with pytest.raises(RollError, match=sentence):
        RESOURCE.update(on, prior, wanted)

    assert [each.default for each in asked] == ["leave"]
    wait_until(lambda: fleet.refreshes[0]["Status"] == status)


def half_rolled(here: CottaFolder, fleet: Fleet, *, cancels: bool) -> set[str]:
    """Roll the third of a fleet to another image; return the instances that are as before."""
    here.write(a_fleet(BETTER))
    here.run("apply", "-auto-approve", "-target=aws_launch_template.a")
    template = here.attributes("aws_launch_template.a")["id"]
    fleet.client.start_instance_refresh(
        AutoScalingGroupName=fleet.name,
        DesiredConfiguration={"LaunchTemplate": {"LaunchTemplateId": template, "Version": "2"}},
        Preferences={
            "MinHealthyPercentage": 100,
            "CheckpointPercentages": [30, 100],
            "CheckpointDelay": 3600,
        },
    )
    wait_until(lambda: fleet.versions == ["1", "1", "2"])
    if cancels:
        fleet.client.cancel_instance_refresh(AutoScalingGroupName=fleet.name)
        wait_until(lambda: fleet.refreshes[0]["Status"] == "Cancelled")
    return {
        each["InstanceId"]
        for each in fleet.group["Instances"]
        if each["LaunchTemplate"]["Version"] == "1" and each["LifecycleState"] == "InService"
    }


def test_what_still_runs_the_earlier_image_is_kept_on_the_way_back(
    here: CottaFolder, region: RunningRegion
) -> None:
    fleet = Fleet(here, region)
    old = half_rolled(here, fleet, cancels=True)
    here.write(a_fleet(GOOD))

    plan = here.run("plan")
    printed = here.apply()

    assert "rolling 1 of 3 instances, launch first, never fewer than 3 in service" in plan
    words = "2 of 3 instances are kept: version 1, which they run, is the same as 3"
    assert words in plan
    assert words in printed
    assert old <= {each["InstanceId"] for each in fleet.group["Instances"]}
    assert fleet.versions == ["1", "1", "1"]
    assert fleet.group["LaunchTemplate"]["Version"] == "3"
    here.assert_no_changes()


def test_a_roll_at_a_checkpoint_is_cancelled_and_what_still_runs_is_kept(
    here: CottaFolder, region: RunningRegion
) -> None:
    fleet = Fleet(here, region)
    old = half_rolled(here, fleet, cancels=False)
    stops = "min_healthy_percentage = 100\n checkpoint_percentages = [30, 100]"
    here.write(a_fleet(GOOD, preferences=stops))

    here.apply("-replace-refresh")

    assert old <= {each["InstanceId"] for each in fleet.group["Instances"]}
    assert [each["Status"] for each in fleet.refreshes] == ["Successful", "Cancelled"]
    here.assert_no_changes()


def test_where_nothing_was_replaced_yet_nothing_is_on_the_way_back(
    here: CottaFolder, region: RunningRegion
) -> None:
    fleet = Fleet(here, region)
    before = {each["InstanceId"] for each in fleet.group["Instances"]}
    here.write(a_fleet(BROKEN))
    here.apply("-target=aws_launch_template.a")
    here.write(a_fleet(GOOD))

    plan = here.run("plan")
    here.apply()

    assert "rolling" not in plan
    assert "3 of 3 instances are kept: version 1, which they run, is the same as 3" in plan
    assert {each["InstanceId"] for each in fleet.group["Instances"]} == before
    assert fleet.refreshes == []
    assert fleet.group["LaunchTemplate"]["Version"] == "3"
    here.assert_no_changes()


def test_all_are_replaced_if_the_configuration_says_that_none_is_skipped(
    here: CottaFolder, region: RunningRegion
) -> None:
    fleet = Fleet(here, region)
    old = half_rolled(here, fleet, cancels=True)
    all_of_them = "min_healthy_percentage = 100\n skip_matching = false"
    here.write(a_fleet(GOOD, preferences=all_of_them))

    printed = here.apply()

    assert "instances are kept" not in printed
    assert old.isdisjoint(each["InstanceId"] for each in fleet.group["Instances"])
    assert fleet.versions == ["3", "3", "3"]
