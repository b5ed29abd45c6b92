"""What a command has around it: streams, colour, width, environment, folder, disk, providers."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.addrs.providers import ProviderSource
    from cotta.providers.registry import ProviderFactory
    from cotta.system.disk import Disk

# What Terraform wraps to where nobody says how wide the terminal is.
USUAL_WIDTH: Final = 78


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Where a command reads from and writes to.

    `stdin` is bytes, since what comes in need not be text.  `started_in` is
    the folder in which the person typed the command: `-chdir` moves the
    process, not this.  States are kept on `disk`, where None is the machine's
    own; `providers` are there besides the native ones.
    """

    stdin: BinaryIO
    stdout: TextIO
    stderr: TextIO
    environment: Mapping[str, str]
    started_in: str
    has_colour: bool = True
    disk: Disk | None = None
    providers: Mapping[ProviderSource, ProviderFactory] = field(default_factory=dict)

    def write(self, text: str) -> None:
        """Write a result, as it is."""
        self.stdout.write(text)

    def warn(self, text: str) -> None:
        """Write what is no result: to stderr, after the results so far."""
        self.stdout.flush()
        self.stderr.write(text)
        self.stderr.flush()

    @property
    def stdout_has_colour(self) -> bool:
        """Whether results may be coloured: a person reads them and wants it."""
        return self.has_colour and self.stdout.isatty()

    @property
    def stderr_has_colour(self) -> bool:
        """Whether mistakes may be coloured: a person reads them and wants it."""
        return self.has_colour and self.stderr.isatty()

    @property
    def is_interactive(self) -> bool:
        """Whether a person sits at both ends."""
        return self.stdin.isatty() and self.stdout.isatty()

    @property
    def stdout_width(self) -> int:
        """How many columns results have."""
        return _width(self.stdout)

    @property
    def stderr_width(self) -> int:
        """How many columns mistakes have."""
        return _width(self.stderr)


def _width(stream: TextIO) -> int:
    if not stream.isatty():
        return USUAL_WIDTH
    try:
        # A pseudo-terminal that nobody has sized has 0 columns.
        return os.get_terminal_size(stream.fileno()).columns or USUAL_WIDTH
    except (OSError, ValueError):
        return USUAL_WIDTH


def this_terminal() -> Terminal:
    """Return the terminal of this process.

    Text is UTF-8 whatever the locale says.  File names that are no UTF-8 go
    out as the bytes they are.
    """
    for stream in (sys.stdout, sys.stderr):
        # Not so where a test or an embedding program has put its own stream.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    # As the specification at no-color.org: set and not empty.
    environment = os.environ
    return Terminal(
        stdin=sys.stdin.buffer,
        stdout=sys.stdout,
        stderr=sys.stderr,
        environment=environment,
        started_in=_working_folder(),
        has_colour=not environment.get("NO_COLOR") and environment.get("TERM") != "dumb",
    )


def _working_folder() -> str:
    try:
        # A name without any link in it, as the functions of the language have it.
        return os.getcwd()  # noqa: PTH109 - its text is what `path.cwd` is
    except FileNotFoundError:
        # Somebody has removed it; only a command that uses it need mind.
        return "."
