"""A whole region on real machines, for tests: by `cotta region up`, as a person would.

`running_region_with_machines` is one region for all tests of a worker; they end what they start.
`BootedRegion` is for tests that take their region up and down themselves.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
from botocore.config import Config

from cotta.region.base_images import OWNERS
from cotta.region.home import Home
from cotta.region.readiness import PROGRAMS
from cotta.region.store.store import Store
from tests.support.cli import cotta_process
from tests.support.regions import put_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.support.base_image import BaseImage
    from tests.support.cli import Ended

DEBIAN: Final = "debian-12-amd64-20990101-1"
WEB: Final = "web"

# An account that nobody has, for what tests have made.
_TEST_OWNER: Final = "111122223333"


class BootedRegion:
    """A region in a folder, taken up and down by the command line."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder.resolve())
        self.environment = {"COTTA_HOME": str(self.home.folder), "HOME": str(folder.parent)}
        self._session: Any = None

    def cotta(self, *arguments: str) -> Ended:
        """Run `cotta region …` as a process of its own."""
        return cotta_process("region", *arguments, environment=self.environment)

    def up(self) -> None:
        """Take it up; it may be up already."""
        ended = self.cotta("up")
        assert (ended.status, ended.stderr) == (0, ""), ended

    def down(self) -> None:
        """Take it down; its data stay."""
        ended = self.cotta("down")
        assert (ended.status, ended.stderr) == (0, ""), ended

    def reset(self) -> None:
        """Take it down, and its data with it."""
        ended = self.cotta("reset", "-force")
        assert (ended.status, ended.stderr) == (0, ""), ended

    @property
    def pid(self) -> int:
        """The daemon's process."""
        pid = self.home.read_pid()
        assert pid is not None
        return pid

    @property
    def aws(self) -> dict[str, str]:
        """The variables that point AWS clients here: what `cotta region env` says."""
        lines = self.cotta("env").stdout.splitlines()
        exported = [line.removeprefix("export ") for line in lines if line.startswith("export ")]
        return {name: value for name, _, value in (line.partition("=") for line in exported)}

    def client(self, service: str, **config: Any) -> Any:
        """Return a boto3 client of the region; it tries again while a daemon is being replaced."""
        variables = self.aws
        return boto3.Session().client(
            service,
            region_name=variables["AWS_REGION"],
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            config=Config(**{"retries": {"mode": "standard", "total_max_attempts": 8}, **config}),
        )

    def add_image(
        self, name: str, image: BaseImage, *, owner: str = _TEST_OWNER, **changes: Any
    ) -> str:
        """Give it an image that tests share; return the image's id."""
        image.store_in(self.home.images, is_own=True)
        number = int(image.digest[:16], 16)
        store = Store(self.home.database)
        found = put_image(
            store,
            **{
                "number": number,
                "name": name,
                "owner_id": owner,
                "digest": image.digest,
                "root_device_name": "/dev/sda1",
                "is_public": True,
                "default_user": "admin",
                **changes,
            },
        )
        store.close()
        return str(found.id)

    def add_debian(self, image: BaseImage) -> str:
        """Give it the base image of Debian 12; return the image's id."""
        return self.add_image(DEBIAN, image, owner=OWNERS["debian"])

    def launch(self, image: str, count: int = 1, **parameters: Any) -> list[dict[str, Any]]:
        """Start instances and wait until they run; return what is described of them."""
        ec2 = self.client("ec2")
        started = ec2.run_instances(
            **{
                "ImageId": image,
                "InstanceType": "t3.micro",
                "MinCount": count,
                "MaxCount": count,
                **parameters,
            }
        )
        return self.wait_for([one["InstanceId"] for one in started["Instances"]], {"running"})

    def describe(self, ids: Iterable[str]) -> list[dict[str, Any]]:
        """Return instances as the API describes them."""
        found = self.client("ec2").describe_instances(InstanceIds=list(ids))["Reservations"]
        return [one for reservation in found for one in reservation["Instances"]]

    def wait_for(
        self, ids: Iterable[str], states: set[str], *, seconds: float = 120
    ) -> list[dict[str, Any]]:
        """Return instances as soon as each is in one of the states."""
        ids, deadline = list(ids), time.monotonic() + seconds
        while True:
            found = self.describe(ids)
            if all(one["State"]["Name"] in states for one in found):
                return found
            seen = [(one["State"]["Name"], one.get("StateReason")) for one in found]
            assert time.monotonic() < deadline, f"{seen}\n{self.cotta('logs').stdout}"
            time.sleep(0.1)

    def terminate(self, ids: Iterable[str]) -> None:
        """End instances, and wait until they have ended."""
        ids = list(ids)
        self.client("ec2").terminate_instances(InstanceIds=ids)
        self.wait_for(ids, {"terminated"})

    def leftovers(self, *, seconds: float = 30) -> list[str]:
        """Return what stays of the region on this machine, the files in its folder aside.

        The kernel lets go of a mount when the last process has that has seen it: a machine of
        another region that was just starting, say.
        """
        deadline = time.monotonic() + seconds
        while (found := self.traces()) and time.monotonic() < deadline:
            time.sleep(0.5)
        return found

    def traces(self) -> list[str]:
        """Return what there is of the region on this machine now."""
        region, home = self.home.region, str(self.home.folder)
        found = [f"namespace {one.name}" for one in _named(Path("/run/netns"), region)]
        found += [f"link {line}" for line in _lines("ip", "-o", "link") if region in line]
        found += [f"rules {line}" for line in _lines("nft", "list", "tables") if region in line]
        found += [
            f"mount {line}"
            for line in Path("/proc/self/mounts").read_text().splitlines()
            if home in line or region in line
        ]
        found += [f"loop {line}" for line in _lines("losetup", "--all") if home in line]
        # Other regions' groups come and go meanwhile, which `os.walk` does not mind.
        found += [
            f"group {folder}/{name}"
            for folder, names, _ in os.walk("/sys/fs/cgroup")
            for name in names
            if region in name
        ]
        for place in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = place.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if (home in command or region in command) and "pytest" not in command:
                found.append(f"process {place.parent.name}: {command[:200]}")
        return found


def _named(folder: Path, part: str) -> list[Path]:
    return [one for one in folder.glob("*") if part in one.name] if folder.is_dir() else []


def _lines(*argv: str) -> list[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()


def require_machines() -> None:
    """Skip, loudly, where no machine can be booted."""
    missing = [
        f"{program} (apt-get install {package})"
        for program, package in PROGRAMS.items()
        if shutil.which(program) is None
    ]
    if os.geteuid() != 0:
        missing.insert(0, "root")
    if missing:
        pytest.skip(f"MISSING: {', '.join(missing)}; no machine is booted")


class RegionWithMachines:
    """The region that the tests of a worker share, and its images."""

    def __init__(self, region: BootedRegion, debian: str, web: str) -> None:
        self.region = region
        # An image of Debian 12, and one with nginx that answers on port 80.
        self.debian = debian
        self.web = web


@pytest.fixture(scope="session")
def running_region_with_machines(
    tmp_path_factory: pytest.TempPathFactory, base_image: BaseImage, web_image: BaseImage
) -> Iterator[RegionWithMachines]:
    """Give a region that is up, with two images; whoever starts something in it ends it."""
    require_machines()
    region = BootedRegion(tmp_path_factory.mktemp("region") / "home")
    region.up()
    try:
        yield RegionWithMachines(
            region, region.add_debian(base_image), region.add_image(WEB, web_image)
        )
    finally:
        region.reset()
