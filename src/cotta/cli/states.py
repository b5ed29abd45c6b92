"""What all commands on states have in common: their flags, and the state they open."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.cli.backends import data_folder, remembered
from cotta.cli.mistakes import fail as fail  # noqa: PLC0414 - whoever opens states asks here
from cotta.cli.version import VERSION
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.states.errored import describe_dump, keep_errored
from cotta.states.locks import LockInfo, render_time
from cotta.states.session import StateSession, StateWriteError
from cotta.states.storage import LocalStorage
from cotta.states.workspaces import Workspaces
from cotta.system.clock import SystemClock
from cotta.system.disk import SystemDisk
from cotta.system.ids import RandomIds

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.states.storage import StatePaths

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")


def parse_duration(text: str) -> timedelta:
    """Return a duration such as `90s` or `1m30s`."""
    if text == "0":
        return timedelta()
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise argparse.ArgumentTypeError(f'needs a duration such as 30s or 2m, not "{text}"')
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


def declare_lock(flags: Flags) -> None:
    """Take the flags about the state's lock."""
    flags.switch("lock", "Go without the state's lock: nobody else may be at work.", default=True)
    flags.option(
        "lock-timeout",
        "DURATION",
        "How long to wait for the state's lock.",
        default=timedelta(),
        parse=parse_duration,
    )


def declare_files(flags: Flags) -> None:
    """Take the flags that name other files than the workspace's."""
    flags.option("state", "PATH", "The state file to read, instead of the workspace's.")
    flags.option("state-out", "PATH", "The state file to write, instead of the one read.")
    flags.option("backup", "PATH", "Where the state before goes; - for nowhere.")
    flags.switch("ignore-remote-version", "Accepted for Terraform's sake; without effect.")


def state_paths(given: Namespace, terminal: Terminal, *, has_stamp: bool = False) -> StatePaths:
    """Return the files that the flags and the workspace mean.

    With `has_stamp` each change has a backup of its own: the seconds since
    1970 are in its name, as after Terraform's `state mv` and `state rm`.
    """
    remembered(data_folder(terminal))
    backup = getattr(given, "backup", None)
    state, state_out = given.state, getattr(given, "state_out", None)
    workspaces = Workspaces(terminal.environment)
    if has_stamp and not backup:
        write = workspaces.paths(state=state, state_out=state_out).write
        backup = f"{write}.{int(SystemClock().now().timestamp())}.backup"
    return workspaces.paths(state=state, state_out=state_out, backup=backup)


def describe_lock(operation: str, paths: StatePaths) -> LockInfo:
    """Return what is written down beside the lock that this process takes."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "somebody"
    return LockInfo(
        id=RandomIds().uuid(),
        operation=operation,
        who=f"{user}@{os.uname().nodename}",
        version=f"cotta {VERSION}",
        created=render_time(SystemClock().now()),
        path=str(paths.read),
    )


@contextlib.contextmanager
def open_state(
    given: Namespace,
    terminal: Terminal,
    operation: str | None = None,
    *,
    paths: StatePaths | None = None,
) -> Iterator[StateSession]:
    """Open a state for a block: locked if an `operation` changes it.

    Raises `DiagnosticsError` if that is impossible, or if a write fails; what
    could not be written is then in errored.tfstate.
    """
    paths = paths or state_paths(given, terminal)
    session = StateSession(LocalStorage(paths, terminal.disk or SystemDisk()), RandomIds())
    diags = Diagnostics()
    lock = None
    if operation is not None and given.lock:
        lock = describe_lock(operation, paths)
    session.open(diags, lock=lock, wait=getattr(given, "lock_timeout", timedelta()))
    diags.raise_if_errors()
    if diags:
        # Imported here because it is seldom needed.
        from cotta.cli.views.diagnostics import show_aside

        show_aside(diags, terminal)
    try:
        yield session
    except StateWriteError as error:
        diags = Diagnostics([error.diagnostic])
        if error.content:
            diags.add(_keep(error.content, terminal))
        diags.raise_if_errors()
    finally:
        session.close()


def _keep(content: bytes, terminal: Terminal) -> Diagnostic:
    """Put a state that could not be written where a person finds it; return what to tell."""
    try:
        return keep_errored(content, Path(), terminal.disk or SystemDisk())
    except OSError as error:
        terminal.write(content.decode())
        return describe_dump(error)


def require_state(session: StateSession) -> None:
    """Raise `DiagnosticsError` if there is no state yet."""
    if session.is_new:
        raise fail(
            "No state file was found!",
            "The commands on states need one. Run them in a folder where something was applied, "
            "or name the file: -state=PATH.",
        )
