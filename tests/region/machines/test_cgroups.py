"""Control groups on every layout, on trees of plain files; the real ones are for tests/boot."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cotta.region.machines.cgroups import (
    Cgroup,
    CgroupError,
    Hierarchies,
    Limits,
    find_hierarchies,
    own_scope,
)

LIMITS = Limits(memory_mib=512, cpus=0.5, pids=100)

VERSION_2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
VERSION_1 = """\
31 30 0:27 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct
33 31 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
34 31 0:30 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
35 31 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd"""
HYBRID = f"{VERSION_1}\n36 31 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"


# The kernel was told `cgroup_no_v1=memory`.
MIXED = "\n".join(line for line in HYBRID.splitlines() if "memory" not in line)


@pytest.mark.parametrize(
    ("mountinfo", "unified", "expected", "second"),
    [
        (VERSION_2, "cpuset cpu io memory pids", [""], "cpu memory pids"),
        (VERSION_1, "", ["cpu,cpuacct", "memory", "pids", "systemd"], ""),
        (HYBRID, "hugetlb", ["cpu,cpuacct", "memory", "pids", "systemd", "unified"], ""),
        (MIXED, "memory hugetlb", ["cpu,cpuacct", "pids", "systemd", "unified"], "memory"),
    ],
)
def test_hierarchies_are_found(
    mountinfo: str, unified: str, expected: list[str], second: str
) -> None:
    found = find_hierarchies(mountinfo, lambda _: unified, has_systemd=False)

    assert list(found.all) == [Path("/sys/fs/cgroup") / name for name in expected]
    needed = ("cpu", "memory", "pids")
    assert [one for one in needed if found.is_in_version_2(one)] == second.split()


@pytest.mark.parametrize(
    ("mountinfo", "unified", "missing"),
    [
        ("", "", "cpu, memory, pids"),
        ("\n".join(VERSION_1.splitlines()[:3]), "", "pids"),
        # A container that was given no controllers.
        (VERSION_2, "memory", "cpu, pids"),
        (MIXED, "hugetlb", "memory"),
    ],
)
def test_what_is_missing_is_said(mountinfo: str, unified: str, missing: str) -> None:
    with pytest.raises(CgroupError, match=f"no control groups for {missing}:"):
        find_hierarchies(mountinfo, lambda _: unified, has_systemd=False)


def test_limits_of_version_2(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "memory.swap.max").write_text("max")
    cgroup = Cgroup(Hierarchies({}, tmp_path, ""), "m")

    entries = cgroup.make(LIMITS)

    assert entries == [tmp_path / "m" / "cgroup.procs"]
    assert contents(tmp_path) == {
        "cgroup.subtree_control": "+cpu +memory +pids",
        "m/cpu.max": "50000 100000",
        "m/memory.max": str(512 * 1024 * 1024),
        "m/memory.swap.max": "0",
        "m/pids.max": "100",
    }


def test_limits_of_version_1(tmp_path: Path) -> None:
    names = ("cpu", "cpuset", "memory", "pids", "name=systemd")
    for name in names:
        (tmp_path / name / "m").mkdir(parents=True)
    for path in ("cpuset/cpuset.cpus", "cpuset/cpuset.mems"):
        (tmp_path / path).write_text("0-1")
    for path in ("cpuset/m/cpuset.cpus", "cpuset/m/cpuset.mems"):
        (tmp_path / path).write_text("\n")
    cgroup = Cgroup(Hierarchies({name: tmp_path / name for name in names}, None, ""), "m")

    entries = cgroup.make(LIMITS)

    assert entries == [tmp_path / name / "m" / "cgroup.procs" for name in names]
    assert {path: text for path, text in contents(tmp_path).items() if "/m/" in path} == {
        "cpu/m/cpu.cfs_period_us": "100000",
        "cpu/m/cpu.cfs_quota_us": "50000",
        "cpuset/m/cpuset.cpus": "0-1",
        "cpuset/m/cpuset.mems": "0-1",
        "memory/m/memory.limit_in_bytes": str(512 * 1024 * 1024),
        "pids/m/pids.max": "100",
    }


def test_each_controller_is_set_where_it_is(tmp_path: Path) -> None:
    first = {name: tmp_path / name for name in ("cpu", "name=systemd")}
    unified = tmp_path / "unified"
    for hierarchy in (*first.values(), unified):
        (hierarchy / "m").mkdir(parents=True)
    cgroup = Cgroup(Hierarchies(first, unified, ""), "m")

    entries = cgroup.make(LIMITS)

    assert entries == [it / "m" / "cgroup.procs" for it in (*first.values(), unified)]
    assert contents(tmp_path) == {
        "cpu/m/cpu.cfs_period_us": "100000",
        "cpu/m/cpu.cfs_quota_us": "50000",
        "unified/cgroup.subtree_control": "+memory +pids",
        "unified/m/memory.max": str(512 * 1024 * 1024),
        "unified/m/pids.max": "100",
    }


def test_host_with_systemd_is_asked_for_a_scope(tmp_path: Path) -> None:
    cgroup = Cgroup(Hierarchies({}, tmp_path, "system.slice"), "m")

    assert cgroup.make(LIMITS) == []
    assert cgroup.command(LIMITS) == [
        "systemd-run", "--scope", "--quiet", "--collect", "--slice=system.slice",
        "--unit=m.scope",
        "--property=Delegate=yes", "--property=MemoryMax=512M", "--property=MemorySwapMax=0",
        "--property=CPUQuota=50%", "--property=TasksMax=100", "--",
    ]  # fmt: skip
    assert contents(tmp_path) == {}


def test_what_outlives_its_starter_has_a_scope_of_its_own_where_systemd_ends_services(
    tmp_path: Path,
) -> None:
    scope = own_scope(tmp_path)

    assert scope[:2] == ["systemd-run", "--scope"]
    assert scope[-1] == "--"
    assert own_scope(tmp_path / "none") == []


def test_processes_are_counted_and_found(tmp_path: Path) -> None:
    cgroup = Cgroup(Hierarchies({}, tmp_path, "system.slice"), "m")
    group = tmp_path / "system.slice" / "m.scope"
    assert not cgroup.is_populated()
    assert list(cgroup.processes()) == []

    (group / "payload").mkdir(parents=True)
    (group / "cgroup.events").write_text("populated 1\nfrozen 0\n")
    (group / "cgroup.procs").write_text("10\n11\n")
    (group / "payload" / "cgroup.procs").write_text("12\n")

    assert cgroup.is_populated()
    assert sorted(cgroup.processes()) == [10, 11, 12]
    (group / "cgroup.events").write_text("populated 0\nfrozen 0\n")
    assert not cgroup.is_populated()


def test_version_1_alone_counts_by_its_controller(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    cgroup = Cgroup(Hierarchies({"pids": tmp_path}, None, ""), "m")

    (tmp_path / "m" / "pids.current").write_text("3\n")
    assert cgroup.is_populated()
    (tmp_path / "m" / "pids.current").write_text("0\n")
    assert not cgroup.is_populated()


@pytest.mark.parametrize(
    ("hierarchies", "file", "told_by", "frozen", "thawed"),
    [
        ("version 1", "freezer/m/freezer.state", "freezer/m/freezer.state", "FROZEN", "THAWED"),
        ("version 2", "unified/m/cgroup.freeze", "unified/m/cgroup.events", "1", "0"),
        # A host's systemd makes no group in version 1's freezer.
        ("scope", "unified/m/cgroup.freeze", "unified/m/cgroup.events", "1", "0"),
    ],
)
def test_group_stands_still_during_a_block(
    tmp_path: Path, hierarchies: str, file: str, told_by: str, frozen: str, thawed: str
) -> None:
    unified = tmp_path / "unified"
    first = {"freezer": tmp_path / "freezer"}
    cgroup = Cgroup(
        {
            "version 1": Hierarchies(first, None, ""),
            "version 2": Hierarchies({}, unified, ""),
            "scope": Hierarchies(first, unified, ""),
        }[hierarchies],
        "m",
    )
    for path in (file, told_by):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("populated 1\nfrozen 1\n")

    with cgroup.frozen():
        during = (tmp_path / file).read_text()
    after = (tmp_path / file).read_text()

    assert (during, after) == (frozen, thawed)


def test_group_that_does_not_stand_still_goes_on(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m/cgroup.freeze").write_text("0")
    (tmp_path / "m/cgroup.events").write_text("populated 1\nfrozen 0\n")
    cgroup = Cgroup(Hierarchies({}, tmp_path, ""), "m")

    soon = timedelta(milliseconds=50)
    with pytest.raises(CgroupError, match="standstill"), cgroup.frozen(soon):
        raise AssertionError

    assert (tmp_path / "m/cgroup.freeze").read_text() == "0"


def test_group_without_freezer_runs_on(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()

    with Cgroup(Hierarchies({}, tmp_path, ""), "m").frozen():
        pass

    assert contents(tmp_path) == {}


def test_groups_are_removed_with_all_below(tmp_path: Path) -> None:
    cgroup = Cgroup(Hierarchies({}, tmp_path, ""), "m")
    (tmp_path / "m" / "a" / "b").mkdir(parents=True)
    (tmp_path / "other").mkdir()

    cgroup.remove()
    cgroup.remove()

    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def contents(folder: Path) -> dict[str, str]:
    """Return the files below a folder, by their relative path."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
