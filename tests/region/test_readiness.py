"""What is in the way of a region, as far as it can be seen without being root."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from cotta.region.home import Home, Settings
from cotta.region.networks.bridge import host_ranges
from cotta.region.readiness import (
    choose_network,
    choose_port,
    find_obstacles,
    is_free,
    total_memory_mib,
    with_sbin,
)

if TYPE_CHECKING:
    from pathlib import Path

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


def summaries(home: Home) -> list[str]:
    return [one.summary for one in find_obstacles(home, None)]
