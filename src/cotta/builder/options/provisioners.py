"""The options of the provisioners."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cotta.builder.options.declare import Kind, Mistake, Option, Reads, Role, Schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.builder.options.values import Options

_VARIABLE: Final = re.compile(r"[^=]+=")


def _check_variables(options: Options) -> Iterator[Mistake]:
    for text in options.texts("environment_vars"):
        if not _VARIABLE.match(text):
            yield Mistake(
                "environment_vars",
                "Variable without a value",
                f'"{text}" is not of the form NAME=value. An empty value is written NAME=.',
            )


def _check_scripts(options: Options) -> Iterator[Mistake]:
    if not (options.texts("inline") or options.text("script") or options.texts("scripts")):
        yield Mistake(
            "",
            "Nothing to run",
            "One of inline, script and scripts must say what to run.",
        )


_SCRIPTS: Final = (
    Option(name="inline", kind=Kind.TEXTS),
    Option(name="script", reads=Reads.FILE),
    Option(name="scripts", kind=Kind.TEXTS, reads=Reads.FILE),
    Option(name="environment_vars", kind=Kind.TEXTS),
    Option(name="env", kind=Kind.MAPPING),
    Option(name="use_env_var_file", kind=Kind.FLAG),
    Option(name="env_var_format", held=True),
    Option(name="valid_exit_codes", kind=Kind.NUMBERS, default=(0,)),
    Option(name="binary", kind=Kind.FLAG),
)
_ONE_SCRIPT: Final = (("inline", "script", "scripts"),)

SHELL: Final = Schema(
    options=(
        *_SCRIPTS,
        # Its default depends on use_env_var_file.
        Option(name="execute_command", held=True),
        Option(name="inline_shebang", default="/bin/sh -e"),
        Option(name="remote_folder", default="/tmp"),  # noqa: S108 - on the machine that is built
        Option(name="remote_file"),
        Option(name="remote_path"),
        Option(name="skip_clean", kind=Kind.FLAG),
        Option(name="expect_disconnect", kind=Kind.FLAG),
        Option(name="start_retry_timeout", kind=Kind.DURATION, default="5m", role=Role.MACHINERY),
        Option(name="pause_after", kind=Kind.DURATION, role=Role.MACHINERY),
    ),
    exclusive=_ONE_SCRIPT,
    checks=(_check_variables, _check_scripts),
)


def _check_command(options: Options) -> Iterator[Mistake]:
    if not (
        options.text("command")
        or options.texts("inline")
        or options.text("script")
        or options.texts("scripts")
    ):
        yield Mistake(
            "",
            "Nothing to run",
            "One of command, inline, script and scripts must say what to run.",
        )


SHELL_LOCAL: Final = Schema(
    options=(
        *(option for option in _SCRIPTS if option.name != "binary"),
        Option(name="command"),
        Option(name="execute_command", kind=Kind.TEXTS, held=True),
        Option(name="inline_shebang", default="/bin/sh -e"),
        Option(name="only_on", kind=Kind.TEXTS),
        Option(name="tempfile_extension"),
        Option(name="use_linux_pathing", kind=Kind.FLAG, ignored="it is for Windows"),
    ),
    exclusive=(("command", "inline", "script", "scripts"),),
    checks=(_check_variables, _check_command),
)


def _check_direction(options: Options) -> Iterator[Mistake]:
    if options.text("direction") == "download" and options.is_set("content"):
        yield Mistake(
            "content",
            "Content of a download",
            "content is what to upload. Leave it out, or direction.",
        )


FILE: Final = Schema(
    options=(
        Option(name="content"),
        Option(name="source", reads=Reads.TREE),
        Option(name="sources", kind=Kind.TEXTS, reads=Reads.TREE),
        Option(name="destination", required=True),
        Option(name="direction", default="upload", choices=("upload", "download")),
        Option(name="generated", kind=Kind.FLAG),
    ),
    exclusive=(("content", "source", "sources"),),
    one_of=(("content", "source", "sources"),),
    checks=(_check_direction,),
    reads_files=lambda options: (
        options.text("direction") == "upload" and not options.flag("generated")
    ),
)

BREAKPOINT: Final = Schema(
    options=(
        Option(name="note", role=Role.MACHINERY),
        Option(name="disable", kind=Kind.FLAG, role=Role.MACHINERY),
    )
)

SLEEP: Final = Schema(
    options=(Option(name="duration", kind=Kind.DURATION, required=True, role=Role.MACHINERY),)
)
