"""Ships that are killed, or whose region is, at random moments: the next one ends all the same."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.booted_region import WEB, BootedRegion, require_machines
from tests.support.cli import cotta_process
from tests.support.regions import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.base_image import BaseImage

pytestmark = [pytest.mark.boot, pytest.mark.slow]

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "web-fleet"

# The example's template on an image that has nginx, so that a build takes two seconds.
TEMPLATE: Final = """
source "amazon-ebs" "web" {
  ami_name      = "web-fleet-{{timestamp}}"
  instance_type = "t3.micro"
  region        = "us-east-1"
  ssh_username  = "admin"
  source_ami_filter {
    filters     = { name = "web" }
    owners      = ["111122223333"]
    most_recent = true
  }
  tags = { Name = "web-fleet" }
}
build {
  sources = ["source.amazon-ebs.web"]
  provisioner "shell" {
    inline = ["mkdir /tmp/site"]
  }
  provisioner "file" {
    source      = "site/"
    destination = "/tmp/site"
  }
  provisioner "shell" {
    inline = ["sudo rm -f /var/www/html/*.html", "sudo cp -r /tmp/site/. /var/www/html/"]
  }
}
"""

# Each phase begins with a record that is like this one, and lasts about so long.
PHASES: Final = {
    "start": (None, 0.5),
    "build": ("Changed since the last build", 2.3),
    "plan": ("builds succeeded", 0.35),
    "apply": ("Plan:", 0.15),
    "roll": ("aws_autoscaling_group.web: Modifying", 1.3),
}
SEED: Final = 7
SIZE: Final = 2


@dataclass
class Ship:
    """A ship under way, and what it has said."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(iter(self.process.stdout.readline, ""))

    def reach(self, words: str | None) -> None:
        """Return when it has said so, or has ended."""
        while words and not any(words in line for line in self.said):
            if self.process.poll() is not None:
                return
            time.sleep(0.01)

    def end(self) -> int:
        """Return its status, when it has ended."""
        try:
            status = self.process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self._reader.join()
            raise AssertionError("it hangs: " + "".join(self.said[-8:])) from None
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


class Yard:
    """A copy of the example with a quick template, and a region that is its cloud."""

    def __init__(self, region: BootedRegion, folder: Path) -> None:
        self.region = region
        self.folder = folder
        self.version = 0
        # They are the same for every daemon of the region.
        self.ec2, self.scaling = region.client("ec2"), region.client("autoscaling")
        shutil.copytree(EXAMPLE, folder)
        configuration = folder / "main.tf"
        text = configuration.read_text(encoding="utf-8")
        # Nobody asks the fleet anything, so nothing has to be drained.
        quick = re.sub(r"deregistration_delay( +)= 5", r"deregistration_delay\1= 0", text)
        assert quick != text
        configuration.write_text(quick, encoding="utf-8")
        (folder / "web.pkr.hcl").write_text(TEMPLATE, encoding="utf-8")

    def cotta(self, *arguments: str) -> str:
        """Run a command in the folder, which must succeed; return what it prints."""
        ended = cotta_process(
            f"-chdir={self.folder}", *arguments, environment=self.region.environment
        )
        assert ended.status == 0, ended.stdout[-3000:] + ended.stderr
        return ended.stdout

    def edit(self) -> None:
        """Change the page, so that there is something to ship."""
        self.version += 1
        text = f"version {self.version}\n"
        (self.folder / "site" / "index.html").write_text(text, encoding="utf-8")

    def begin(self) -> Ship:
        """Start to ship."""
        words = ("ship", "-auto-approve", "-json", f"-var=size={SIZE}")
        return Ship(
            subprocess.Popen(
                [sys.executable, "-m", "cotta", f"-chdir={self.folder}", *words],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, **self.region.environment},
            )
        )

    def ship(self) -> None:
        """Ship, which must succeed."""
        ship = self.begin()
        assert ship.end() == 0, "".join(ship.said[-30:])

    def page(self) -> str:
        """Return what the fleet answers."""
        url = json.loads(self.cotta("output", "-json"))["url"]["value"]
        with urllib.request.urlopen(url, timeout=10) as answer:
            return str(answer.read().decode())

    def world(self) -> dict[str, Any]:
        """Return what there is, in the cloud and in the folder, of everything a ship makes.

        It is the same after each undisturbed ship: versions and ids are left out.
        """
        ec2, scaling = self.ec2, self.scaling
        (group,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
        instances = [
            one
            for each in ec2.describe_instances()["Reservations"]
            for one in each["Instances"]
            if one["State"]["Name"] != "terminated"
        ]
        images = ec2.describe_images(Owners=["self"])["Images"]
        newest = max(images, key=lambda one: one["CreationDate"])
        refreshes = scaling.describe_instance_refreshes(
            AutoScalingGroupName=group["AutoScalingGroupName"]
        )["InstanceRefreshes"]
        groups = ec2.describe_security_groups()["SecurityGroups"]
        return {
            "members": [one["LifecycleState"] for one in group["Instances"]],
            "instances": [(one["State"]["Name"], one["ImageId"] == newest["ImageId"])
                          for one in instances],
            "images": Counter(one["State"] for one in images),
            "image tags": sorted(one["Key"] for one in newest["Tags"]),
            "refreshes under way": [
                one["Status"] for one in refreshes if one["Status"] in ("Pending", "InProgress")
            ],
            "key pairs": ec2.describe_key_pairs()["KeyPairs"],
            "security groups": sorted(one["GroupName"].split("-2")[0] for one in groups),
            "volumes": len(ec2.describe_volumes()["Volumes"]),
            "templates": len(ec2.describe_launch_templates()["LaunchTemplates"]),
            "state": self.state(),
            "folder": sorted(one.name for one in self.folder.iterdir()),
            "builds": sorted(one.name for one in (self.region.home.folder / "builds").iterdir()),
            "half images": sorted(one.name for one in self.region.home.images.glob(".*")),
            "machines": len(list(self.region.home.machines.glob("*/record"))),
            "host": Counter(
                one.split()[0]
                for one in self.region.traces()
                if one.split()[0] in ("namespace", "link", "group")
            ),
        }  # fmt: skip

    def state(self) -> list[tuple[str, list[str]]]:
        """Return what the state has of each object, and whether it is whole."""
        text = (self.folder / "terraform.tfstate").read_text(encoding="utf-8")
        return [
            (
                f"{one['mode']}.{one['type']}.{one['name']}",
                [f"{each.get('status')} {each.get('deposed')}" for each in one["instances"]],
            )
            for one in json.loads(text)["resources"]
        ]


@pytest.fixture
def yard(tmp_path: Path, web_image: BaseImage) -> Iterator[Yard]:
    require_machines()
    region = BootedRegion(tmp_path / "home")
    region.up()
    try:
        region.add_image(WEB, web_image)
        yield Yard(region, tmp_path / "fleet")
    finally:
        region.reset()
    assert region.leftovers() == []


def moments() -> Iterator[tuple[str, str, float]]:
    """Give who is killed, in which phase, and how many seconds after that has begun."""
    chance = random.Random(SEED)
    for victim in ("cotta", "region"):
        for phase, (_, lasts) in PHASES.items():
            for _ in range(2):
                yield victim, phase, chance.uniform(0, lasts)


def test_the_next_ship_ends_as_an_undisturbed_one(yard: Yard) -> None:
    # The first one makes what the second one changes.
    for _ in range(2):
        yard.edit()
        yard.ship()
    usual = settled(yard, None)

    for victim, phase, seconds in moments():
        yard.edit()
        ship = yard.begin()
        ship.reach(PHASES[phase][0])
        time.sleep(seconds)
        if victim == "cotta":
            ship.process.kill()
        else:
            os.kill(yard.region.pid, signal.SIGKILL)
            yard.region.up()
        ship.end()

        yard.ship()

        told = f"{victim} was killed {seconds:.2f} s after {phase} had begun"
        assert yard.page() == f"version {yard.version}\n", told
        usual["images"]["available"] += 1
        assert settled(yard, usual) == usual, told
        assert "No changes." in yard.cotta("plan", f"-var=size={SIZE}"), told


def settled(yard: Yard, expected: dict[str, Any] | None) -> dict[str, Any]:
    """Return what there is, as soon as it is as expected, or what is ending has ended."""

    def is_settled() -> bool:
        found = yard.world()
        return found == expected if expected else len(found["instances"]) == SIZE

    try:
        wait_until(is_settled, seconds=10)
    except AssertionError:
        if expected is None:
            raise
    return yard.world()
