"""`aws_autoscaling_group`: made, waited for, changed, drained; on a region with played machines."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from tests.support.aws import CottaFolder, access_to_endpoint, access_to_region, cotta_folder, told
from tests.support.moto import moto_client, moto_server
from tests.support.regions import RunningRegion, put_image, simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator

ARTICLE = Path(__file__).parents[3] / "examples" / "article"


@pytest.fixture(scope="module")
def machines() -> SimulatedMachines:
    return SimulatedMachines()


@pytest.fixture(scope="module")
def region(
    tmp_path_factory: pytest.TempPathFactory, machines: SimulatedMachines
) -> Iterator[RunningRegion]:
    with simulated_region(tmp_path_factory.mktemp("region"), machines) as running:
        put_image(running.store, number=2)
        put_image(running.store, number=66)
        yield running


@pytest.fixture
def here(
    region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CottaFolder]:
    folder = cotta_folder(tmp_path, access_to_region(region), monkeypatch)
    yield folder
    folder.run("destroy", "-auto-approve")


def a_group(more: str = "", *, sizes: str = "min_size = 2\n  max_size = 4", image: int = 1) -> str:
    return f"""
data "aws_subnets" "all" {{}}
resource "aws_launch_template" "a" {{
  image_id      = "ami-{image:017x}"
  instance_type = "t3.micro"
}}
resource "aws_autoscaling_group" "a" {{
  name_prefix         = "web-"
  {sizes}
  vpc_zone_identifier = data.aws_subnets.all.ids
  launch_template {{
    id      = aws_launch_template.a.id
    version = aws_launch_template.a.latest_version
  }}
  {more}
}}
"""


def group(here: CottaFolder, region: RunningRegion) -> dict[str, Any]:
    name = here.attributes("aws_autoscaling_group.a")["id"]
    client = region.client("autoscaling")
    answer = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    (found,) = answer["AutoScalingGroups"]
    return dict(found)


def test_the_file_of_the_article(here: CottaFolder, region: RunningRegion) -> None:
    put_image(region.store, number=7, name="devcraftly-app-1", owner_id=region.account.id)
    subnets = [each["SubnetId"] for each in region.client("ec2").describe_subnets()["Subnets"]]
    for file in ARTICLE.glob("*.tf"):
        shutil.copy(file, here.folder)
    (here.folder / "more.auto.tfvars").write_text(
        f"private_subnet_ids = {subnets}".replace("'", '"')
    )

    here.apply()

    here.assert_no_changes()
    name = here.attributes("aws_autoscaling_group.app")["name"]
    (found,) = region.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[name]
    )["AutoScalingGroups"]
    assert [each["LifecycleState"] for each in found["Instances"]] == ["InService"] * 3


def test_a_new_group_is_there_when_its_instances_are(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(
        a_group('enabled_metrics = ["GroupMinSize"]\n  suspended_processes = ["AZRebalance"]')
    )

    printed = here.apply()

    found = group(here, region)
    assert [each["LifecycleState"] for each in found["Instances"]] == ["InService"] * 2
    assert found["SuspendedProcesses"][0]["ProcessName"] == "AZRebalance"
    assert found["EnabledMetrics"][0]["Metric"] == "GroupMinSize"
    assert "in service (2 of 2)" in printed
    here.assert_no_changes()


def test_changes_in_place_are_made_and_found(here: CottaFolder, region: RunningRegion) -> None:
    here.write(a_group())
    here.apply()
    here.write(
        a_group(
            """health_check_grace_period = 5
  default_cooldown          = 60
  termination_policies      = ["OldestInstance"]
  protect_from_scale_in     = true
  enabled_metrics           = ["GroupMaxSize"]
  suspended_processes       = ["AZRebalance"]
  tag {
    key                 = "Name"
    value               = "web"
    propagate_at_launch = true
  }""",
            sizes="min_size = 3\n  max_size = 5",
        )
    )

    here.apply()

    found = group(here, region)
    assert (found["MinSize"], found["MaxSize"], found["DefaultCooldown"]) == (3, 5, 60)
    assert found["TerminationPolicies"] == ["OldestInstance"]
    assert found["Tags"][0]["Value"] == "web"
    assert len(found["Instances"]) == 3
    here.assert_no_changes()
    here.write(a_group(sizes="min_size = 3\n  max_size = 5"))
    here.apply()
    found = group(here, region)
    assert found["TerminationPolicies"] == ["Default"]
    assert (found["Tags"], found["EnabledMetrics"], found["SuspendedProcesses"]) == ([], [], [])
    here.assert_no_changes()


def test_a_group_that_does_not_come_up_is_kept_in_mind(
    here: CottaFolder, region: RunningRegion, machines: SimulatedMachines
) -> None:
    machines.broken.add(f"{66:064x}")
    here.write(a_group('wait_for_capacity_timeout = "5s"', image=66))

    ended = here.attempt("apply", "-auto-approve")

    assert ended.status == 1
    assert "Scaling activity failed" in told(ended)
    assert "Kernel panic" in told(ended)
    name = here.attributes("aws_autoscaling_group.a")["id"]
    groups = region.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert name in [each["AutoScalingGroupName"] for each in groups]
    assert here.planned()["aws_autoscaling_group.a"]["actions"] == ["delete", "create"]


def test_the_end_of_a_group_is_the_end_of_its_instances(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(a_group("protect_from_scale_in = true"))
    here.apply()
    ids = [each["InstanceId"] for each in group(here, region)["Instances"]]

    here.run("destroy", "-auto-approve")

    reservations = region.client("ec2").describe_instances(InstanceIds=ids)["Reservations"]
    states = {one["State"]["Name"] for each in reservations for one in each["Instances"]}
    assert states == {"terminated"}


@pytest.mark.parametrize(
    ("more", "sizes", "sentence"),
    [
        ("", "min_size = 3\n  max_size = 2", "min_size is 3, and can't be more than max_size, 2."),
        ("desired_capacity = 9", "min_size = 1\n  max_size = 2",
         "desired_capacity is 9, more than max_size, 2."),
        ('launch_configuration = "a"', "min_size = 1\n  max_size = 2", "can be set, and here are"),
        ('availability_zones = ["us-east-1a"]', "min_size = 1\n  max_size = 2",
         '"availability_zones" can\'t be set together with "vpc_zone_identifier"'),
        ('instance_refresh {\n    strategy = "Rolling"\n    triggers = ["nonsense"]\n  }',
         "min_size = 1\n  max_size = 2", 'The trigger "nonsense" is no argument of a group.'),
        ('instance_refresh {\n    strategy = "All"\n  }', "min_size = 1\n  max_size = 2",
         'needs to be one of "Rolling", and this is "All"'),
        ('wait_for_capacity_timeout = "ten"', "min_size = 1\n  max_size = 2",
         'needs a duration such as "10m" or "1h30m", and "ten" is none'),
    ],
)  # fmt: skip
def test_mistakes(
    region: RunningRegion,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    more: str,
    sizes: str,
    sentence: str,
) -> None:
    here = cotta_folder(tmp_path, access_to_region(region), monkeypatch)
    here.write(a_group(more, sizes=sizes))

    ended = here.attempt("plan")

    assert ended.status == 1
    assert sentence in told(ended)


def test_the_same_against_moto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with moto_server() as endpoint:
        here = cotta_folder(tmp_path, access_to_endpoint(endpoint), monkeypatch)
        images = moto_client(endpoint).describe_images()["Images"]
        text = a_group().replace(f"ami-{1:017x}", images[0]["ImageId"])
        here.write(text)
        here.apply()
        here.assert_no_changes()
        here.write(text.replace("max_size = 4", "max_size = 6"))
        here.apply()
        here.assert_no_changes()

        client = moto_client(endpoint, "autoscaling")
        (found,) = client.describe_auto_scaling_groups()["AutoScalingGroups"]
        assert (found["MaxSize"], len(found["Instances"])) == (6, 2)
        here.run("destroy", "-auto-approve")
        assert client.describe_auto_scaling_groups()["AutoScalingGroups"] == []
