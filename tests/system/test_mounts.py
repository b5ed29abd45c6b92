"""Which mounts there are; they are made in tests/boot."""

from __future__ import annotations

from pathlib import Path

from cotta.system.mounts import is_mount, mount_of, mounts_below


def test_mounts_are_told_from_folders(tmp_path: Path) -> None:
    assert is_mount(Path("/proc"))
    assert not is_mount(tmp_path)
    assert mounts_below(tmp_path) == []
    assert Path("/proc") in mounts_below(Path("/"))


def test_path_is_on_the_innermost_mount() -> None:
    assert mount_of(Path("/proc/self/status")).kind == "proc"
    assert mount_of(Path("/proc/self/status")).target == Path("/proc")
