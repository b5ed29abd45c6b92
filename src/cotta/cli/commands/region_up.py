"""`cotta region up`: have the region of this machine run."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Final

from cotta.cli.regions import fail_all, home_of, settings_of
from cotta.cli.states import fail

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] region up [options]

  Has the local region run: an AWS-compatible endpoint on this machine that
  boots real machines.  What it needs is looked at first, and everything that
  is missing is said at once, before anything is changed.

  The region's data are below COTTA_HOME, or else /var/lib/cotta; one folder is
  one region, and several may run side by side.  A region that runs already is
  left alone.  `cotta region env` prints what points AWS clients to it.
"""

_PORTS: Final = range(1, 65536)


def declare(flags: Flags) -> None:
    """Take the port of the API."""
    flags.option(
        "port",
        "NUMBER",
        "The port of the API on 127.0.0.1; by default the one it had, or one that is free.",
        parse=_parse_port,
    )
    flags.switch(
        "check",
        "Only look whether this machine can run one, leaving aside packages that can be installed.",
    )
    flags.words("words", most=0)


def run(given: Namespace, terminal: Terminal) -> int:
    """Look, choose, start the daemon, and wait until it answers."""
    from cotta.cli.daemons import start_daemon
    from cotta.region.readiness import PROGRAMS, find_obstacles

    home = home_of(terminal)
    settings = settings_of(home)
    if settings is not None and home.is_held():
        if given.port not in {None, settings.port}:
            raise fail(
                "The region is up on another port",
                f"It listens on port {settings.port}. To move it, take it down first: "
                "cotta region down.",
            )
        terminal.write(f"The region is up already: {settings.endpoint}\n")
        return 0
    programs = {} if given.check else PROGRAMS
    obstacles = find_obstacles(home, settings, port=given.port, programs=programs)
    if obstacles:
        raise fail_all((one.summary, one.detail) for one in obstacles)
    if given.check:
        terminal.write("This machine can run a region.\n")
        return 0
    settings = start_daemon(home, terminal, port=given.port)
    terminal.write(
        f"The region is up: {settings.endpoint}\n\n"
        "To point AWS clients to it:\n"
        '  eval "$(cotta region env)"\n'
    )
    return 0


def _parse_port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) not in _PORTS:
        raise ArgumentTypeError(f'needs a number from 1 to 65535, not "{text}"')
    return int(text)
