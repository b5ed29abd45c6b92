"""What is in the way of a region, as far as it can be seen without being root."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any, Final

import pytest

from cotta.region.home import Home, Settings
from cotta.region.networks.bridge import host_ranges
from cotta.region.readiness import (
    PROGRAMS,
    Host,
    choose_network,
    choose_port,
    find_obstacles,
    is_free,
    total_memory_mib,
    with_sbin,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What a machine has on which nothing is in the way.
GOOD: Final = {
    "proc/filesystems": "nodev\toverlay\n\tsquashfs\n",
    "proc/meminfo": "MemTotal: 4194304 kB\nMemAvailable: 2097152 kB\n",
    **{f"proc/self/ns/{kind}": "" for kind in ("net", "mnt", "pid", "uts", "ipc")},
    "dev/loop-control": "",
    "sys/fs/cgroup/cgroup.procs": "",
    **{f"bin/{program}": "" for program in PROGRAMS},
}

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="MISSING: needs root")


def test_only_root_can_run_a_region(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        assert "A region needs root" not in summaries(Home(tmp_path))
    else:
        assert summaries(Home(tmp_path)) == ["A region needs root"]


@as_root
def test_a_port_that_somebody_has_is_taken(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        settings = Settings(network="10.255.0.0/16", port=port)
        found = find_obstacles(Home(tmp_path), settings)

    (obstacle,) = [one for one in found if one.summary == "The port is taken"]
    assert str(port) in obstacle.detail


@as_root
def test_a_range_that_something_else_has_now_is_taken(tmp_path: Path) -> None:
    # Regions come and go beside this test; the machine's own network stays.
    there = [one for one in host_ranges() if not one.startswith("172.")]
    if not there:
        pytest.skip("MISSING: this machine has no network of its own")
    network = ".".join(there[0].split(".")[:2]) + ".0.0/16"
    settings = Settings(network=network, port=choose_port())

    found = find_obstacles(Home(tmp_path), settings)

    (obstacle,) = [one for one in found if one.summary == "The range of addresses is taken"]
    assert f"network is {network}, and this machine now has a route to" in obstacle.detail
    assert "another region, a VPN or a container network" in obstacle.detail


@as_root
def test_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        (tmp_path / name).touch()

    (obstacle,) = [one for one in find_obstacles(Home(tmp_path), None) if "somebody" in one.summary]

    assert "a, b, c and more in it" in obstacle.detail


@as_root
def test_folder_below_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "The data folder is none" in summaries(Home(tmp_path / "file" / "cotta"))


def test_what_is_chosen_is_free() -> None:
    assert is_free(choose_port())
    assert choose_network() not in host_ranges()
    assert choose_network().endswith(".0.0/16")


def test_programs_for_root_are_found_in_any_shell() -> None:
    assert with_sbin("/usr/bin:/bin").split(":")[-3:] == ["/usr/local/sbin", "/usr/sbin", "/sbin"]
    assert with_sbin("/usr/local/sbin:/usr/sbin:/sbin") == "/usr/local/sbin:/usr/sbin:/sbin"


def test_this_machine_has_memory() -> None:
    assert total_memory_mib() > 256


def a_host(folder: Path, files: Mapping[str, str] = GOOD, **changes: Any) -> Host:
    """Return a machine laid out in a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    plain = {"is_root": True, "path": str(folder / "bin"), "release": "6.1.0", "root": folder}
    return Host(**{**plain, "free_mib": lambda _: 4096, **changes})


def without(*names: str) -> dict[str, str]:
    """Return the files of a good machine but for those whose name begins so."""
    return {name: text for name, text in GOOD.items() if not name.startswith(names)}


def test_nothing_is_in_the_way_on_a_good_machine(tmp_path: Path) -> None:
    host = a_host(tmp_path / "host")

    assert find_obstacles(Home(tmp_path / "home"), None, host=host) == []


@pytest.mark.parametrize(
    ("files", "summary", "remedy"),
    [
        (
            without("bin/haproxy", "bin/nft"),
            "Programs are missing",
            "    apt-get install --no-install-recommends nftables haproxy",
        ),
        (
            {**GOOD, "proc/filesystems": "\text4\n"},
            "The kernel lacks file systems",
            "overlay and squashfs, which this kernel has neither built in nor as a module. Boot",
        ),
        (without("dev/"), "The kernel lacks loop devices", "Boot a kernel that has them"),
        (without("proc/self/ns/net"), "The kernel lacks namespaces", "called net are not there"),
        (without("sys/"), "There are no control groups", "mount -t cgroup2"),
        (
            {**GOOD, "proc/meminfo": "MemAvailable: 102400 kB\n"},
            "There is too little memory",
            "100 MiB are available, and a region with one small machine needs 512. End other",
        ),
    ],
)
def test_each_obstacle_is_said_with_its_remedy(
    tmp_path: Path, files: dict[str, str], summary: str, remedy: str
) -> None:
    host = a_host(tmp_path / "host", files)

    (obstacle,) = find_obstacles(Home(tmp_path / "home"), None, host=host)

    assert obstacle.summary == summary
    assert remedy in obstacle.detail
    assert not (tmp_path / "home").exists()


def test_modules_are_as_good_as_what_is_built_in(tmp_path: Path) -> None:
    modules = "kernel/fs/overlayfs/overlay.ko.xz: \nkernel/fs/squashfs/squashfs.ko:\n"
    files = {
        **without("dev/", "proc/filesystems"),
        "proc/filesystems": "",
        "lib/modules/6.1.0/modules.dep": modules,
        "lib/modules/6.1.0/modules.builtin": "kernel/drivers/block/loop.ko\n",
    }

    assert find_obstacles(Home(tmp_path / "home"), None, host=a_host(tmp_path, files)) == []


def test_too_little_room_on_the_disk_is_said_of_the_folder_that_is_there(tmp_path: Path) -> None:
    host = a_host(tmp_path / "host", free_mib=lambda _: 100)

    (obstacle,) = find_obstacles(Home(tmp_path / "a" / "b"), None, host=host)

    assert obstacle.summary == "There is too little room on the disk"
    assert f"{tmp_path} has 100 MiB left" in obstacle.detail
    assert "COTTA_HOME" in obstacle.detail


def test_who_is_not_root_is_told_that_alone(tmp_path: Path) -> None:
    (obstacle,) = find_obstacles(Home(tmp_path), None, host=a_host(tmp_path, {}, is_root=False))

    assert obstacle.summary == "A region needs root"
    assert "with sudo" in obstacle.detail


def test_everything_is_said_at_once(tmp_path: Path) -> None:
    files = {**without("dev/", "bin/ip"), "proc/meminfo": "MemAvailable: 0 kB\n"}
    host = a_host(tmp_path / "host", files, free_mib=lambda _: 0)

    assert [one.summary for one in find_obstacles(Home(tmp_path / "home"), None, host=host)] == [
        "Programs are missing",
        "The kernel lacks loop devices",
        "There is too little memory",
        "There is too little room on the disk",
    ]


def summaries(home: Home) -> list[str]:
    return [one.summary for one in find_obstacles(home, None)]
