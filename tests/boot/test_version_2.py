"""What a machine's group is asked for in version 2 of control groups, by the kernel itself.

Limits need controllers, and on a machine that has them in version 1 the second has none to spare:
what is written for them is tested on plain files, by the names and forms of the kernel's manual
(cgroup-v2.rst).
"""

from __future__ import annotations

import os
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cotta.region.machines.cgroups import Cgroup, CgroupError, Hierarchies, host_hierarchies
from tests.support.real_machines import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.boot

# One process that forks, and both of them run.
BUSY = "while :; do :; done & while :; do :; done"


@pytest.fixture
def unified() -> Path:
    if os.geteuid() != 0:
        pytest.skip("MISSING FOR BOOT TESTS: root")
    try:
        found = host_hierarchies()
    except CgroupError as error:
        pytest.skip(f"MISSING FOR BOOT TESTS: {error}")
    if found.unified is None or os.statvfs(found.unified).f_flag & os.ST_RDONLY:
        pytest.skip("MISSING FOR BOOT TESTS: version 2 of control groups, to be written to")
    return found.unified


@pytest.fixture
def group(unified: Path) -> Iterator[Path]:
    """Give a group of version 2 alone, with one like a machine's below it."""
    place = unified / f"cotta-test-{os.getpid()}"
    (place / "payload").mkdir(parents=True)
    yield place
    for one in (place / "payload", place):
        if one.is_dir():
            (one / "cgroup.kill").write_text("1")
    wait_until(lambda: not place.exists() or "populated 0" in (place / "cgroup.events").read_text())
    Cgroup(Hierarchies({}, unified, ""), place.name).remove()


def running_in(place: Path, command: str) -> subprocess.Popen[bytes]:
    argv = ["sh", "-c", f"echo $$ >{place}/cgroup.procs && {{ {command}; }}"]
    process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
    wait_until(lambda: "populated 1" in (place / "cgroup.events").read_text())
    return process


def test_group_is_found_frozen_killed_and_removed(unified: Path, group: Path) -> None:
    cgroup = Cgroup(Hierarchies({}, unified, ""), group.name)
    assert not cgroup.is_populated()
    process = running_in(group / "payload", BUSY)
    wait_until(lambda: len(list(cgroup.processes())) == 2)
    assert cgroup.is_populated()
    assert cgroup.has(process.pid)
    assert not cgroup.has(os.getpid())

    with cgroup.frozen():
        before = used(group)
        subprocess.run(["sleep", "0.3"], check=True)
        assert used(group) == before
    wait_until(lambda: used(group) > before)

    (group / "cgroup.freeze").write_text("1")
    assert cgroup.kill(timedelta(seconds=10)), "what stands still dies, too"
    process.wait()
    assert not cgroup.is_populated()
    cgroup.remove()
    assert not group.exists()


def used(group: Path) -> int:
    """Return the microseconds that a group has had of processors; version 2 counts them always."""
    return int((group / "cpu.stat").read_text().split()[1])


def test_top_shares_out_controllers_although_it_has_processes(unified: Path, group: Path) -> None:
    spare = (unified / "cgroup.controllers").read_text().split()
    shared = (unified / "cgroup.subtree_control").read_text().split()
    free = [one for one in spare if one not in shared]
    if not free:
        pytest.skip("MISSING FOR BOOT TESTS: a controller of version 2 that nobody uses")
    assert (unified / "cgroup.procs").read_text()

    (unified / "cgroup.subtree_control").write_text(f"+{free[0]}")
    try:
        # The group was made before, as `make` does it, and has the controller's files all the same.
        assert free[0] in (group / "cgroup.controllers").read_text().split()
        # Inside, the rule against processes beside groups holds: nspawn gives the guest a group.
        process = running_in(group, "sleep 100")
        with pytest.raises(OSError, match="busy"):
            (group / "cgroup.subtree_control").write_text(f"+{free[0]}")
        process.kill()
        process.wait()
    finally:
        (unified / "cgroup.subtree_control").write_text(f"-{free[0]}")
