"""What expressions mean in a folder with a configuration, for the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.cli.answers import TYPE_FUNCTIONS
from cotta.cli.bare_scope import Names
from cotta.cli.clouds import provider_options
from cotta.cli.states import open_state
from cotta.cli.views.diagnostics import show_aside
from cotta.cli.worlds import Settings, read_configuration, read_known_variables, read_variables
from cotta.configs.static import check_expression
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.engine.asking import known_names
from cotta.engine.plan_walk import plan_names
from cotta.engine.walk import Cancellation
from cotta.engine.world import PlanOptions
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.terminal import Terminal
    from cotta.configs.model import ResourceBlock
    from cotta.engine.world import World
    from cotta.hcl.ast import Expression
    from cotta.schemas.model import Block


def configured_names(given: Namespace, terminal: Terminal) -> Names:
    """Return the names of the root module in the working folder.

    What is wrong with some of them is shown; raises `DiagnosticsError` if
    there is no configuration that could be asked.
    """
    diags = Diagnostics()
    configuration = read_configuration(terminal, diags)
    diags.raise_if_errors()
    assert configuration is not None
    read = read_variables if given.plan else read_known_variables
    variables = read(configuration, given, terminal, diags)
    settings = Settings(
        terminal=terminal,
        configuration=configuration,
        cancellation=Cancellation(),
        options=provider_options(given, terminal),
    )
    world = settings.world(variables, applying=not given.plan, plan_time=SystemClock().now())
    world.functions = {**world.functions, **TYPE_FUNCTIONS}
    with open_state(given, terminal) as session:
        snapshot = session.snapshot
    if given.plan:
        planning, names = plan_names(world, PlanOptions(), snapshot)
        diags.extend(planning.diagnostics)
    else:
        names, found = known_names(world, snapshot.state)
        diags.extend(found)
    world.pool.close()
    show_aside(diags, terminal)

    def check(expression: Expression, into: Diagnostics) -> None:
        check_expression(configuration, expression, into, schema_of=lambda b: _schema(world, b))

    return Names(names.scope(()), check)


def _schema(world: World, block: ResourceBlock) -> Block | None:
    config = world.provider_of((), block)
    schema = world.pool.resource_schema(config.source, block.address)
    return schema.block if schema is not None else None
