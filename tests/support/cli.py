"""Run `cotta` in a test: within this process, or as one of its own."""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cotta.cli.main import run
from cotta.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from cotta.addrs.providers import ProviderSource
    from cotta.providers.registry import ProviderFactory
    from cotta.system.disk import Disk

    Providers: TypeAlias = Mapping[ProviderSource, ProviderFactory]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of `cotta` ended and what it wrote."""

    status: int
    stdout: str
    stderr: str


def a_terminal(
    stdin: str | bytes = b"",
    *,
    environment: Mapping[str, str] | None = None,
    disk: Disk | None = None,
    providers: Providers | None = None,
) -> Terminal:
    """Return a terminal that nobody sits at, which keeps what is written."""
    return Terminal(
        stdin=io.BytesIO(stdin if isinstance(stdin, bytes) else stdin.encode()),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
        environment=environment or {},
        started_in=str(Path.cwd()),
        disk=disk,
        providers=providers or {},
    )


def written(terminal: Terminal, status: int) -> Ended:
    """Return how a run at `a_terminal` ended."""
    assert isinstance(terminal.stdout, io.StringIO)
    assert isinstance(terminal.stderr, io.StringIO)
    return Ended(status, terminal.stdout.getvalue(), terminal.stderr.getvalue())


def run_cotta(
    *arguments: str,
    stdin: str | bytes = b"",
    environment: Mapping[str, str] | None = None,
    disk: Disk | None = None,
    providers: Providers | None = None,
) -> Ended:
    """Run a command in this process, without colour, in the folder this process is in."""
    terminal = a_terminal(stdin, environment=environment, disk=disk, providers=providers)
    try:
        return written(terminal, run(arguments, terminal))
    finally:
        # A command freezes what it has read, as its process soon ends; this one goes on.
        gc.unfreeze()


def heed_interrupts() -> None:
    """Take Ctrl-C as at a terminal, for `preexec_fn`: a shell's background jobs ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def cotta_process(
    *arguments: str,
    stdin: bytes = b"",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run `cotta` as a process of its own, with a home of its own if a folder is given."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "COTTA_"))}
    home = {"HOME": str(folder)} if folder is not None else {}
    done = subprocess.run(
        [sys.executable, "-m", "cotta", *arguments],
        input=stdin,
        cwd=folder,
        capture_output=True,
        check=False,
        env={**inherited, **home, **(environment or {})},
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
