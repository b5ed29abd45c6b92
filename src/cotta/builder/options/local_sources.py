"""The options of the sources `null` and `file`, which need no cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.builder.options.communicators import COMMUNICATOR
from cotta.builder.options.declare import Mistake, Option, Reads, Schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.builder.options.values import Options


def _check_null(options: Options) -> Iterator[Mistake]:
    if options.text("communicator") == "none":
        return
    if not options.text("ssh_host"):
        yield Mistake(
            "ssh_host",
            "Missing host",
            "The source null makes no machine: say which one to log in to with ssh_host, or "
            'that there is none with communicator = "none".',
        )
    if not (
        options.text("ssh_password")
        or options.text("ssh_private_key_file")
        or options.flag("ssh_agent_auth")
    ):
        yield Mistake(
            "ssh_private_key_file",
            "No way to log in",
            "Set ssh_private_key_file, ssh_password or ssh_agent_auth.",
        )


NULL: Final = Schema(checks=(_check_null,)).joined(COMMUNICATOR)

FILE: Final = Schema(
    options=(
        Option(name="target", required=True),
        Option(name="content"),
        Option(name="source", reads=Reads.FILE),
    ),
    exclusive=(("content", "source"),),
)
