"""Every native type at once: the state that one program has written, looked at by the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.providers.aws.table import RESOURCES
from cotta.region.machines.simulated import SimulatedMachines
from tests.oracle.aws_configurations import EDITS, FULL_TEMPLATE, GROUP
from tests.oracle.interchange import Both, both
from tests.oracle.test_aws_interchange_balancing import BALANCER
from tests.oracle.test_aws_interchange_iam import FIRST
from tests.support.regions import put_image, simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

ATTACHED = """
resource "aws_lb_target_group" "attached" {
  name     = "attached"
  port     = 80
  protocol = "HTTP"
  vpc_id   = data.aws_subnets.all.ids == [] ? "" : data.aws_vpc.default.id
}
data "aws_vpc" "default" { default = true }
resource "aws_autoscaling_attachment" "a" {
  autoscaling_group_name = aws_autoscaling_group.a.name
  lb_target_group_arn    = aws_lb_target_group.attached.arn
}
"""
MODULES = {
    "keys": EDITS["key pair"][0],
    "template": EDITS["template"][0],
    "full": FULL_TEMPLATE,
    "group": GROUP + ATTACHED,
    "instance": EDITS["instance"][0],
    "firewall": EDITS["security group"][0],
    "rules": EDITS["security group rules"][0],
    "balancer": BALANCER,
    "roles": FIRST,
}
# No region has the policies that AWS manages: tests/oracle/test_aws_interchange_iam.py asks moto.
ELSEWHERE = {"aws_iam_role_policy_attachment"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    (tmp_path / "region").mkdir()
    with simulated_region(tmp_path / "region", SimulatedMachines()) as region:
        put_image(region.store, number=2)
        here = both(tmp_path / "work", region, monkeypatch)
        for name, text in MODULES.items():
            (here.terraform.folder / name).mkdir()
            (here.terraform.folder / name / "main.tf").write_text(text)
        here.write("".join(f'module "{name}" {{ source = "./{name}" }}\n' for name in MODULES))
        here.terraform.init()
        yield here


def test_every_type_is_among_them() -> None:
    text = "".join(MODULES.values())

    missing = {name for name in RESOURCES if f'resource "{name}"' not in text}

    assert {name for name in missing if not name.startswith("aws_alb")} == ELSEWHERE


def test_we_see_no_difference_in_what_terraform_has_written(here: Both) -> None:
    here.terraform.run("apply", "-auto-approve")
    # Which tells a group of what was attached to it after it was made.
    here.terraform.run("apply", "-refresh-only", "-auto-approve")

    here.cotta.assert_no_drift()
    here.cotta.assert_no_changes()


def test_terraform_changes_nothing_of_what_we_have_written(here: Both) -> None:
    here.cotta.apply()

    here.cotta.assert_no_changes()
    here.terraform.assert_no_changes()
