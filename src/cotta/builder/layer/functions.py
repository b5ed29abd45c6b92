"""Packer's functions of the `{{ }}` layer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cotta.builder.model import RenderError
from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.functions.go_layout import format_by_layout, layout_of_strftime
from cotta.hcl.functions.instants import format_rfc3339, from_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cotta.builder.layer.execute import LayerFunction

# What an image's name may not have, byte by byte as in Packer.
_NOT_IN_NAMES: Final = re.compile(rb"[^A-Za-z0-9()\[\] ./\-'@_]")


class NotYetError(RenderError):
    """What is asked for is known only while building."""


def _refused(name: str, instead: str) -> LayerFunction:
    def refuse(*_arguments: object) -> str:
        raise RenderError(f'The function "{name}" can\'t be used here: {instead}')

    return refuse


_ELSEWHERE: Final[Mapping[str, LayerFunction]] = {
    "env": _refused(
        "env", 'read the variable of the environment in the default of a variable: env("NAME").'
    ),
    "consul_key": _refused("consul_key", "fetch the key yourself and give it with -var."),
    "vault": _refused("vault", "fetch the secret yourself and give it with -var."),
    "aws_secretsmanager": _refused(
        "aws_secretsmanager", "fetch the secret yourself and give it with -var."
    ),
    "aws_secretsmanager_raw": _refused(
        "aws_secretsmanager_raw", "fetch the secret yourself and give it with -var."
    ),
    "sed": _refused("sed", "it is gone from Packer too; use replace or replace_all."),
}


def clean_resource_name(text: str) -> str:
    """Return the text with a dash for every byte that an image's name may not have."""
    return _NOT_IN_NAMES.sub(b"-", text.encode()).decode()


def packer_functions(
    *,
    started: datetime,
    build_name: str,
    build_type: str,
    folder: str,
    working_folder: str,
    version: str,
    random: Callable[[int], bytes],
    user_variables: Mapping[str, str],
) -> dict[str, LayerFunction]:
    """Return the functions by name; `build` is not among them, as it changes while building."""
    instant = from_datetime(started)

    def isotime(layout: str | None = None) -> str:
        return format_rfc3339(instant) if layout is None else format_by_layout(instant, layout)

    def strftime(format: str) -> str:
        return format_by_layout(instant, layout_of_strftime(format))

    def user(name: str) -> str:
        if name not in user_variables:
            raise RenderError(f'There is no variable "{name}".{did_you_mean(name, user_variables)}')
        return user_variables[name]

    return {
        "build_name": lambda: build_name,
        "build_type": lambda: build_type,
        "isotime": isotime,
        "strftime": strftime,
        "timestamp": lambda: str(instant.unix),
        "uuid": lambda: _ordered_uuid(instant.unix, random),
        "user": user,
        "pwd": lambda: working_folder,
        "template_dir": lambda: folder,
        "packer_version": lambda: version,
        "split": _split,
        "replace": lambda old, new, count, text: text.replace(old, new, count),
        "replace_all": lambda old, new, text: text.replace(old, new),
        "upper": lambda text: text.upper(),
        "lower": lambda text: text.lower(),
        "clean_resource_name": clean_resource_name,
        **_ELSEWHERE,
    }


def build_function(generated: Mapping[str, str | int | bool] | None) -> LayerFunction:
    """Return `build`, which answers from the variables of the running build."""

    def build(name: str) -> str:
        if generated is None:
            raise NotYetError(f'"{name}" of the build is known only while it runs.')
        if name not in generated:
            raise RenderError(
                f'The build has no variable "{name}".{did_you_mean(name, list(generated))}'
            )
        found = generated[name]
        return str(found).lower() if isinstance(found, bool) else str(found)

    return build


def _split(text: str, separator: str, at: int) -> str:
    parts = text.split(separator) if separator else list(text)
    if not 0 <= at < len(parts):
        raise RenderError(
            f'"{text}" split at "{separator}" has {len(parts)} parts, counted from 0; there is no '
            f"part {at}."
        )
    return parts[at]


def _ordered_uuid(seconds: int, random: Callable[[int], bytes]) -> str:
    """Return a UUID that begins with the time, as Packer makes them."""
    digits = f"{seconds & 0xFFFFFFFF:08x}{random(12).hex()}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
