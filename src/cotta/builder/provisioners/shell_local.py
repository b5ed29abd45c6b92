"""Scripts on the machine that builds: the provisioner and the post-processor `shell-local`."""

from __future__ import annotations

import os
import select
import signal
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from cotta.builder.communicators.interface import STDERR, STDOUT
from cotta.builder.provisioners.provisioning import Lines, place_of
from cotta.builder.provisioners.scripts import (
    check_status,
    inline_script,
    render_variables,
    temporary_file,
    variables_of,
)
from cotta.builder.running import BuildError
from cotta.system.processes import NOT_EXECUTABLE, CommandError, Process, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cotta.builder.options.values import Options
    from cotta.builder.provisioners.provisioning import Provisioning

_EXECUTE: Final = ("/bin/sh", "-c", "{{.Vars}} {{.Script}}")
_EXECUTE_WITH_FILE: Final = ("/bin/sh", "-c", ". {{.EnvVarFile}} && {{.Script}}")
# A script that was just written can't be executed while a process that another build starts at this
# moment still has it open, as every child has until it becomes its own program.  Nothing of it has
# been run then.
_BUSY: Final = "Text file busy"
_BUSY_PAUSE: Final = timedelta(milliseconds=100)
_TRIES: Final = 5
_LOOK_SECONDS: Final = 0.2
_PIECE: Final = 2**15


def provision(options: Options, provisioning: Provisioning) -> None:
    """Run every script, in order; raises `BuildError` for the first that fails."""
    only_on = options.texts("only_on")
    if only_on and "linux" not in only_on:
        provisioning.ui.say(f"Skipping shell-local: it is for {', '.join(only_on)}")
        return
    for name, script in _scripts(options):
        provisioning.ui.say(f"Running local shell script: {name}")
        with ExitStack() as files:
            path = script
            if isinstance(path, bytes):
                suffix = options.text("tempfile_extension")
                path = files.enter_context(temporary_file(path, suffix))
                path.chmod(0o700)
            _run_script(path, options, provisioning, files)


def _scripts(options: Options) -> Iterator[tuple[str, Path | bytes]]:
    lines = options.texts("inline") or ((options.text("command"),) * bool(options.text("command")))
    if lines:
        place = options.place("inline" if options.texts("inline") else "command")
        yield f"inline of {place_of(place)}", inline_script(options, lines).encode()
    one = options.text("script")
    for name in (*((one,) if one else ()), *options.texts("scripts")):
        path = Path(name)
        if not path.is_file():
            raise BuildError(f"There is no script {name}.")
        yield name, path


def _run_script(path: Path, options: Options, provisioning: Provisioning, files: ExitStack) -> None:
    variables = variables_of(options, provisioning)
    text = render_variables(options, variables)
    fields: dict[str, object] = {"Script": str(path), "Command": str(path), "Vars": text}
    usual = _EXECUTE
    if options.flag("use_env_var_file"):
        fields["EnvVarFile"] = str(files.enter_context(temporary_file(text.encode())))
        usual = _EXECUTE_WITH_FILE
    command = options.texts("execute_command") or usual
    argv = [provisioning.render(part, fields) for part in command]
    if not options.texts("execute_command"):
        path.chmod(path.stat().st_mode | 0o100)
    for left in reversed(range(_TRIES)):
        lines = Lines(provisioning.ui)
        status = _execute(argv, variables, provisioning, lines)
        lines.end()
        if not (left and status == NOT_EXECUTABLE and _BUSY in lines.tail):
            break
        provisioning.deadline.sleep(_BUSY_PAUSE)
    check_status(status, options, lines)


def _execute(
    argv: list[str], variables: Mapping[str, str], provisioning: Provisioning, lines: Lines
) -> int:
    environment = {**provisioning.run.environment, **variables}
    try:
        process = start(argv, environment=environment)
    except CommandError as error:
        raise BuildError(f"{argv[0]} could not be started: {error.tail}.") from error
    with process:
        process.stdin.close()
        try:
            _follow(process, provisioning, lines)
        except BaseException:
            process.signal(signal.SIGTERM)
            raise
        return process.popen.wait()


def _follow(process: Process, provisioning: Provisioning, lines: Lines) -> None:
    streams: dict[IO[bytes], str] = {process.stdout: STDOUT, process.stderr: STDERR}
    while streams:
        provisioning.deadline.check()
        ready, _, _ = select.select(list(streams), [], [], _LOOK_SECONDS)
        for pipe in ready:
            piece = os.read(pipe.fileno(), _PIECE)
            if piece:
                lines(streams[pipe], piece)
            else:
                del streams[pipe]
        if not ready and process.poll() is not None:
            # What it has started in the background keeps the pipes open.
            return
