"""`aws_autoscaling_attachment`: made, lost, made again, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from tests.support.aws import CottaFolder, access_to_region, cotta_folder, told
from tests.support.regions import RunningRegion, simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with simulated_region(tmp_path_factory.mktemp("region"), SimulatedMachines()) as running:
        yield running


@pytest.fixture
def here(
    region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CottaFolder]:
    folder = cotta_folder(tmp_path, access_to_region(region), monkeypatch)
    yield folder
    folder.run("destroy", "-auto-approve")


GROUP = """
data "aws_vpc" "default" { default = true }
data "aws_subnets" "default" {}
resource "aws_launch_template" "a" {
  image_id      = "ami-00000000000000001"
  instance_type = "t3.micro"
}
resource "aws_autoscaling_group" "a" {
  name                = "attached"
  min_size            = 1
  max_size            = 1
  vpc_zone_identifier = data.aws_subnets.default.ids
  launch_template {
    id      = aws_launch_template.a.id
    version = aws_launch_template.a.latest_version
  }
}
resource "aws_lb_target_group" "a" {
  for_each = toset(["blue", "green"])
  name     = each.key
  port     = 80
  protocol = "HTTP"
  vpc_id   = data.aws_vpc.default.id
}
"""


def attached_to(*colours: str) -> str:
    return (
        GROUP
        + f"""
resource "aws_autoscaling_attachment" "a" {{
  for_each               = toset({list(colours)})
  autoscaling_group_name = aws_autoscaling_group.a.name
  lb_target_group_arn    = aws_lb_target_group.a[each.key].arn
}}
""".replace("'", '"')
    )


def attached(region: RunningRegion) -> list[str]:
    """Return the names of the target groups that the group's instances serve."""
    client = region.client("autoscaling")
    (group,) = client.describe_auto_scaling_groups(AutoScalingGroupNames=["attached"])[
        "AutoScalingGroups"
    ]
    return sorted(arn.split("/")[1] for arn in group["TargetGroupARNs"])


def test_it_is_made_and_found_as_it_is(here: CottaFolder, region: RunningRegion) -> None:
    here.write(attached_to("blue", "green"))

    here.apply()

    assert attached(region) == ["blue", "green"]
    here.assert_no_changes()
    # The group tells of what was attached to it after it was read; there is nothing to be done.
    here.run("apply", "-refresh-only", "-auto-approve")
    here.assert_no_drift()


def test_one_is_taken_away_and_the_other_stays(here: CottaFolder, region: RunningRegion) -> None:
    here.write(attached_to("blue", "green"))
    here.apply()
    here.write(attached_to("green"))

    here.apply()

    assert attached(region) == ["green"]
    here.assert_no_changes()


def test_another_target_group_is_another_attachment(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(attached_to("blue"))
    here.apply()
    other = attached_to("blue").replace("a[each.key].arn", 'a["green"].arn')
    here.write(other)

    change = here.planned()['aws_autoscaling_attachment.a["blue"]']
    here.apply()

    assert change["actions"] == ["delete", "create"]
    assert attached(region) == ["green"]


def test_what_somebody_detached_is_attached_again(here: CottaFolder, region: RunningRegion) -> None:
    here.write(attached_to("blue"))
    here.apply()
    arn = here.attributes('aws_lb_target_group.a["blue"]')["arn"]
    region.client("autoscaling").detach_load_balancer_target_groups(
        AutoScalingGroupName="attached", TargetGroupARNs=[arn]
    )

    change = here.planned()['aws_autoscaling_attachment.a["blue"]']
    here.apply()

    assert change["actions"] == ["create"]
    assert attached(region) == ["blue"]


def test_a_group_that_is_gone_has_taken_it_along(here: CottaFolder, region: RunningRegion) -> None:
    here.write(attached_to("blue"))
    here.apply()
    region.client("autoscaling").delete_auto_scaling_group(
        AutoScalingGroupName="attached", ForceDelete=True
    )

    ended = here.attempt("destroy", "-auto-approve")

    assert ended.status == 0, ended.stderr


def test_it_can_t_be_imported(here: CottaFolder) -> None:
    here.write(attached_to("blue"))

    ended = here.attempt("import", 'aws_autoscaling_attachment.a["blue"]', "attached")

    assert ended.status == 1
    assert "An attachment can't be imported" in told(ended)
    assert "apply the configuration instead" in told(ended)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("", "one of"),
        ('elb = "a"\n  lb_target_group_arn = "arn:aws:elasticloadbalancing:::x"', "only one"),
        ('lb_target_group_arn = "web"', "ARN"),
    ],
)
def test_mistakes(here: CottaFolder, arguments: str, sentence: str) -> None:
    here.write(
        'resource "aws_autoscaling_attachment" "a" {\n'
        f'  autoscaling_group_name = "a"\n  {arguments}\n}}\n'
    )

    ended = here.attempt("validate")

    assert ended.status == 1
    assert sentence.lower() in told(ended).lower()
    assert "main.tf line" in told(ended)
