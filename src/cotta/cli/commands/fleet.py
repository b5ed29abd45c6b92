"""`cotta fleet`: every group, its instances by image and health, the refresh under way."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.cli.clouds import access_to, cloud_of, declare_cloud
from cotta.cli.states import fail
from cotta.clouds.errors import CloudError
from cotta.diagnostics.diagnostics import DiagnosticsError
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.clouds.session import Session
    from cotta.fleets.model import Group

HELP: Final = """\
Usage: cotta [global options] fleet [options] [GROUP...]

  Shows Auto Scaling groups: for each instance its image and how old that is,
  the version of the launch template, health as the load balancers see it,
  and what was changed in it from inside; the refresh under way with its
  foreseeable end; what the group did lately.
"""

_EVERY: Final = timedelta(seconds=2)
# From a launch until an instance is in service, where a roll has no pace of its own yet.
_LOCAL_BOOT: Final = timedelta(seconds=1)
_AWS_BOOT: Final = timedelta(seconds=45)


def declare(flags: Flags) -> None:
    """Take which groups, of which cloud, and how to show them."""
    declare_cloud(flags)
    flags.option("region", "NAME", "The region, instead of the cloud's usual one.")
    flags.switch("json", "Print a JSON object of all groups; with -watch, a line for each look.")
    flags.switch("watch", "Look again every two seconds, until interrupted.")
    flags.words("groups")


def run(given: Namespace, terminal: Terminal) -> int:
    """Show the groups once, or until interrupted."""
    from dataclasses import replace

    from cotta.clouds.session import Session, is_local

    access = access_to(cloud_of(given, terminal), terminal)
    if given.region:
        access = replace(access, region=given.region)
    session = Session(access)
    boot = _LOCAL_BOOT if is_local(session) else _AWS_BOOT

    def text() -> str:
        return _text(_look(session, given.groups), given, boot)

    if given.watch:
        _watch(text, given, terminal)
    else:
        terminal.write(text())
    return 0


def _look(session: Session, names: list[str]) -> list[Group]:
    from cotta.fleets.observe import UnknownGroupsError, observe

    try:
        return observe(session, names)
    except UnknownGroupsError as error:
        listed = ", ".join(f'"{name}"' for name in error.names)
        raise fail(
            "There is no such group",
            f"No Auto Scaling group is called {listed} in {session.region}. `cotta fleet` without "
            "names shows all there are.",
        ) from None
    except CloudError as error:
        raise fail("The cloud can't be asked", f"{error}. {error.advice}".strip()) from None


def _text(groups: list[Group], given: Namespace, boot: timedelta) -> str:
    from cotta.cli.views.fleets import encode_groups, render_groups

    now = SystemClock().now()
    if given.json:
        text = encode_groups(groups, now=now, boot=boot)
        return text if not given.watch else " ".join(text.split()) + "\n"
    return render_groups(groups, now=now, boot=boot) or "There is no Auto Scaling group.\n"


def _watch(text: Callable[[], str], given: Namespace, terminal: Terminal) -> None:
    """Show the groups again and again: in place at a terminal, one after another elsewhere.

    A cloud that can't be asked for a while is told of, and asked again.
    """
    clock = SystemClock()
    first = text()

    def again() -> str:
        nonlocal first
        if first:
            shown, first = first, ""
            return shown
        try:
            return text()
        except DiagnosticsError as error:
            return _reason(error, given)

    if given.json or not terminal.stdout.isatty():
        before = ""
        while True:
            shown = again()
            if given.json or shown != before:
                terminal.write(shown if given.json or not before else f"\n{shown}")
                terminal.stdout.flush()
            before = shown
            clock.sleep(_EVERY)
    # Imported here because it takes a tenth of a second, and only a terminal is drawn on.
    from cotta.cli.views.live import draw_again_and_again

    draw_again_and_again(again, lambda: clock.sleep(_EVERY), terminal)


def _reason(error: DiagnosticsError, given: Namespace) -> str:
    """Return why nothing can be shown just now."""
    text = " ".join(f"{one.summary}: {one.detail}" for one in error.diagnostics)
    if given.json:
        return json.dumps({"format_version": "1.0", "error": text}) + "\n"
    return f"{text}\n"
