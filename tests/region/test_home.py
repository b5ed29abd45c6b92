"""The data folder: what is remembered, who runs the region, what belongs to it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from cotta.region.home import Home, HomeError, Settings, find_home
from cotta.system.files import FileLockedError

SETTINGS = Settings(network="10.9.0.0/16", port=4600)
AT_ONCE = timedelta()


def test_environment_names_the_folder() -> None:
    assert find_home({}) == Home(Path("/var/lib/cotta"))
    assert find_home({"COTTA_HOME": "/tmp/../srv/cotta"}) == Home(Path("/srv/cotta"))


def test_folders_are_regions_of_their_own(tmp_path: Path) -> None:
    one, other = Home(tmp_path / "a"), Home(tmp_path / "b")

    assert one.region == Home(tmp_path / "a").region
    assert one.region != other.region


def test_settings_are_remembered(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.read_settings() is None
    assert not home.exists

    home.write_settings(SETTINGS)

    assert home.exists
    assert home.read_settings() == SETTINGS
    assert SETTINGS.endpoint == "http://127.0.0.1:4600"


@pytest.mark.parametrize("written", ["", "[]", '{"network": "10.0.0.0/16"}', '{"port": "x"}'])
def test_damaged_settings_are_said_to_be(tmp_path: Path, written: str) -> None:
    (tmp_path / "region.json").write_text(written)

    with pytest.raises(HomeError, match=r"region\.json"):
        Home(tmp_path).read_settings()


def test_one_process_runs_a_region(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert not home.is_held()
    assert home.read_pid() is None

    with home.held(wait=AT_ONCE):
        home.write_pid(os.getpid())
        assert home.is_held()
        assert home.read_pid() == os.getpid()
        with pytest.raises(FileLockedError), home.held(wait=AT_ONCE):
            raise AssertionError

    assert home.read_pid() is None


def test_a_process_that_was_killed_runs_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    script = (
        "import sys, time; from datetime import timedelta; from pathlib import Path\n"
        "from cotta.region.home import Home\n"
        "with Home(Path(sys.argv[1])).held(wait=timedelta()):\n"
        "    print('held', flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        home.write_pid(process.pid)
        assert home.read_pid() == process.pid

        process.kill()

    assert home.read_pid() is None


def test_what_is_the_regions_and_what_is_not(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (tmp_path / "holiday.jpg").touch()
    (tmp_path / "images").mkdir()
    assert home.strangers() == ["holiday.jpg", "images"]

    home.write_settings(SETTINGS)

    assert home.strangers() == []
    assert sorted(part.name for part in home.parts()) == ["images", "region.json"]
    assert Home(tmp_path / "nowhere").parts() == []
    assert Home(tmp_path / "nowhere").strangers() == []


def test_an_up_that_has_only_just_begun_makes_the_folder_nobody_elses(tmp_path: Path) -> None:
    home = Home(tmp_path)

    with home.changing(wait=AT_ONCE):
        assert home.strangers() == []

    assert home.strangers() == []


def test_the_host_has_been_up_since_it_was_asked_last(tmp_path: Path) -> None:
    home = Home(tmp_path)

    assert home.is_same_boot()
    assert home.is_same_boot()
    (tmp_path / "boot").write_text("another\n")
    assert not home.is_same_boot()
    assert home.is_same_boot()
