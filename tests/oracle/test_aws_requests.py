"""The requests of both programs for the same change: what is written, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from cotta.region.machines.simulated import SimulatedMachines
from tests.oracle.official_provider import region_workspace
from tests.support.aws import access_to_region, cotta_folder
from tests.support.fault_proxy import fault_proxy, is_read
from tests.support.regions import simulated_region

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.fault_proxy import FaultProxy

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

# One after the other, so that there is one order.
CHAIN = """
data "aws_vpc" "default" { default = true }
data "aws_subnets" "default" {}
resource "aws_iam_role" "a" {
  name               = "a"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}
resource "aws_iam_instance_profile" "a" {
  name = "a"
  role = aws_iam_role.a.name
}
resource "aws_lb_target_group" "a" {
  depends_on           = [aws_iam_instance_profile.a]
  name                 = "a"
  port                 = 80
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = data.aws_vpc.default.id
  deregistration_delay = 5
}
resource "aws_lb" "a" {
  depends_on   = [aws_lb_target_group.a]
  name         = "a"
  subnets      = data.aws_subnets.default.ids
  idle_timeout = 30
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
  listener_arn = aws_lb_listener.a.arn
  priority     = 5
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.a.arn
  }
  condition {
    path_pattern {
      values = ["/a"]
    }
  }
}
resource "aws_lb_target_group_attachment" "a" {
  depends_on       = [aws_lb_listener_rule.a]
  target_group_arn = aws_lb_target_group.a.arn
  target_id        = cidrhost(data.aws_vpc.default.cidr_block, 20)
}
"""
CHANGED = (
    CHAIN.replace("idle_timeout = 30", 'idle_timeout = 60\n  tags = { a = "b" }')
    .replace("deregistration_delay = 5", "deregistration_delay = 6")
    .replace("priority     = 5", "priority     = 6")
    .replace('values = ["/a"]', 'values = ["/b"]')
)


def test_both_write_the_same_in_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = perform(tmp_path / "theirs", by_terraform)
    ours = perform(
        tmp_path / "ours", lambda at, region, proxy: by_cotta(at, region, proxy, monkeypatch)
    )

    for step, expected in theirs.items():
        assert ours[step] == expected, step


def perform(folder: Path, make: Callable[..., Callable[[str, str], None]]) -> dict[str, Any]:
    """Return the writes of making, changing and ending the same things in a region of their own."""
    (folder / "region").mkdir(parents=True)
    with (
        simulated_region(folder / "region", SimulatedMachines()) as region,
        fault_proxy(region.endpoint) as proxy,
    ):
        run = make(folder / "work", region, proxy)
        told: dict[str, Any] = {}
        for step, verb, configuration in (
            ("make", "apply", CHAIN),
            ("change", "apply", CHANGED),
            ("end", "destroy", CHANGED),
        ):
            before = len(proxy.calls)
            run(verb, configuration)
            writes = [call for call in proxy.calls[before:] if not is_read(call.operation)]
            # Changes of several things at once have no order between them.
            names = [(call.operation, attributes(call.parameters)) for call in writes]
            told[step] = sorted(names) if step == "change" else names
        return told


def attributes(parameters: Any) -> list[str]:
    """Return the attributes that a call sets, sorted; those of a new thing stand for themselves."""
    keys = {
        name.rpartition(".")[0]: value
        for name, value in parameters.items()
        if name.startswith("Attributes.") and name.endswith(".Key")
    }
    return sorted(f"{key} = {parameters.get(f'{name}.Value')}" for name, key in keys.items())


def by_terraform(folder: Path, region: Any, proxy: FaultProxy) -> Callable[[str, str], None]:
    folder.mkdir()
    terraform = region_workspace(folder, region, proxy.endpoint)
    terraform.init()

    def run(verb: str, configuration: str) -> None:
        terraform.write(configuration)
        terraform.run(verb, "-auto-approve")

    return run


def by_cotta(
    folder: Path, region: Any, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str], None]:
    access = replace(access_to_region(region), endpoint=proxy.endpoint)
    here = cotta_folder(folder, access, monkeypatch)

    def run(verb: str, configuration: str) -> None:
        here.write(configuration)
        here.run(verb, "-auto-approve")

    return run
