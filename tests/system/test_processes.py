"""Commands: their output, their failures, their ends."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cotta.system.processes import (
    NOT_EXECUTABLE,
    NOT_FOUND,
    CommandError,
    CommandTimeoutError,
    Completed,
    run,
    start,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_output_of_both_kinds_comes_back() -> None:
    assert run(["sh", "-c", "cat; echo no >&2"], stdin="yes") == Completed("yes", "no\n")


def test_output_that_is_not_utf8_is_replaced() -> None:
    assert run(["printf", r"a\377b"]).stdout == "a\ufffdb"


def test_environment_and_folder_are_the_ones_given(tmp_path: Path) -> None:
    completed = run(["sh", "-c", "pwd; echo $A"], folder=tmp_path, environment={"A": "b"})

    assert completed.stdout == f"{tmp_path}\nb\n"


def test_failure_tells_status_and_the_last_lines() -> None:
    with pytest.raises(CommandError) as caught:
        run(["sh", "-c", "seq 100 >&2; exit 3"])

    assert (caught.value.status, caught.value.tail) == (3, "\n".join(map(str, range(81, 101))))


def test_signal_is_named() -> None:
    with pytest.raises(CommandError, match=r"^sh was ended by SIGTERM: $"):
        run(["sh", "-c", "kill -TERM $$"])


def test_program_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandError, match="No such file") as caught:
        run(["no-such-program"])

    assert caught.value.status == NOT_FOUND


def test_file_that_is_no_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        run([str(tmp_path)])

    assert caught.value.status == NOT_EXECUTABLE


def test_timeout_kills_the_children_too() -> None:
    with pytest.raises(CommandTimeoutError) as caught:
        # The child keeps the pipe open; only killing it too lets this end.
        run(["sh", "-c", "echo slow >&2; sleep 60 & wait"], timeout=timedelta(milliseconds=200))

    assert (caught.value.status, caught.value.tail) == (-signal.SIGKILL, "slow")


def test_started_process_is_talked_to_and_stopped() -> None:
    with start(["cat"]) as process:
        process.stdin.write(b"hello\n")
        process.stdin.flush()

        assert process.stdout.readline() == b"hello\n"
        assert process.poll() is None
        assert process.wait(timedelta()) is None
        assert process.stop(timedelta(seconds=5)) == -signal.SIGTERM


def test_process_that_ignores_the_request_is_killed() -> None:
    with start(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]) as process:
        process.stdout.readline()

        assert process.stop(timedelta(milliseconds=50)) == -signal.SIGKILL


def test_block_leaves_no_process_behind() -> None:
    with start(["sleep", "60"]) as process:
        pass

    assert process.poll() == -signal.SIGKILL


def test_descriptors_stay_open_if_asked_for() -> None:
    reading, writing = os.pipe()
    try:
        run(["sh", "-c", f"echo here >/proc/self/fd/{writing}"], descriptors=[writing])

        assert os.read(reading, 100) == b"here\n"
        with pytest.raises(CommandError):
            run(["sh", "-c", f"echo here >/proc/self/fd/{writing}"])
    finally:
        os.close(reading)
        os.close(writing)
