"""Run other programs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

# As shells have it.
NOT_EXECUTABLE: Final = 126
NOT_FOUND: Final = 127

_TAIL_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Completed:
    """What a command that ended with status 0 has written."""

    stdout: str
    stderr: str


class CommandError(Exception):
    """A command ended with another status than 0, or could not be started.

    `status` is negative for a signal; `tail` is the end of what it wrote to
    stderr, or the reason why it could not be started.
    """

    def __init__(self, argv: Sequence[str], status: int, tail: str) -> None:
        super().__init__(argv, status, tail)
        self.argv = tuple(argv)
        self.status = status
        self.tail = tail

    def __str__(self) -> str:
        how = f"was ended by {_signal_name(-self.status)}" if self.status < 0 else ""
        return f"{self.argv[0]} {how or f'ended with status {self.status}'}: {self.tail}"


class CommandTimeoutError(CommandError):
    """A command was stopped because it took too long."""


def run(
    argv: Sequence[str],
    *,
    stdin: str = "",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: timedelta | None = None,
    descriptors: Collection[int] = (),
) -> Completed:
    """Run a command to its end; raise `CommandError` unless its status is 0.

    Output is read as UTF-8, anything else in it replaced.  `environment`
    replaces this process's own; `descriptors` of it stay open.  Past `timeout` the
    command and its children are killed and `CommandTimeoutError` is raised.
    """
    with start(argv, folder=folder, environment=environment, descriptors=descriptors) as process:
        popen = process.popen
        try:
            stdout, stderr = popen.communicate(
                stdin.encode(), timeout.total_seconds() if timeout is not None else None
            )
        except subprocess.TimeoutExpired:
            process.signal(signal.SIGKILL)
            _, stderr = popen.communicate()
            raise CommandTimeoutError(argv, popen.returncode, _tail(stderr)) from None
    if popen.returncode != 0:
        raise CommandError(argv, popen.returncode, _tail(stderr))
    return Completed(stdout.decode(errors="replace"), stderr.decode(errors="replace"))


class Process:
    """A command that is running, with all the children it starts.

    As a context manager it is killed at the end of the block, if it still
    runs then.
    """

    def __init__(self, argv: Sequence[str], popen: subprocess.Popen[bytes]) -> None:
        self.argv = tuple(argv)
        self.popen = popen

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.popen.poll() is None:
            self.signal(signal.SIGKILL)
            self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    @property
    def pid(self) -> int:
        """The process's id, which is its process group's too."""
        return self.popen.pid

    @property
    def stdin(self) -> IO[bytes]:
        """The pipe to the command's input."""
        assert self.popen.stdin is not None
        return self.popen.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """The pipe from the command's output, if it was started with one."""
        assert self.popen.stdout is not None
        return self.popen.stdout

    @property
    def stderr(self) -> IO[bytes]:
        """The pipe from the command's errors, if it was started with one."""
        assert self.popen.stderr is not None
        return self.popen.stderr

    def poll(self) -> int | None:
        """Return the status, or None while it runs."""
        return self.popen.poll()

    def wait(self, timeout: timedelta | None = None) -> int | None:
        """Wait for the end; return the status, or None if it still runs after `timeout`."""
        try:
            return self.popen.wait(timeout.total_seconds() if timeout is not None else None)
        except subprocess.TimeoutExpired:
            return None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command and its children; none is sent after the end."""
        if self.popen.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, number)

    def stop(self, grace: timedelta) -> int:
        """Ask it to end, kill it after `grace`, and return its status."""
        self.signal(signal.SIGTERM)
        if self.wait(grace) is None:
            self.signal(signal.SIGKILL)
        return self.popen.wait()


def start(
    argv: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdout: int | IO[bytes] = subprocess.PIPE,
    stderr: int | IO[bytes] = subprocess.PIPE,
    descriptors: Collection[int] = (),
) -> Process:
    """Start a command in a process group of its own; raise `CommandError` if that fails.

    A group of its own keeps a Ctrl-C at the terminal from it: who starts a
    process decides when it ends.
    """
    try:
        popen = subprocess.Popen(  # noqa: S603 - argv is a list; no shell reads it
            list(argv),
            cwd=folder,
            env=dict(environment) if environment is not None else None,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            pass_fds=tuple(descriptors),
        )
    except FileNotFoundError as error:
        where = f" (in {folder})" if folder is not None else ""
        raise CommandError(argv, NOT_FOUND, f"{error.strerror}{where}") from None
    except OSError as error:
        raise CommandError(argv, NOT_EXECUTABLE, error.strerror or str(error)) from None
    return Process(argv, popen)


def _tail(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").rstrip().splitlines()
    return "\n".join(lines[-_TAIL_LINES:])


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
