"""Real machines for tests: the place where they run, what they do inside, and what is left."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from cotta.region.imagestore.agent import SCRIPT_PATH
from cotta.region.machines.cgroups import Cgroup, CgroupError, host_hierarchies
from cotta.region.machines.driver import Exposure, MachineState, Permission
from cotta.region.machines.folders import folders_in
from cotta.region.machines.nspawn import NspawnMachines
from cotta.region.machines.starting import first_process
from cotta.region.networks.plan import METADATA_ADDRESS
from cotta.region.server import Server
from cotta.region.wire.http import Request, Response
from cotta.system.kernel import HostSettings
from cotta.system.mounts import mounts_below
from cotta.system.namespaces import NAMED
from cotta.system.processes import CommandError, run
from tests.support.hosts import a_host, needs
from tests.support.machines import a_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cotta.region.imagestore.store import ImageStore
    from cotta.region.machines.driver import Machine, MachineDriver, MachineSpec
    from cotta.region.machines.layers import Images
    from cotta.region.model import InstanceId
    from cotta.region.networks.bridge import RegionNetwork
    from tests.support.base_image import BaseImage

# Patience with a machine that does much else; nobody waits so long for what comes.
_PATIENCE_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.02

EVERYTHING: Final = Permission(protocol="-1", from_port=None, to_port=None, peers=("0.0.0.0/0",))


@dataclass(frozen=True, slots=True)
class MachineGround:
    """A host with a region's network, images, and a folder for machines.

    `asked` are the addresses that have asked for metadata.
    """

    folder: Path
    network: RegionNetwork
    images: ImageStore
    digest: str
    asked: set[str] = field(default_factory=set)

    def driver(
        self,
        *,
        images: Images | None = None,
        boot_seconds: float = 120,
        grace: timedelta = timedelta(seconds=30),
    ) -> NspawnMachines:
        """Return one more driver of the same ground, as after a restart."""
        return NspawnMachines(
            self.machines_folder,
            network=self.network,
            images=images or self.images,
            settings=HostSettings(self.folder / "settings"),
            boot_seconds=boot_seconds,
            grace=grace,
        )

    @property
    def machines_folder(self) -> Path:
        """Where the machines' folders are."""
        return self.folder / "machines"

    def spec(self, number: int = 1, **changes: Any) -> MachineSpec:
        """Return the spec of a machine that can boot here."""
        return a_spec(number, **{"image_digest": self.digest, **changes})

    def wait_for(self, driver: MachineDriver, instance: InstanceId, state: MachineState) -> None:
        """Return when the machine is in the state."""
        wait_until(lambda: _state(driver.machines(), instance) is state)

    def booted(self, driver: NspawnMachines, spec: MachineSpec) -> Machine:
        """Start a machine and return it when it has booted."""
        driver.start(spec)
        wait_until(lambda: _state(driver.machines(), spec.id) is not MachineState.BOOTING)
        machine = driver.machines()[spec.id]
        assert machine.state is MachineState.RUNNING, machine.detail
        return machine

    def expose(self, driver: NspawnMachines, *specs: MachineSpec) -> None:
        """Let everyone and everything reach these machines."""
        driver.expose(
            [
                Exposure(
                    private_ip=spec.private_ip,
                    mac=spec.mac,
                    ingress=(EVERYTHING,),
                    egress=(EVERYTHING,),
                )
                for spec in specs
            ]
        )

    def cgroup(self, instance: InstanceId) -> Cgroup:
        """Return a machine's groups."""
        return Cgroup(host_hierarchies(), self.network.plan.machine_namespace(instance))

    def init(self, instance: InstanceId) -> int:
        """Return a machine's first process, once there is one."""
        found: list[int] = []

        def is_there() -> bool:
            pid = first_process(self.cgroup(instance).processes())
            found.extend([] if pid is None else [pid])
            return bool(found)

        wait_until(is_there)
        return found[0]

    def inside(self, instance: InstanceId, command: str) -> str:
        """Run a shell's command as a service of a machine; return what it wrote to both ends.

        As its systemd runs it, it has the machine's limits.
        """
        argv = ["systemd-run", "--quiet", "--wait", "--pipe", "sh", "-c", f"{{ {command}; }} 2>&1"]
        entered = ["nsenter", f"--target={self.init(instance)}", "--all", "--"]
        return run([*entered, *argv], timeout=timedelta(seconds=_PATIENCE_SECONDS)).stdout

    def answers(self, instance: InstanceId) -> bool:
        """Say whether a machine does as it is told."""
        try:
            return self.inside(instance, "echo yes") == "yes\n"
        except CommandError:
            return False

    def left(self) -> list[str]:
        """Return whatever of machines is on this host: nothing, when all are removed."""
        name = f"{self.network.plan.namespace}-"
        with contextlib.suppress(AssertionError):
            wait_until(lambda: not self._disks(), seconds=20)
        return [
            *(str(path) for path in self.machines_folder.glob("*") if path.suffix != ".lock"),
            *(str(path) for path in mounts_below(self.machines_folder)[:-1]),
            *self._disks(),
            *(str(path) for path in NAMED.glob(f"{name}*")),
            *(str(path) for path in _groups(name)),
            *(str(path) for path in _running(str(self.machines_folder))),
            *(link for link in self._inside_region("ip", "-br", "link") if link.startswith("m")),
            *(line for line in self._inside_region("nft", "list", "ruleset") if "02:00:00" in line),
            *(line for line in self._inside_region("ip", "neigh") if "PERMANENT" in line),
        ]

    def _disks(self) -> list[str]:
        """Return the disks that are attached, unless others' mount namespaces hold on to them."""
        found = []
        for block in Path("/sys/block").glob("loop*"):
            with contextlib.suppress(OSError):
                file = (block / "loop/backing_file").read_text().strip()
                device = (block / "dev").read_text().strip()
                if file.startswith(str(self.machines_folder)) and not _is_mounted(device):
                    found.append(file)
        return found

    def _inside_region(self, *argv: str) -> list[str]:
        return run(self.network.command(argv)).stdout.splitlines()


@contextlib.contextmanager
def machine_ground(folder: Path, image: BaseImage) -> Iterator[MachineGround]:
    """Give a place where machines run; whatever still does at the end is removed."""
    needs("systemd-nspawn", "mkfs.ext4", "setsid", "unshare")
    needs_cgroups()
    images = image.store_in(folder / "images")
    with a_host(folder) as network:
        network.up()
        ground = MachineGround(folder, network, images, image.digest)
        driver = ground.driver()
        driver.prepare()
        metadata = Server(partial(_metadata, ground.asked), network.listen(METADATA_ADDRESS, 80))
        metadata.start()
        try:
            yield ground
        finally:
            metadata.stop()
            for instance, _ in folders_in(ground.machines_folder):
                driver.remove(instance)
            images.unmount_unused()
            driver.dismantle()
            network.down()


def _metadata(asked: set[str], request: Request) -> Response:
    """Answer as little as lets a machine boot: a token, and a script that does nothing."""
    asked.add(request.peer)
    answers = {"/latest/api/token": b"token", f"/latest/{SCRIPT_PATH}": b"exit 0\n"}
    answer = answers.get(request.target)
    return Response(status=404) if answer is None else Response(status=200, body=answer)


def needs_cgroups() -> None:
    """Skip the test, loudly, unless machines can be limited here."""
    try:
        hierarchies = host_hierarchies().all
    except CgroupError as error:
        pytest.skip(f"MISSING FOR BOOT TESTS: {error}")
    fixed = [str(it) for it in hierarchies if os.statvfs(it).f_flag & os.ST_RDONLY]
    if fixed:
        pytest.skip(f"MISSING FOR BOOT TESTS: permission to write to {', '.join(fixed)}")


def wait_until(is_so: Callable[[], bool], *, seconds: float = _PATIENCE_SECONDS) -> None:
    """Return as soon as something is so; fail if it never is."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not so after {seconds} seconds"
        time.sleep(_POLL_SECONDS)


def _state(machines: Mapping[InstanceId, Machine], instance: InstanceId) -> MachineState | None:
    return machines[instance].state if instance in machines else None


def _groups(name: str) -> Iterator[Path]:
    hierarchies = host_hierarchies()
    for hierarchy in hierarchies.all:
        yield from (hierarchy / hierarchies.slice).glob(f"{name}*")


def _is_mounted(device: str) -> bool:
    """Say whether any process sees a mount of a device."""
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f" {device} " in (path / "mountinfo").read_text():
                return True
    return False


def _running(word: str) -> Iterator[Path]:
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if word in (path / "cmdline").read_bytes().decode(errors="replace"):
                yield path
