"""The provisioner `shell`: scripts that run on the machine."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.builder.communicators.interface import (
    CommunicatorError,
    DisconnectedError,
    StoppedError,
)
from cotta.builder.provisioners.provisioning import Lines, place_of
from cotta.builder.provisioners.scripts import (
    DISCONNECTED,
    check_status,
    inline_script,
    remote_name,
    render_variables,
    temporary_file,
    unix_lines,
    variables_of,
)
from cotta.builder.running import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cotta.builder.options.values import Options
    from cotta.builder.provisioners.provisioning import Provisioning

_EXECUTE: Final = "chmod +x {{.Path}}; {{.Vars}} {{.Path}}"
_EXECUTE_WITH_FILE: Final = "chmod +x {{.Path}}; . {{.EnvVarFile}} && {{.Path}}"


def provision(options: Options, provisioning: Provisioning) -> None:
    """Run every script, in order; raises `BuildError` for the first that fails."""
    for name, content in _scripts(options):
        provisioning.ui.say(f"Provisioning with shell script: {name}")
        _run_script(content, options, provisioning)
    provisioning.deadline.sleep(options.duration("pause_after"))


def _scripts(options: Options) -> Iterator[tuple[str, bytes]]:
    inline = options.texts("inline")
    if inline:
        yield (
            f"inline of {place_of(options.place('inline'))}",
            inline_script(options, inline).encode(),
        )
    for name in (
        *([options.text("script")] if options.text("script") else ()),
        *options.texts("scripts"),
    ):
        try:
            content = Path(name).read_bytes()
        except OSError as error:
            raise BuildError(f"The script {name} can't be read: {error.strerror}.") from error
        yield name, content if options.flag("binary") else unix_lines(content)


def _run_script(content: bytes, options: Options, provisioning: Provisioning) -> None:
    path = _remote_path(content, options, provisioning)
    variables = render_variables(options, variables_of(options, provisioning))
    variables_path = f"{path.rpartition('/')[0]}/varfile_{path.rpartition('/')[2]}"
    fields = {"Path": path, "Vars": variables, "EnvVarFile": variables_path}
    uses_file = options.flag("use_env_var_file")
    usual = _EXECUTE_WITH_FILE if uses_file else _EXECUTE
    command = provisioning.render(options.text("execute_command") or usual, fields)
    uploads = [(content, path, 0o755)]
    if uses_file:
        uploads.append((variables.encode(), variables_path, 0o600))
    lines = Lines(provisioning.ui)
    status = _start(uploads, command, options, provisioning, lines)
    lines.end()
    if status == DISCONNECTED and not options.flag("expect_disconnect"):
        valid = options.numbers("valid_exit_codes")
        if DISCONNECTED not in valid:
            raise BuildError(
                "Script disconnected unexpectedly. If it is meant to, because it reboots the "
                "machine say, set expect_disconnect = true."
            )
    elif status != DISCONNECTED:
        check_status(status, options, lines)
    if not options.flag("skip_clean"):
        _clean([path for _, path, _ in uploads], provisioning)


def _remote_path(content: bytes, options: Options, provisioning: Provisioning) -> str:
    if options.text("remote_path"):
        return options.text("remote_path")
    name = options.text("remote_file") or remote_name(content, provisioning.salt)
    return f"{options.text('remote_folder').rstrip('/')}/{name}"


def _start(
    uploads: list[tuple[bytes, str, int]],
    command: str,
    options: Options,
    provisioning: Provisioning,
    lines: Lines,
) -> int:
    """Upload and start a script, again while the machine can't be reached; return its status."""
    machine, clock = provisioning.need_machine(), provisioning.run.clock
    give_up: datetime = clock.now() + options.duration("start_retry_timeout")
    while True:
        provisioning.deadline.check()
        try:
            for content, path, mode in uploads:
                with temporary_file(content) as local:
                    machine.upload(local, path, mode=mode)
        except StoppedError:
            provisioning.deadline.check()
            raise
        except CommunicatorError as error:
            # The machine may be about to go down for the reboot that an earlier script asked for.
            if clock.now() >= give_up or not isinstance(error, DisconnectedError):
                raise BuildError(f"The script could not be uploaded: {error}") from error
            continue
        try:
            return machine.run(command, lines)
        except DisconnectedError:
            return DISCONNECTED
        except StoppedError:
            provisioning.deadline.check()
            raise
        except CommunicatorError as error:
            raise BuildError(f"The script could not be run: {error}") from error


def _clean(paths: list[str], provisioning: Provisioning) -> None:
    command = f"rm -f {' '.join(map(shlex.quote, paths))}"
    lines = Lines(provisioning.ui)
    try:
        status = provisioning.need_machine().run(command, lines)
    except StoppedError:
        provisioning.deadline.check()
        raise
    except CommunicatorError as error:
        raise BuildError(
            f"The script could not be removed from the machine: {error}. To leave it there, set "
            "skip_clean = true."
        ) from error
    if status != 0:
        raise BuildError(
            f"Error removing temporary script at {paths[0]}: {command} ended with status {status}. "
            "To leave it there, set skip_clean = true."
        )
