"""What `make ship` says on machines that can't, before it changes anything."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

PROJECT: Final = Path(__file__).parents[1]

# What the recipes themselves need.
_PLAIN: Final = ("sh", "bash", "env", "dirname", "python3")


def a_path(folder: Path, **programs: str) -> str:
    """Return a PATH with a shell, and programs that are scripts."""
    folder.mkdir()
    for name in _PLAIN:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def run(*argv: str, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, cwd=PROJECT, env={"PATH": path}, capture_output=True, text=True, check=False
    )


def test_without_root_and_sudo_nothing_is_set_up(tmp_path: Path) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("MISSING: make")
    path = a_path(tmp_path / "bin", id="echo 1000")

    done = run(make, "ship", f"VENV={tmp_path / 'venv'}", path=path)

    assert done.returncode != 0
    assert "A region needs root, and there is no sudo here: run 'make ship' as root." in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize(
    ("programs", "words"),
    [
        ({"id": "echo 1000"}, "Installing them needs root, and there is no sudo here"),
        ({"id": "echo 0"}, "There is no apt-get here. Install what these packages hold"),
    ],
)
def test_missing_packages_are_named_where_they_can_not_be_installed(
    tmp_path: Path, programs: dict[str, str], words: str
) -> None:
    path = a_path(tmp_path / "bin", **programs)

    done = run("scripts/debian-packages", path=path)

    # Some programs are looked for in the folders of root's programs all the same.
    assert "Debian packages that are missing: make " in done.stdout
    assert "systemd-container" in done.stdout
    assert done.returncode == 1
    assert words in done.stderr


def test_missing_packages_are_installed_by_name(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    path = a_path(tmp_path / "bin", **{"id": "echo 0", "apt-get": f'echo "$@" >>{noted}'})

    done = run("scripts/debian-packages", path=path)

    assert done.returncode == 0, done.stderr
    update, install = noted.read_text().splitlines()
    assert update == "update -qq"
    assert install.startswith("install -y -qq --no-install-recommends make ")
