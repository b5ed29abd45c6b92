"""`cotta graph`: draw what depends on what."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from cotta.cli.states import fail, open_state
from cotta.cli.views.graphs import render_resource_graph, render_step_graph
from cotta.cli.worlds import Settings, read_checked
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.engine.cycles import report_cycles
from cotta.engine.drawings import draw_apply, draw_ends, draw_resources, draw_visits
from cotta.engine.walk import Cancellation

if TYPE_CHECKING:
    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.configs.model import Configuration
    from cotta.engine.drawings import Drawing
    from cotta.engine.world import World
    from cotta.states.model import State

HELP: Final = """\
Usage: cotta [global options] graph [options]

  Prints, in Graphviz's language DOT, which resource needs which.  With -type
  or -plan it prints everything that a plan or an apply visits, and what each
  step waits for.  To see it, where Graphviz is installed:

      cotta graph | dot -Tsvg >graph.svg
"""

_TYPES: Final = ("plan", "plan-refresh-only", "plan-destroy", "apply")
_NO_LONGER: Final = frozenset({"legacy", "refresh", "validate", "eval"})


def declare(flags: Flags) -> None:
    """Take what to draw."""
    flags.option("type", "TYPE", f"Draw every step of: {', '.join(_TYPES)}.")
    flags.option("plan", "FILE", "Draw the steps that carry out a saved plan.")
    flags.switch("draw-cycles", "Draw cycles, in red, rather than report them.")
    flags.option("module-depth", "N", "Accepted for Terraform's sake; without effect.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the graph."""
    if given.type is not None and given.type not in _TYPES:
        raise _unknown_type(given.type)
    if given.plan is not None:
        # Imported here because a plan is seldom drawn.
        from cotta.cli.saved_plans import read_saved, restore_configuration

        saved = read_saved(given.plan)
        diags = Diagnostics()
        configuration = restore_configuration(saved.modules, diags)
        diags.raise_if_errors()
        world = _world(configuration, terminal)
        drawing = draw_apply(world, saved.plan.prior, saved.plan.changes)
    else:
        configuration = read_checked(terminal, Diagnostics())
        world = _world(configuration, terminal)
        with open_state(Namespace(state=None), terminal) as session:
            drawing = _draw(given.type, world, session.snapshot.state)
    if drawing.error is not None and not given.draw_cycles:
        diags = Diagnostics()
        report_cycles(drawing.error, drawing.configuration, diags)
        diags.raise_if_errors()
    is_of_resources = given.type is None and given.plan is None
    render = render_resource_graph if is_of_resources else render_step_graph
    terminal.write(render(drawing))
    return 0


def _world(configuration: Configuration, terminal: Terminal) -> World:
    settings = Settings(terminal=terminal, configuration=configuration, cancellation=Cancellation())
    return settings.world({})


def _draw(type_: str | None, world: World, state: State) -> Drawing:
    match type_:
        case None:
            return draw_resources(world, state)
        case "plan-destroy":
            return draw_ends(world, state)
        case "apply":
            return draw_apply(world, state, ())
        case _:
            return draw_visits(world, state)


def _unknown_type(given: str) -> Exception:
    known = ", ".join(f"-type={one}" for one in _TYPES)
    if given in _NO_LONGER:
        return fail(
            "Graph type no longer available",
            f'There is no graph "{given}" any more; the nearest is -type=plan.',
        )
    return fail("Unsupported graph type", f'There is no graph "{given}". There are: {known}.')
