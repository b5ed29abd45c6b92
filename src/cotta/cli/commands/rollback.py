"""`cotta rollback`: redeploy the previous image."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.cli.clouds import access_to, cloud_of, declare_rolling
from cotta.cli.operations import (
    declare_planning,
    plan_and_apply,
    plan_options,
    reported,
    start_operation,
)
from cotta.cli.states import fail, open_state
from cotta.cli.templates import has_configuration
from cotta.cli.views.operation_views import view_for
from cotta.cli.worlds import read_known_variables
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.operations import Operation
    from cotta.cli.rollbacks import Return
    from cotta.cli.terminal import Terminal
    from cotta.cli.views.operation_views import OperationView
    from cotta.images.pins import Pin

HELP: Final = """\
Usage: cotta [global options] rollback [options] [FOLDER] [ADDRESS...]

  Goes back to the image that last ran healthy: finds it for each launch
  template, or for those named, among what its versions and rolls have run
  from; holds the data sources to it by images.pins.json; plans, asks and
  applies.  FOLDER is where the configuration is, this one if none is named.
  The pins stay until `cotta images unpin`, so that the next plan
  does not take the newer image again.

  Instances that still run that image, as after a roll that failed or stands
  at a checkpoint, are kept; a roll that is under way is cancelled.
"""


def declare(flags: Flags) -> None:
    """Take where to go back to, and what apply takes."""
    flags.option("to", "IMAGE", "The image to go to, instead of the previous one.")
    declare_planning(flags)
    declare_rolling(flags)
    flags.switch("auto-approve", "Go ahead without a question.")
    flags.words("addresses")


def run(given: Namespace, terminal: Terminal) -> int:
    """Pin, plan, ask, and apply."""
    given = _enter_folder(given)
    view = view_for(terminal, SystemClock(), given)
    return reported(view, lambda: _roll_back(given, terminal, view))


def _enter_folder(given: Namespace) -> Namespace:
    """Make the folder that was named before any address the working folder."""
    # Imported here because it is for a folder alone.
    from argparse import Namespace
    from pathlib import Path

    from cotta.cli.shared_variables import enter_folder

    if not given.addresses or not Path(given.addresses[0]).is_dir():
        return given
    folder, *addresses = given.addresses
    return enter_folder(Namespace(**{**vars(given), "paths": [folder], "addresses": addresses}))


def _roll_back(given: Namespace, terminal: Terminal, view: OperationView) -> int:
    if given.json and not given.auto_approve:
        raise fail("auto-approve required", "With -json nobody can be asked: give -auto-approve.")
    if not has_configuration([]):
        raise fail(
            "No configuration files",
            "What goes back is the configuration that was applied, and there is none here. Name "
            "its folder: cotta rollback FOLDER.",
        )
    # The roll under way is the one to be undone: its end is nothing to wait for.
    given.replace_refresh = True
    options = plan_options(given)
    operation = start_operation(given, terminal, view, options)
    returns = _find(operation, given, terminal)
    pins = {**operation.pins, **{one.source: _pin(one) for one in returns}}
    operation = replace(operation, pins=pins)

    def keep() -> None:
        from cotta.cli.pins import write_pins

        write_pins(pins)

    return plan_and_apply(operation, options, approved=given.auto_approve, before=keep)


def _find(operation: Operation, given: Namespace, terminal: Terminal) -> list[Return]:
    from cotta.cli.rollbacks import region_of, returns_of, templates_of
    from cotta.clouds.errors import CloudError
    from cotta.clouds.session import Session
    from cotta.engine.dependencies import configuration_graph

    with open_state(given, terminal) as session:
        state = session.snapshot.state
    variables = read_known_variables(operation.configuration, given, terminal, Diagnostics())
    world = operation.settings().world(variables)
    try:
        needs = configuration_graph(world.configuration, world.provider_of).needs
        region = region_of(world, state)
    finally:
        world.pool.close()
    templates = templates_of(operation.configuration, state, needs, given.addresses)
    access = access_to(cloud_of(given, terminal), terminal)
    if region:
        access = replace(access, region=region)
    try:
        return returns_of(Session(access), templates, given.to, operation.pins)
    except CloudError as error:
        raise fail("The cloud can't be asked", f"{error}. {error.advice}".strip()) from None


def _pin(one: Return) -> Pin:
    from cotta.images.pins import Pin

    why = f"rolled back from {one.before}"
    now = SystemClock().now()
    return Pin(image=one.image, name=one.name, since=now, why=why, instead_of=one.before)
