"""Start the daemon of a region, and end it, step by step as a person sees it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.cli.regions import settings_of
from cotta.cli.states import fail
from cotta.region.home import Settings
from cotta.region.networks.bridge import NetworkError, RegionNetwork, host_ranges
from cotta.region.networks.plan import overlapping
from cotta.region.readiness import NoRoomError, choose_network, choose_port, is_free, with_sbin
from cotta.region.sharing import alone_on_host
from cotta.system.files import FileLockedError
from cotta.system.processes import CommandError, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.cli.terminal import Terminal
    from cotta.region.home import Home

# A daemon that has found nothing in its way answers within a second.
_STARTS_WITHIN: Final = timedelta(minutes=2)
# Acts that are under way come to their end first: a machine that shuts down, say.
_ENDS_WITHIN_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.05
_LOCK_WAIT: Final = timedelta(seconds=5)
# How often a new region tries to find a range and a port that nobody takes meanwhile.
_CHOICES: Final = 4
_OTHERS_END_WITHIN: Final = timedelta(minutes=3)


def start_daemon(home: Home, terminal: Terminal, *, port: int | None) -> Settings:
    """Choose what is not chosen yet, start the daemon, and return when it answers.

    If somebody else has started it meanwhile, that is as good.
    """
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(home), _alone_on_host():
        settings = settings_of(home)
        if settings is not None and home.is_held():
            return settings
        for left in reversed(range(_CHOICES)):
            chosen = _choose(settings, port)
            home.write_settings(chosen)
            _say(f"Starting the region in {home.folder}, with {chosen.network} …", terminal)
            try:
                _run_daemon(home, terminal)
                break
            except CommandError as error:
                if settings is None and not home.is_held():
                    # It is new, so nothing runs in it; another may have chosen the same just now.
                    RegionNetwork(home.plan(chosen)).down()
                    if left and _is_taken(chosen, port):
                        continue
                raise fail(
                    "The region does not start",
                    f"{error.tail}\n\n`cotta region logs` may have more.",
                ) from None
    return chosen


def _run_daemon(home: Home, terminal: Terminal) -> None:
    environment = {
        **terminal.environment,
        "COTTA_HOME": str(home.folder),
        "PATH": with_sbin(terminal.environment.get("PATH", os.defpath)),
    }
    argv = [sys.executable, "-P", "-m", "cotta", "region", "daemon"]
    run(argv, environment=environment, timeout=_STARTS_WITHIN)


def _is_taken(chosen: Settings, port: int | None) -> bool:
    """Say whether what was chosen is somebody else's by now."""
    return bool(overlapping(chosen.network, host_ranges())) or (
        port is None and not is_free(chosen.port)
    )


@contextlib.contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Let no other command take the region up or down meanwhile; wait for one that does."""
    try:
        with home.changing(wait=_OTHERS_END_WITHIN):
            yield
    except FileLockedError:
        raise fail(
            "Another command is at it",
            f"The region in {home.folder} is being taken up or down by another command. Run this "
            "one again when that has ended.",
        ) from None


@contextlib.contextmanager
def _alone_on_host() -> Iterator[None]:
    """Let no other region of this machine choose its addresses and port meanwhile."""
    try:
        with alone_on_host():
            yield
    except FileLockedError as error:
        raise fail(
            "Another region is being taken up or down",
            f"Its command has held {error} for minutes. Run this one again when it has ended.",
        ) from None


def _choose(settings: Settings | None, port: int | None) -> Settings:
    try:
        if settings is None:
            return Settings(network=choose_network(), port=port or choose_port())
    except (NoRoomError, NetworkError) as error:
        raise fail("There is no room for a region", f"{error}.") from None
    return settings if port is None else replace(settings, port=port)


def take_down(
    home: Home, settings: Settings, terminal: Terminal, *, for_good: bool = False
) -> None:
    """End the daemon if it runs, stop every machine, and take away what was made on the host.

    What ran is started again at the next `up`, unless it is `for_good`.
    """
    # Imported here because it brings the whole region with it.
    from cotta.region.grounds import Grounds, GroundsError

    with _alone(home):
        _end_daemon(home, terminal)
        try:
            with home.held(wait=_LOCK_WAIT):
                grounds = Grounds(home, settings)
                grounds.take_away(lambda text: _say(text, terminal), for_good=for_good)
        except GroundsError as error:
            raise fail("Something of the region is left", f"{error}") from None


def _end_daemon(home: Home, terminal: Terminal) -> None:
    pid = home.read_pid()
    if pid is None:
        return
    _say("Stopping the daemon …", terminal)
    deadline = time.monotonic() + _ENDS_WITHIN_SECONDS
    os.kill(pid, signal.SIGTERM)
    while home.is_held():
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(_POLL_SECONDS)
    home.forget_pid()


def _say(text: str, terminal: Terminal) -> None:
    terminal.write(f"{text}\n")
    terminal.stdout.flush()
