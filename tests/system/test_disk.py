"""The machine's disk: what is added to a file, and what is not when that fails."""

from __future__ import annotations

import resource
import signal
from typing import TYPE_CHECKING

import pytest

from cotta.system.disk import SystemDisk

if TYPE_CHECKING:
    from pathlib import Path


def test_a_log_goes_on_from_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "log"
    first = SystemDisk().open_log(path)
    first.append(b"one\n")
    first.sync()
    first.close()

    second = SystemDisk().open_log(path)
    second.append(b"two\n")
    second.append(b"three\n")

    assert path.read_bytes() == b"one\ntwo\nthree\n"
    second.close()


def test_a_log_that_is_only_opened_makes_no_file(tmp_path: Path) -> None:
    log = SystemDisk().open_log(tmp_path / "log")
    log.sync()
    log.close()
    log.close()

    assert list(tmp_path.iterdir()) == []


def test_an_addition_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = SystemDisk().open_log(path)
    log.append(b"whole\n")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            log.append(b"too long\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    log.append(b"next\n")
    log.close()

    assert path.read_bytes() == b"whole\nnext\n"
