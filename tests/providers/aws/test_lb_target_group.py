"""`aws_lb_target_group`, against a region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.aws import CottaFolder, access_to_region, cotta_folder, told
from tests.support.aws_faults import apply_through
from tests.support.fault_proxy import DropAfter, DropBefore, Fault, ServerErrorAfter, Throttle
from tests.support.regions import RunningRegion, running_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NETWORK = 'data "aws_vpc" "default" {\n default = true\n}\n'


def a_group(**arguments: str) -> str:
    plain = {
        "name_prefix": '"web-"',
        "port": "80",
        "protocol": '"HTTP"',
        "vpc_id": "data.aws_vpc.default.id",
    }
    merged = {**plain, **arguments}
    lines = "\n".join(f"  {name} = {value}" for name, value in merged.items() if value)
    return f'{NETWORK}resource "aws_lb_target_group" "a" {{\n{lines}\n}}\n'


@pytest.fixture
def region(tmp_path: Path) -> Iterator[RunningRegion]:
    with running_region(tmp_path) as running:
        yield running


@pytest.fixture
def here(region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CottaFolder:
    return cotta_folder(tmp_path / "work", access_to_region(region), monkeypatch)


def groups(region: RunningRegion) -> list[str]:
    found = region.client("elbv2").describe_target_groups()["TargetGroups"]
    return [one["TargetGroupName"][:4] for one in found]


def test_a_group_is_made_changed_in_place_and_taken_away(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(a_group())
    here.apply()
    here.assert_no_changes()
    here.write(a_group(deregistration_delay="5", slow_start="30"))

    change = here.planned()["aws_lb_target_group.a"]
    printed = here.apply()

    assert change["actions"] == ["update"]
    assert "0 added, 1 changed, 0 destroyed" in printed
    elbv2 = region.client("elbv2")
    (group,) = elbv2.describe_target_groups()["TargetGroups"]
    told_attributes = {
        one["Key"]: one["Value"]
        for one in elbv2.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])[
            "Attributes"
        ]
    }
    assert told_attributes["deregistration_delay.timeout_seconds"] == "5"
    assert told_attributes["slow_start.duration_seconds"] == "30"
    here.run("destroy", "-auto-approve")
    assert groups(region) == []


@pytest.mark.parametrize(
    ("argument", "value"),
    [("port", "81"), ("protocol", '"HTTPS"'), ("target_type", '"ip"'), ("name_prefix", '"x-"')],
)
def test_what_cannot_change_in_place_makes_a_new_group(
    here: CottaFolder, argument: str, value: str
) -> None:
    here.write(a_group())
    here.apply()
    here.write(a_group(**{argument: value}))

    change = here.planned()["aws_lb_target_group.a"]

    assert change["actions"] == ["delete", "create"]
    assert change["replace_paths"] == [[argument]]


def test_a_taken_name_stays_somebody_elses(here: CottaFolder, region: RunningRegion) -> None:
    vpc = region.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    region.client("elbv2").create_target_group(Name="web", Port=80, Protocol="HTTP", VpcId=vpc)
    here.write(a_group(name='"web"', name_prefix=""))

    ended = here.attempt("apply", "-auto-approve")

    assert ended.status == 1
    assert "there is a TargetGroup named 'web' already; choose another name" in told(ended)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [DropAfter, DropBefore, ServerErrorAfter, Throttle])
@pytest.mark.parametrize("times", [1, 2])
def test_a_lost_answer_makes_no_second_group(
    kind: type[Fault], times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, _ = apply_through(
        kind("CreateTargetGroup", times=times), a_group(), groups, tmp_path, monkeypatch
    )

    assert outcome.met == times
    assert outcome.statuses[1:] == (0, 0)
    assert (outcome.things, outcome.left) == (["web-"], [])


def test_a_group_is_imported_by_its_arn(here: CottaFolder) -> None:
    here.write(a_group(deregistration_delay="7"))
    here.apply()
    arn = here.attributes("aws_lb_target_group.a")["arn"]
    (here.folder / "terraform.tfstate").unlink()

    here.run("import", "aws_lb_target_group.a", arn)

    here.assert_no_changes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": '"a_b"', "name_prefix": ""}, "letters, digits and hyphens alone"),
        ({"name": '"-a"', "name_prefix": ""}, "can't begin with a hyphen"),
        ({"name": '"a-"', "name_prefix": ""}, "can't end with a hyphen"),
        ({"name_prefix": '"much-too-long"'}, "needs between 0 and 6 characters"),
        ({"name": '"a"'}, "can't be set together with"),
        ({"port": "0"}, '"port" needs a number between 1 and 65535'),
        ({"port": ""}, '"port" needs to be set for targets of the type "instance".'),
        ({"protocol": '"FTP"'}, '"protocol" needs to be one of "HTTP"'),
        ({"deregistration_delay": "4000"}, '"deregistration_delay" needs seconds between 0'),
        ({"slow_start": "5"}, '"slow_start" needs 0, or seconds between 30 and 900'),
    ],
)
def test_mistakes_are_told_before_anything_is_asked(
    here: CottaFolder, arguments: dict[str, str], words: str
) -> None:
    here.write(a_group(**arguments))

    ended = here.attempt("validate")

    assert ended.status == 1
    assert words in told(ended)
    assert "on main.tf line" in ended.stderr
