"""`cotta fleet`: every group, its instances by image and health, the refresh under way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cotta.cli.clouds import access_to, cloud_of, declare_cloud
from cotta.cli.states import fail
from cotta.clouds.errors import CloudError
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

    from cotta.clouds.session import Session

    access = access_to(cloud_of(given, terminal), terminal)
    if given.region:
        access = replace(access, region=given.region)
    session = Session(access)
    if given.watch:
        _watch(lambda: _look(session, given.groups), given, terminal)
    else:
        terminal.write(_text(_look(session, given.groups), given))
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


def _text(groups: list[Group], given: Namespace) -> str:
    from cotta.cli.views.fleets import encode_groups, render_groups

    now = SystemClock().now()
    if given.json:
        text = encode_groups(groups, now=now)
        return text if not given.watch else " ".join(text.split()) + "\n"
    return render_groups(groups, now=now) or "There is no Auto Scaling group.\n"


def _watch(look: Callable[[], list[Group]], given: Namespace, terminal: Terminal) -> None:
    """Show the groups again and again: in place at a terminal, one after another elsewhere."""
    clock = SystemClock()
    if given.json or not terminal.stdout.isatty():
        before = ""
        while True:
            text = _text(look(), given)
            if given.json or text != before:
                terminal.write(text if given.json or not before else f"\n{text}")
                terminal.stdout.flush()
            before = text
            clock.sleep(_EVERY)
    # Imported here because it takes a tenth of a second, and only a terminal is drawn on.
    from cotta.cli.views.live import draw_again_and_again

    draw_again_and_again(lambda: _text(look(), given), lambda: clock.sleep(_EVERY), terminal)
