"""A plan with nothing to do of many groups: whole processes, against terraform with its provider.

A group is four resources: a security group, a launch template, a target group and the Auto Scaling
group itself, of no machines, so that all the time is that of asking and of planning.  Both programs
ask the same region, which runs here with played machines, and plan from the same state, which
cotta has made.  By default there are 20 groups; with `full`, 200, which takes terraform minutes.
The memory is that of the largest process: of terraform's two, that is the provider's.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.engine import Run, run
from bench.measure import Figure
from cotta.region.machines.simulated import SimulatedMachines
from tests.oracle.official_provider import provider_mirror
from tests.support.fault_proxy import fault_proxy
from tests.support.regions import simulated_region

if TYPE_CHECKING:
    from tests.support.regions import RunningRegion

_OURS: Final = (sys.executable, "-m", "cotta")
_CONFIGURATION: Final = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}
provider "aws" {
  region = "us-east-1"
}
data "aws_vpc" "default" { default = true }
data "aws_subnets" "default" {}
data "aws_ami" "newest" {
  most_recent = true
  owners      = ["111122223333"]
}
locals {
  names = [for number in range(GROUPS) : format("web%03d", number)]
}
resource "aws_security_group" "web" {
  for_each    = toset(local.names)
  name        = each.key
  description = "of ${each.key}"
  vpc_id      = data.aws_vpc.default.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_launch_template" "web" {
  for_each               = toset(local.names)
  name                   = each.key
  image_id               = data.aws_ami.newest.id
  instance_type          = "t3.micro"
  vpc_security_group_ids = [aws_security_group.web[each.key].id]
}
resource "aws_lb_target_group" "web" {
  for_each = toset(local.names)
  name     = each.key
  port     = 80
  protocol = "HTTP"
  vpc_id   = data.aws_vpc.default.id
}
resource "aws_autoscaling_group" "web" {
  for_each            = toset(local.names)
  name                = each.key
  min_size            = 0
  max_size            = 4
  desired_capacity    = 0
  vpc_zone_identifier = data.aws_subnets.default.ids
  target_group_arns   = [aws_lb_target_group.web[each.key].arn]
  launch_template {
    id      = aws_launch_template.web[each.key].id
    version = aws_launch_template.web[each.key].latest_version
  }
  tag {
    key                 = "Name"
    value               = each.key
    propagate_at_launch = true
  }
}
"""


def figures(*, full: bool = False) -> list[Figure]:
    """Return a line for time, one for memory and one for requests."""
    mirror = provider_mirror() if shutil.which("terraform") else None
    if mirror is None:
        return [Figure("plan of groups", "not measured: no terraform, or no official provider")]
    groups = 200 if full else 20
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        (top / "region").mkdir()
        with simulated_region(top / "region", SimulatedMachines()) as region:
            return _measure(top, region, mirror, groups)


def _measure(top: Path, region: RunningRegion, mirror: Path, groups: int) -> list[Figure]:
    folder = top / "work"
    folder.mkdir()
    (folder / "main.tf").write_text(_CONFIGURATION.replace("GROUPS", str(groups)))
    environment = _environment(folder, region, mirror)
    run((*_OURS, "init"), folder, environment)
    made = run((*_OURS, "apply", "-cloud=aws", "-auto-approve"), folder, environment)
    run(("terraform", "init"), folder, environment)
    ours_command = (*_OURS, "plan", "-cloud=aws", "-detailed-exitcode")
    theirs_command = ("terraform", "plan", "-detailed-exitcode")

    # A detailed exit code of 0 says that nothing is to be done; anything else raises.
    several = [run(ours_command, folder, environment)]
    theirs = run(theirs_command, folder, environment)
    several += [run(ours_command, folder, environment) for _ in range(2)]
    requests = {
        program: _requests(command, folder, environment, region)
        for program, command in (("cotta", ours_command), ("terraform", theirs_command))
    }
    ours = Run(
        statistics.median(each.seconds for each in several),
        statistics.median(each.megabytes for each in several),
        statistics.median(each.cpu_seconds for each in several),
    )
    what = f"no-op plan of {groups} groups, {groups * 4} resources"
    return [
        Figure(
            what,
            f"{ours.seconds:.2f} s ({theirs.seconds / ours.seconds:.1f}x), "
            f"CPU {ours.cpu_seconds:.2f} s",
            f"terraform {theirs.seconds:.1f} s, CPU {theirs.cpu_seconds:.1f} s",
            "≥ 5x",
        ),
        Figure(
            f"peak memory of it ({theirs.megabytes / ours.megabytes:.1f} times less)",
            f"{ours.megabytes:.0f} MB",
            f"terraform's provider {theirs.megabytes:.0f} MB",
            "≤ a fifth",
        ),
        Figure("requests of it", str(requests["cotta"]), f"terraform {requests['terraform']}"),
        Figure(f"apply of {groups} groups", f"{made.seconds:.1f} s, CPU {made.cpu_seconds:.1f} s"),
    ]


def _environment(folder: Path, region: RunningRegion, mirror: Path) -> dict[str, str]:
    settings = folder / "mirror.tfrc"
    settings.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        "HOME": str(folder),
        "TF_CLI_CONFIG_FILE": str(settings),
        "CHECKPOINT_DISABLE": "1",
        "AWS_ENDPOINT_URL": region.endpoint,
        "AWS_ACCESS_KEY_ID": region.account.access_key,
        "AWS_SECRET_ACCESS_KEY": region.account.secret_key,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(folder / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
    }


def _requests(
    command: tuple[str, ...], folder: Path, environment: dict[str, str], region: RunningRegion
) -> int:
    """Return how many requests a plan makes; not timed, as the proxy is in between."""
    with fault_proxy(region.endpoint) as proxy:
        run(command, folder, {**environment, "AWS_ENDPOINT_URL": proxy.endpoint})
        return len(proxy.calls)
