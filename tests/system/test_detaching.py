"""Going on in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SCRIPT = """
import os, sys, time
from pathlib import Path
from cotta.system.detaching import NotReadyError, detach

folder = Path(sys.argv[1])
try:
    tell = detach(folder / "output")
except NotReadyError as error:
    sys.exit(f"not ready: {error}")
if tell is None:
    print("started")
    sys.exit(0)
print("from the second", flush=True)
(folder / "pid").write_text(str(os.getpid()))
if sys.argv[2] == "die":
    os._exit(1)
tell({"give up": "no room", "run": None}[sys.argv[2]])
tell("told twice")
time.sleep(600 if sys.argv[2] == "run" else 0)
"""


def detached(folder: Path, what: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, folder, what],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_first_process_ends_when_the_second_is_ready_and_leaves_it_running(tmp_path: Path) -> None:
    done = detached(tmp_path, "run")

    pid = int((tmp_path / "pid").read_text())
    try:
        assert (done.returncode, done.stdout, done.stderr) == (0, "started\n", "")
        assert os.getsid(pid) == pid
        assert str(Path(f"/proc/{pid}/cwd").readlink()) == "/"
        assert (tmp_path / "output").read_text() == "from the second\n"
    finally:
        os.kill(pid, signal.SIGKILL)


def test_reason_of_the_second_is_the_first_ones(tmp_path: Path) -> None:
    done = detached(tmp_path, "give up")

    assert (done.returncode, done.stderr) == (1, "not ready: no room\n")
    _wait_for_end(int((tmp_path / "pid").read_text()))


def test_death_before_it_is_ready_is_noticed(tmp_path: Path) -> None:
    done = detached(tmp_path, "die")

    assert (done.returncode, done.stderr) == (1, "not ready: \n")


def _wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if " Z " in Path(f"/proc/{pid}/stat").read_text():
                return
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(0.01)
    raise AssertionError("it never ends")
