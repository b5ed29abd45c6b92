"""Machines for real: limits, drift, failures, and what is left of them.

What every driver does is in tests/contracts.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.cgroups import host_hierarchies
from cotta.region.machines.consoles import KEPT_BYTES
from cotta.region.machines.driver import LayerKind, MachineError, MachineState
from cotta.system.mounts import is_mount, mount, unmount
from cotta.system.processes import CommandError, run
from tests.support.acts import Trap
from tests.support.real_machines import machine_ground, wait_until

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from contextlib import AbstractContextManager

    from cotta.region.imagestore.store import Description, ImageStore
    from cotta.region.model import InstanceId
    from tests.support.base_image import BaseImage
    from tests.support.real_machines import MachineGround

pytestmark = pytest.mark.boot


@pytest.fixture
def ground(tmp_path: Path, base_image: BaseImage) -> Iterator[MachineGround]:
    with machine_ground(tmp_path, base_image) as ground:
        yield ground


def test_machine_has_no_more_than_its_spec_says(ground: MachineGround) -> None:
    driver = ground.driver()
    spec = ground.spec(memory_mib=96, cpus=0.5, pids=80, disk_gib=1)
    ground.booted(driver, spec)

    assert "Killed" in ground.inside(spec.id, "tail /dev/zero; true")
    many = "sh -c 'for n in $(seq 100); do sleep 9 & done'; true"
    assert "Cannot fork" in ground.inside(spec.id, many)
    assert "No space left" in ground.inside(spec.id, "fallocate -l 2G /large; true")
    before, began = cpu_seconds(ground, spec.id), time.monotonic()
    ground.inside(spec.id, "timeout 1 sh -c 'while :; do :; done'; true")
    used, passed = cpu_seconds(ground, spec.id) - before, time.monotonic() - began
    # Exact to two periods of the kernel's.
    assert used <= 0.5 * passed + 0.2
    assert driver.machines()[spec.id].state is MachineState.RUNNING


def test_memory_layer_has_its_size(ground: MachineGround) -> None:
    driver, spec = ground.driver(), ground.spec(layer=LayerKind.MEMORY, disk_gib=1)

    ground.booted(driver, spec)

    layer = os.statvfs(ground.machines_folder / spec.id / "layer")
    assert layer.f_blocks * layer.f_frsize == 1024**3


def test_machine_is_in_its_network_under_its_name(ground: MachineGround) -> None:
    driver, spec = ground.driver(), ground.spec()
    ground.expose(driver, spec)
    ground.booted(driver, spec)

    assert ground.inside(spec.id, "hostname").strip() == spec.host_name
    addresses = ground.inside(spec.id, "ip -brief -4 address show eth0")
    assert addresses.split()[-1] == f"{spec.private_ip}/20"
    assert ground.asked == {spec.private_ip}
    with socket.create_connection((spec.private_ip, 22), 30) as connection:
        assert connection.recv(4) == b"SSH-", "low ports may be listened on"


def test_root_of_a_machine_is_nobody_on_the_host(ground: MachineGround) -> None:
    driver, spec = ground.driver(), ground.spec()
    ground.booted(driver, spec)
    _, outside, _ = Path(f"/proc/{ground.init(spec.id)}/uid_map").read_text().split()
    if outside == "0":
        pytest.skip("MISSING: this kernel can't shift the owners of an image")

    ground.inside(spec.id, "echo mine > /root/mine; chmod 4755 /root/mine")

    written = ground.machines_folder / spec.id / "layer/upper/root/mine"
    assert written.stat().st_uid == int(outside)
    assert ground.machines_folder.stat().st_mode & 0o077 == 0, "none of the host's users gets there"
    # It may do nothing to the host's kernel or devices, and can't get at the network's settings.
    refused = ground.inside(
        spec.id,
        "mknod /root/disk b 7 0; echo 1 >/proc/sys/kernel/panic; "
        "ip address add 172.31.0.99/20 dev eth0; mount -t ext4 /dev/loop0 /mnt; true",
    )
    assert len(refused.strip().splitlines()) >= 4, refused


class OverlaidImages:
    """Images on a file system whose owners the kernel can't shift."""

    def __init__(self, images: ImageStore, place: Path) -> None:
        self._images = images
        self._place = place
        (place / "nothing").mkdir(parents=True)
        (place / "image").mkdir()

    def mount(self, digest: str) -> Path:
        image = self._images.mount(digest)
        if not is_mount(self._place / "image"):
            lower = f"lowerdir={image}:{self._place / 'nothing'}"
            mount("overlay", self._place / "image", "overlay", lower)
        return self._place / "image"

    def seal(self, lower: str, upper: Path) -> Description:
        return self._images.seal(lower, upper)

    def building(self) -> AbstractContextManager[Path]:
        return self._images.building()

    def remove_unused(self, used: Collection[str], *, older_than: timedelta) -> list[str]:
        return self._images.remove_unused(used, older_than=older_than)


def test_machine_runs_where_owners_cannot_be_shifted(
    ground: MachineGround, caplog: pytest.LogCaptureFixture
) -> None:
    images = OverlaidImages(ground.images, ground.folder / "overlaid")
    driver, spec = ground.driver(images=images), ground.spec()

    try:
        ground.booted(driver, spec)

        assert "root of instances is root of this host" in caplog.text
        assert Path(f"/proc/{ground.init(spec.id)}/uid_map").read_text().split()[1] == "0"
        refused = ground.inside(spec.id, "ip address add 172.31.0.99/20 dev eth0; true")
        assert "not permitted" in refused
        driver.remove(spec.id)
        assert ground.left() == []
    finally:
        driver.remove(spec.id)
        unmount(ground.folder / "overlaid/image")


def test_image_of_a_machine_has_what_it_wrote_with_its_owners(ground: MachineGround) -> None:
    driver, spec = ground.driver(), ground.spec()
    ground.booted(driver, spec)
    ground.inside(spec.id, "mkdir /srv/site; echo new >/srv/site/index; chown -R 33:33 /srv/site")
    ground.inside(spec.id, "rm /etc/issue")
    driver.stop(spec.id, force=False)

    digest = driver.seal(spec.id)

    image = ground.images.mount(digest)
    page = image / "srv/site/index"
    assert (page.read_text(), page.stat().st_uid) == ("new\n", 33)
    assert not (image / "etc/issue").exists()
    assert (image / "usr/bin/env").stat().st_uid == 0


# Counts in a hundred files, one after the other, with large ones between them.
COUNTING = """\
mkdir -p /srv/counts; cd /srv/counts
for n in $(seq 100 199); do echo 0 > $n; done
for n in 120 140 160 180; do head -c 30000000 /dev/urandom > $n-large; done
echo 'i=0; while :; do i=$((i+1))
for n in $(seq 100 199); do echo $i >$n.new; mv $n.new $n; done
done' > ../count
systemd-run --quiet --unit=counting --working-directory=/srv/counts sh ../count"""


def test_image_of_a_machine_that_runs_has_its_files_of_one_moment(ground: MachineGround) -> None:
    driver, spec = ground.driver(), ground.spec()
    ground.booted(driver, spec)
    ground.inside(spec.id, COUNTING)
    wait_until(lambda: ground.inside(spec.id, "cat /srv/counts/199") != "0\n")

    digest = driver.seal(spec.id)

    counts = ground.images.mount(digest) / "srv/counts"
    counted = [int((counts / str(number)).read_text()) for number in range(100, 200)]
    assert counted[-1] > 0
    # The first files may be one round ahead of the last ones.
    assert counted == sorted(counted, reverse=True)
    assert counted[0] - counted[-1] <= 1
    before = ground.inside(spec.id, "cat /srv/counts/199")
    wait_until(lambda: ground.inside(spec.id, "cat /srv/counts/199") != before)


def test_machine_that_was_left_standing_still_goes_on_with_the_next_driver(
    ground: MachineGround,
) -> None:
    driver, spec = ground.driver(), ground.spec()
    ground.booted(driver, spec)
    frozen = ground.cgroup(spec.id).frozen()
    frozen.__enter__()

    ground.driver().prepare()

    assert ground.inside(spec.id, "echo on") == "on\n"
    frozen.__exit__(None, None, None)


def test_images_of_machines_stay_and_others_go(
    ground: MachineGround,
) -> None:
    driver, spec = ground.driver(), ground.spec()
    ground.booted(driver, spec)
    sealed = driver.seal(spec.id)
    ground.images.mount(sealed)
    for digest in (sealed, ground.digest):
        os.utime(ground.folder / "images" / digest, (0, 0))

    driver.keep_images([])

    assert ground.images.digests() == {ground.digest}
    assert ground.inside(spec.id, "cat /etc/debian_version").startswith("12")


def test_changes_of_the_system_are_seen(ground: MachineGround) -> None:
    driver, spec = ground.driver(), ground.spec()
    assert ground.booted(driver, spec).drift == ()

    ground.inside(spec.id, "echo x >/usr/bin/tool; rm /usr/bin/env; echo state >/var/lib/state")

    assert driver.machines()[spec.id].drift == ("/usr/bin/env", "/usr/bin/tool")


def test_machine_ends_and_boots_anew_by_itself(ground: MachineGround) -> None:
    driver, spec = ground.driver(), ground.spec()
    ground.booted(driver, spec)
    before = ground.init(spec.id)

    with contextlib.suppress(CommandError):
        ground.inside(spec.id, "systemctl reboot")
    wait_until(lambda: ground.init(spec.id) != before)
    assert driver.machines()[spec.id].state is MachineState.RUNNING, "as EC2 has it"
    wait_until(lambda: b"Rebooting." in driver.console(spec.id))

    wait_until(lambda: ground.answers(spec.id))
    with contextlib.suppress(CommandError):
        ground.inside(spec.id, "systemctl poweroff")
    ground.wait_for(driver, spec.id, MachineState.EXITED)


def test_console_is_bounded_and_has_the_latest(ground: MachineGround) -> None:
    driver, spec = ground.driver(), ground.spec()
    ground.booted(driver, spec)

    ground.inside(
        spec.id, "seq -f 'line %010.0f of many' 40000 >/dev/console; echo END >/dev/console"
    )

    wait_until(lambda: b"END" in driver.console(spec.id))
    assert len(driver.console(spec.id)) == KEPT_BYTES
    assert b"line 0000040000 of many" in driver.console(spec.id)
    folder = ground.machines_folder / spec.id
    assert sum(path.stat().st_size for path in folder.glob("console*")) < 4 * KEPT_BYTES


def test_image_without_a_system_fails_and_says_why(ground: MachineGround) -> None:
    tree = ground.folder / "tree"
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "etc").mkdir()
    (tree / "etc/os-release").write_text("ID=none\n")
    broken = ground.images.add_tree(tree, latest=0).digest
    driver, spec = ground.driver(), ground.spec(image_digest=broken)

    driver.start(spec)

    ground.wait_for(driver, spec.id, MachineState.FAILED)
    detail = driver.machines()[spec.id].detail
    assert detail.startswith("It ended while it was booting.  Its console ends with:\n")
    driver.remove(spec.id)
    assert ground.left() == []


def test_machine_that_does_not_come_up_in_time_fails(ground: MachineGround) -> None:
    spec = ground.spec()
    impatient = ground.driver(boot_seconds=0.0)

    impatient.start(spec)

    assert impatient.machines()[spec.id].state is MachineState.FAILED
    assert "has not come up within 0 seconds" in impatient.machines()[spec.id].detail
    ground.wait_for(ground.driver(), spec.id, MachineState.RUNNING)
    assert impatient.machines()[spec.id].state is MachineState.RUNNING


def test_machine_that_does_not_shut_down_is_ended(ground: MachineGround) -> None:
    driver, spec = ground.driver(grace=timedelta(seconds=0.1)), ground.spec()
    ground.booted(driver, spec)
    ground.inside(spec.id, "systemd-run --property=ExecStop='sleep 600' sleep 600")
    before = ground.init(spec.id)

    driver.restart(spec.id)
    wait_until(lambda: ground.init(spec.id) != before)
    ground.wait_for(driver, spec.id, MachineState.RUNNING)
    ground.inside(spec.id, "systemd-run --property=ExecStop='sleep 600' sleep 600")
    driver.stop(spec.id, force=False)

    assert driver.machines()[spec.id].state is MachineState.EXITED


def test_machine_without_an_image_is_no_machine(ground: MachineGround) -> None:
    driver, spec = ground.driver(), ground.spec(image_digest="f" * 64)

    with pytest.raises(MachineError, match="can't be started"):
        driver.start(spec)

    driver.remove(spec.id)
    assert ground.left() == []


def test_whatever_fails_nothing_is_left(ground: MachineGround) -> None:
    trap, driver, spec = Trap(), ground.driver(), ground.spec()
    nth, wrong = -1, []

    def fails() -> bool:
        try:
            with trap.set(nth):
                driver.start(spec)
        except MachineError:
            return True
        return False

    while True:
        nth += 2
        failed = fails()
        driver.remove(spec.id)
        driver.prepare()
        wrong += [f"act {nth} of start failed: left {left}" for left in ground.left()]
        if not failed and trap.acts < nth:
            break

    assert wrong == []
    assert nth > 20


def test_removal_that_fails_can_be_repeated(ground: MachineGround) -> None:
    trap, driver, spec = Trap(), ground.driver(), ground.spec()
    nth = -1
    while True:
        nth += 2
        driver.start(spec)
        try:
            with trap.set(nth):
                driver.remove(spec.id)
        except MachineError:
            driver.remove(spec.id)
        assert ground.left() == [], f"act {nth} of remove failed"
        if trap.acts < nth:
            break

    assert nth > 5


def test_driver_killed_at_any_act_leaves_nothing_unknown(ground: MachineGround) -> None:
    plan = ground.network.plan
    arguments = [str(ground.folder), plan.region, plan.network, ground.digest]

    said = run(
        [sys.executable, "-m", "tests.support.killed_starts", *arguments],
        folder=Path(__file__).parents[2],
        timeout=timedelta(minutes=3),
    ).stdout

    assert said.splitlines()[:-1] == []
    assert int(said.split()[0]) > 20


def cpu_seconds(ground: MachineGround, instance: InstanceId) -> float:
    """Return how much of the processors a machine has used."""
    cgroup = ground.cgroup(instance)
    if host_hierarchies().is_in_version_2("cpu"):
        return int((cgroup.folder("cpu") / "cpu.stat").read_text().split()[1]) / 1e6
    return int((cgroup.folder("cpuacct") / "cpuacct.usage").read_text()) / 1e9
