"""The provisioner `local-exec`: a command on the machine that Cotta runs on."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.providers.interface import ProviderDiagnostic
from cotta.schemas.model import Attribute, Block, Schema
from cotta.values.paths import AttributePath
from cotta.values.types import BOOL, STRING, ListType, MapType
from cotta.values.value import ListValue, MapValue, ObjectValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.providers.interface import Complaints
    from cotta.system.processes import Process
    from cotta.values.value import Value

_SCHEMA: Final = Schema(
    Block(
        attributes={
            "command": Attribute(type=STRING, required=True),
            "interpreter": Attribute(type=ListType(STRING), optional=True),
            "working_dir": Attribute(type=STRING, optional=True),
            "environment": Attribute(type=MapType(STRING), optional=True),
            "quiet": Attribute(type=BOOL, optional=True),
        }
    )
)
_SHELL: Final = ("/bin/sh", "-c")
# What stands for the command where it is not to be shown.
_QUIET: Final = "local-exec: Executing: Suppressed by quiet=true"
# As much of the output as an error shows.
_TAIL_LINES: Final = 40


class LocalExec:
    """Runs a command and hands on what it writes, line by line.

    A command under way is waited for when a run is interrupted: Terraform
    kills it, and half of what it was to do may be done then.
    """

    def __init__(self) -> None:
        self._running: set[Process] = set()

    def schema(self) -> Schema:
        """Return what its block may hold."""
        return _SCHEMA

    def stop(self) -> None:
        """Kill every command that runs, and what it has started."""
        for process in list(self._running):
            process.signal(signal.SIGKILL)

    def run(self, config: Value, *, say: Callable[[str], None]) -> Complaints:
        """Run the command; complain if it ends with another status than 0."""
        assert isinstance(config, ObjectValue)
        command = config.attributes["command"]
        if not isinstance(command, str) or not command:
            return (
                ProviderDiagnostic(
                    summary="Invalid local-exec provisioner command",
                    detail="The command must not be empty.",
                    path=(AttributePath("command"),),
                ),
            )
        argv = [*_texts(config.attributes["interpreter"]), command]
        if len(argv) == 1:
            argv = [*_SHELL, command]
        quiet = config.attributes["quiet"] is True
        say(_QUIET if quiet else f"Executing: {_go_list(argv)}")
        return self._start(argv, command, config, say)

    def _start(
        self,
        argv: list[str],
        command: str,
        config: ObjectValue,
        say: Callable[[str], None],
    ) -> Complaints:
        # Imported here because most runs have no commands.
        import subprocess

        from cotta.system.processes import CommandError, start

        folder = config.attributes["working_dir"]
        environment = dict(os.environ) | _table(config.attributes["environment"])
        try:
            with start(
                argv,
                folder=Path(folder) if isinstance(folder, str) else None,
                environment=environment,
                stderr=subprocess.STDOUT,
            ) as process:
                self._running.add(process)
                try:
                    return _follow(process, command, say)
                finally:
                    self._running.discard(process)
        except CommandError as error:
            return (_failure(command, error.tail, ""),)


def _follow(process: Process, command: str, say: Callable[[str], None]) -> Complaints:
    process.stdin.close()
    lines: list[str] = []
    for raw in process.stdout:
        line = raw.decode("utf-8", "replace").rstrip("\n")
        lines.append(line)
        say(line)
    status = process.wait()
    if status == 0:
        return ()
    assert status is not None
    how = f"exit status {status}" if status > 0 else f"signal: {signal.Signals(-status).name}"
    return (_failure(command, how, "\n".join(lines[-_TAIL_LINES:])),)


def _failure(command: str, how: str, output: str) -> ProviderDiagnostic:
    return ProviderDiagnostic(
        summary="local-exec provisioner error",
        detail=f"Error running command '{command}': {how}. Output: {output}",
    )


def _texts(value: Value) -> list[str]:
    return [e for e in value.elements if isinstance(e, str)] if isinstance(value, ListValue) else []


def _table(value: Value) -> dict[str, str]:
    if not isinstance(value, MapValue):
        return {}
    return {key: text for key, text in value.elements.items() if isinstance(text, str)}


def _go_list(argv: list[str]) -> str:
    """Return the words as Terraform prints them: ["/bin/sh" "-c" "true"]."""
    # Imported here because only a command that runs needs it.
    from cotta.values.sets import quote

    return f"[{' '.join(map(quote, argv))}]"
