"""A bakery: a region whose machines are played, and SSH that leads to this machine."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cotta.builder.build import run_build
from cotta.clouds.which import Access, Cloud, Keys
from cotta.region.machines.simulated import SimulatedMachines
from cotta.region.store.kinds import (
    IMAGES,
    INSTANCE_PROFILES,
    INSTANCES,
    KEY_PAIRS,
    ROLES,
    SECURITY_GROUPS,
    SNAPSHOTS,
    VOLUMES,
)
from cotta.system.ids import RandomIds
from tests.support.builds import Heard, a_build, a_provisioner, a_run
from tests.support.regions import simulated_region, wait_until
from tests.support.ssh_server import Rules, RunningServer, ssh_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cotta.builder.artifacts import Artifact
    from cotta.builder.running import Run
    from cotta.region.model import Image
    from tests.support.regions import RunningRegion

KINDS: Final = (
    IMAGES, INSTANCES, KEY_PAIRS, SECURITY_GROUPS, SNAPSHOTS, VOLUMES,
    INSTANCE_PROFILES, ROLES,
)  # fmt: skip


@dataclass
class Bakery:
    """A region, and a machine that every instance of it is."""

    region: RunningRegion
    server: RunningServer
    folder: Path
    ui: Heard = field(default_factory=Heard)
    runs: int = 0

    def run(self, **changes: Any) -> Run:
        """Return a run in the region, a new one each time."""
        self.runs += 1
        account = self.region.account
        access = Access(
            cloud=Cloud.LOCAL,
            region="us-east-1",
            endpoint=self.region.endpoint,
            keys=Keys(account.access_key, account.secret_key),
            attempts=2,
        )
        uuid = f"00000000-0000-4000-8000-{self.runs:012}"
        plain = {"access": lambda: access, "uuid": uuid, "ids": RandomIds()}
        return a_run(self.folder, **{**plain, **changes})

    def build(self, *provisioners: Any, **written: Any) -> Any:
        """Return a build of an image called golden."""
        plain = {
            "ami_name": "golden",
            "instance_type": "t3.micro",
            "region": "us-east-1",
            "source_ami_filter": {
                "filters": {"name": "image-*"},
                "owners": ["111122223333"],
                "most_recent": True,
            },
            "ssh_username": "ec2-user",
            "ssh_host": "127.0.0.1",
            "ssh_port": self.server.port,
        }
        every = {**plain, **written}
        chosen = {name: value for name, value in every.items() if value is not None}
        return a_build(*provisioners, kind="amazon-ebs", **chosen)

    def shell(self, *inline: str, **written: Any) -> Any:
        """Return a provisioner that runs lines."""
        return a_provisioner(
            "shell", inline=list(inline), **{"remote_folder": str(self.folder), **written}
        )

    def bake(self, build: Any, **changes: Any) -> tuple[Artifact, ...]:
        """Return what a build makes."""
        return run_build(build, self.run(**changes), self.ui)

    def images(self, name: str = "golden") -> list[Image]:
        """Return the images of a name."""
        with self.region.store.read() as rows:
            return rows.all(IMAGES, name=name)

    def everything(self) -> dict[str, list[str]]:
        """Return what there is, by kind; what has ended is not there."""
        with self.region.store.read() as rows:
            found = {}
            for kind in KINDS:
                ids = []
                every: list[Any] = rows.all(kind)
                for row in every:
                    state = getattr(row, "state", None)
                    if getattr(state, "value", state) != "terminated":
                        # A person knows what is IAM's by its name.
                        has_name = kind in (INSTANCE_PROFILES, ROLES)
                        ids.append(str(row.name if has_name else getattr(row, "id", row)))
                found[kind.table] = sorted(ids)
            return found

    def assert_is(self, expected: dict[str, list[str]]) -> None:
        """Expect just this to be there, as soon as the region has let go of what has ended."""
        with contextlib.suppress(AssertionError):
            wait_until(lambda: self.everything() == expected, seconds=5)
        assert self.everything() == expected


@contextlib.contextmanager
def open_bakery(folder: Path) -> Iterator[Bakery]:
    """Give a bakery in a folder."""
    (folder / "region").mkdir()
    with (
        simulated_region(folder / "region", SimulatedMachines()) as region,
        ssh_server(Rules(any_key=True, lacks="find / -xdev")) as server,
    ):
        yield Bakery(region, server, folder)
