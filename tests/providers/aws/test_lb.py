"""Load balancers, their listeners and rules, against a region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from tests.support.aws import CottaFolder, access_to_region, cotta_folder, told
from tests.support.aws_faults import apply_through
from tests.support.fault_proxy import DropAfter, DropBefore, Fault, ServerErrorAfter, Stale
from tests.support.regions import RunningRegion, simulated_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NETWORK = """
data "aws_vpc" "default" { default = true }
data "aws_subnets" "default" {}
"""
ALL = (
    NETWORK
    + """
resource "aws_lb" "a" {
  name    = "web"
  subnets = data.aws_subnets.default.ids
}
resource "aws_lb_target_group" "a" {
  name     = "web"
  port     = 80
  protocol = "HTTP"
  vpc_id   = data.aws_vpc.default.id
}
resource "aws_lb_listener" "a" {
  load_balancer_arn = aws_lb.a.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.a.arn
  }
}
resource "aws_lb_listener_rule" "a" {
  count        = 3
  listener_arn = aws_lb_listener.a.arn
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
  condition {
    path_pattern {
      values = ["/${count.index}/*"]
    }
  }
}
"""
)


@pytest.fixture
def region(tmp_path: Path) -> Iterator[RunningRegion]:
    # With its controller, which makes balancers active.
    with simulated_region(tmp_path, SimulatedMachines()) as running:
        yield running


@pytest.fixture
def here(region: RunningRegion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CottaFolder:
    return cotta_folder(tmp_path / "work", access_to_region(region), monkeypatch)


def things(region: RunningRegion) -> dict[str, list[str]]:
    elbv2 = region.client("elbv2")
    balancers = elbv2.describe_load_balancers()["LoadBalancers"]
    listeners = [
        one
        for balancer in balancers
        for one in elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])[
            "Listeners"
        ]
    ]
    rules = [
        rule["Priority"]
        for one in listeners
        for rule in elbv2.describe_rules(ListenerArn=one["ListenerArn"])["Rules"]
    ]
    return {
        "balancers": [one["LoadBalancerName"] for one in balancers],
        "listeners": [str(one["Port"]) for one in listeners],
        "rules": sorted(rules),
    }


WHOLE = {"balancers": ["web"], "listeners": ["80"], "rules": ["1", "2", "3", "default"]}
NOTHING: dict[str, list[str]] = {"balancers": [], "listeners": [], "rules": []}


def test_rules_without_a_priority_share_out_the_numbers(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(ALL)
    here.apply()
    here.assert_no_changes()
    assert things(region) == WHOLE

    here.run("destroy", "-auto-approve")

    assert things(region) == NOTHING


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        *(
            kind(operation, times=times)
            for kind in (DropAfter, ServerErrorAfter)
            for operation in ("CreateLoadBalancer", "CreateListener", "CreateRule")
            for times in (1, 2)
        ),
        DropBefore("ModifyLoadBalancerAttributes"),
        DropAfter("RegisterTargets|AddTags"),
        Stale("DescribeListeners"),
        Stale("DescribeRules", at=4),
    ],
    ids=lambda fault: f"{type(fault).__name__}-{fault.operation}-{fault.times}",
)
def test_a_call_that_fails_makes_nothing_twice(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome, _ = apply_through(fault, ALL, things, tmp_path, monkeypatch)

    assert outcome.statuses[1:] == (0, 0)
    assert outcome.things == WHOLE
    assert outcome.left == NOTHING


def test_a_balancer_and_what_belongs_to_it_is_imported(
    here: CottaFolder, region: RunningRegion
) -> None:
    here.write(ALL)
    here.apply()
    arns = {
        address: here.attributes(address)["arn"]
        for address in ("aws_lb.a", "aws_lb_listener.a", "aws_lb_listener_rule.a[0]")
    }
    state = (here.folder / "terraform.tfstate").read_text()

    for address, arn in arns.items():
        here.run("state", "rm", address)
        here.run("import", address, arn)

    here.assert_no_changes()
    assert state.count("arn:aws") > 0


@pytest.mark.parametrize(
    ("edit", "actions", "unknown"),
    [
        (("idle_timeout", "30"), ["update"], set()),
        (("internal", "true"), ["delete", "create"], None),
        (("load_balancer_type", '"network"'), ["delete", "create"], None),
        (("name", '"other"'), ["delete", "create"], None),
        (("subnets", "slice(data.aws_subnets.default.ids, 0, 2)"), ["update"], {"subnet_mapping"}),
    ],
)
def test_what_an_edit_does(
    here: CottaFolder, edit: tuple[str, str], actions: list[str], unknown: set[str] | None
) -> None:
    plain = {"name": '"web"', "subnets": "data.aws_subnets.default.ids"}

    def balancer(arguments: dict[str, str]) -> str:
        lines = "\n".join(f"  {name} = {value}" for name, value in arguments.items())
        return f'{NETWORK}\nresource "aws_lb" "a" {{\n{lines}\n}}\n'

    here.write(balancer(plain))
    here.apply()
    here.write(balancer({**plain, edit[0]: edit[1]}))

    change = here.planned()["aws_lb.a"]

    assert change["actions"] == actions
    if unknown is not None:
        assert set(change["after_unknown"]) & {"subnet_mapping", "dns_name"} == unknown


def test_all_mistakes_are_told_before_anything_is_made(here: CottaFolder) -> None:
    here.write(
        """
        resource "aws_lb" "a" {
          name                   = "internal-web"
          desync_mitigation_mode = "lax"
        }
        resource "aws_lb_listener" "a" {
          load_balancer_arn = "here"
          port              = 0
          default_action {
            type = "forward"
          }
          default_action {
            type = "redirect"
          }
        }
        resource "aws_lb_listener_rule" "a" {
          listener_arn = "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/a/b/c"
          priority     = 60000
          action {
            type = "dance"
          }
          condition {
            path_pattern {
              values = ["/a"]
            }
            host_header {
              values = ["b"]
            }
          }
        }
        """
    )

    ended = here.attempt("validate")

    assert ended.status == 1
    said = told(ended)
    for words in (
        "can't begin with",
        '"desync_mitigation_mode" needs to be one of "monitor", "defensive", "strictest"',
        'One of "subnet_mapping" or "subnets" needs to be set.',
        '"load_balancer_arn" needs an ARN',
        '"port" needs a number between 1 and 65535',
        'The default_action 0 of the type "forward" needs "target_group_arn"',
        'The default_action 1 of the type "redirect" needs a block "redirect".',
        '"priority" needs a number between 1 and 50000',
        '"type" needs to be one of "authenticate-cognito"',
        "here is one with host_header and path_pattern",
    ):
        assert words in said
