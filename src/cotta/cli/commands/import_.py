"""`cotta import`: take an object over that exists already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.addrs.parse import parse_instance
from cotta.addrs.resources import Mode, path_of
from cotta.cli.clouds import declare_cloud, provider_options
from cotta.cli.interrupts import Interrupts
from cotta.cli.operations import show_warnings
from cotta.cli.states import declare_files, declare_lock, fail, open_state
from cotta.cli.version import NAME
from cotta.cli.views.progress_text import render_event
from cotta.cli.worlds import (
    Settings,
    declare_parallelism,
    declare_variables,
    read_checked,
    read_variables,
)
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.render import BOLD, GREEN, Pen
from cotta.engine.events import ImportPrepared, RefreshStarted
from cotta.engine.plan_walk import make_plan
from cotta.engine.walk import Cancellation
from cotta.engine.world import PlanOptions
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.addrs.resources import AbsResourceInstance
    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.configs.model import Configuration
    from cotta.engine.events import Event
    from cotta.states.model import State

HELP: Final = """\
Usage: cotta [global options] import [options] <address> <id>

  Finds the object that a provider knows by an id, and manages it from now on
  as the resource instance at the address, which the configuration must have.
  Nothing is changed but the state.
"""

_DONE: Final = (
    "The resources that were imported are shown above. These resources are now in\n"
    f"your {NAME} state and will henceforth be managed by {NAME}."
)


def declare(flags: Flags) -> None:
    """Take an address and an id, and how to read the configuration."""
    flags.option("config", "PATH", "The folder of the configuration.", default="")
    flags.switch("input", "Don't ask for variables that have no value.", default=True)
    declare_cloud(flags)
    declare_variables(flags)
    declare_parallelism(flags)
    declare_lock(flags)
    declare_files(flags)
    flags.words(
        "words", least=2, most=2, advice="Name a resource instance, and the id of the object."
    )


def run(given: Namespace, terminal: Terminal) -> int:
    """Take the object over."""
    text, id_ = given.words
    address = _read_address(text)
    if given.config and Path(given.config).resolve() != Path.cwd():
        raise fail(
            "Configuration in another folder",
            f"Run the command in the folder itself: cotta -chdir={given.config} import …",
        )
    found = Diagnostics()
    configuration = read_checked(terminal, found)
    _require_block(address, configuration)
    variables = read_variables(configuration, given, terminal, found)
    pen = Pen(colour=terminal.stdout_has_colour)

    def listener(event: Event) -> None:
        _show(event, address, terminal, pen)

    cancellation = Cancellation()
    settings = Settings(
        terminal=terminal,
        configuration=configuration,
        parallelism=given.parallelism,
        listener=listener,
        cancellation=cancellation,
        options=provider_options(given, terminal, changes=True),
    )
    options = PlanOptions(refresh=False, targets=(address,), imports=((address, id_),))
    with open_state(given, terminal, "OperationTypeImport") as session:
        _require_free(address, session.snapshot.state)
        world = settings.world(variables, plan_time=SystemClock().now())
        try:
            with Interrupts(terminal, cancellation):
                planning = make_plan(world, options, session.snapshot)
        finally:
            world.pool.close()
        show_warnings(Diagnostics((*found, *planning.diagnostics)), terminal)
        session.save(planning.plan.prior)
    title = pen.paint("Import successful!", BOLD, GREEN)
    terminal.write(f"\n{title}\n\n{pen.paint(_DONE, GREEN)}\n\n")
    return 0


def _read_address(text: str) -> AbsResourceInstance:
    diags = Diagnostics()
    address = parse_instance(text, diags, name="import-address")
    diags.raise_if_errors()
    assert address is not None
    if address.resource.mode is not Mode.MANAGED:
        raise fail(
            "A managed resource address is required",
            "Only what a resource block describes can be imported.",
        )
    return address


def _require_block(address: AbsResourceInstance, configuration: Configuration) -> None:
    here = configuration.descendant(path_of(address.module))
    if here is None:
        raise fail(
            "Import to non-existent module",
            f"No module call in the configuration leads to {address}.",
        )
    if address.resource not in here.module.resources:
        name = address.resource
        raise fail(
            f'resource address "{address}" does not exist in the configuration.',
            f"Write a block for it first:\n\n"
            f'  resource "{name.type}" "{name.name}" {{\n    # its arguments\n  }}',
        )


def _require_free(address: AbsResourceInstance, state: State) -> None:
    resource = state.resources.get(address.of)
    instance = resource.instances.get(address.key) if resource is not None else None
    if instance is not None and instance.current is not None:
        raise fail(
            f"Resource already managed by {NAME}",
            f"The state has an object at {address} already. Take it out of the state first: "
            f"cotta state rm '{address}'",
        )


def _show(event: Event, address: AbsResourceInstance, terminal: Terminal, pen: Pen) -> None:
    """Write what happens to the object; the rest of the plan is of no interest."""
    match event:
        case ImportPrepared(subject):
            lines = (
                pen.paint(f'{address}: Importing from ID "{subject.id}"...', BOLD),
                pen.paint(f"{address}: Import prepared!", BOLD, GREEN),
                pen.paint(f"  Prepared {address.resource.type} for import", GREEN),
            )
            terminal.write("\n".join(lines) + "\n")
        case RefreshStarted(subject) if subject.address == address:
            terminal.write(f"{render_event(event, pen)}\n")
        case _:
            return
