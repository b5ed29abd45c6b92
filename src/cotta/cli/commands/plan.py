"""`cotta plan`: show what apply would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.clouds import declare_rolling
from cotta.cli.operations import (
    EXIT_CHANGES,
    declare_planning,
    plan_options,
    reported,
    start_operation,
)
from cotta.cli.states import fail, open_state
from cotta.cli.views.operation_views import view_for
from cotta.diagnostics.diagnostics import DiagnosticsError
from cotta.plans.changes import is_applyable
from cotta.states.workspaces import Workspaces
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.cli.views.operation_views import OperationView

HELP: Final = """\
Usage: cotta [global options] plan [options]

  Compares the configuration with what exists and shows what apply would
  change.  Nothing is changed.
"""


def declare(flags: Flags) -> None:
    """Take what to plan, and where to save it."""
    declare_planning(flags)
    declare_rolling(flags)
    flags.option("generate-config-out", "PATH", "Accepted to say that it can't be done yet.")
    flags.option("out", "PATH", "Save the plan to a file that apply takes.")
    flags.switch(
        "detailed-exitcode", "End with status 2 if there are changes, and 0 only if there are none."
    )


def run(given: Namespace, terminal: Terminal) -> int:
    """Make the plan and show it."""
    view = view_for(terminal, SystemClock(), given)
    return reported(view, lambda: _plan(given, terminal, view))


def _plan(given: Namespace, terminal: Terminal, view: OperationView) -> int:
    if given.generate_config_out is not None:
        raise fail(
            "Configuration can't be generated yet",
            "Write a block for each object that an import block names, and plan without "
            "-generate-config-out.",
        )
    options = plan_options(given)
    operation = start_operation(given, terminal, view, options)
    with open_state(given, terminal, "OperationTypePlan") as session:
        planning = operation.plan(session, options, shows_nothing=True)
    empty = not is_applyable(planning.plan)
    if given.out and not planning.is_blank:
        from cotta.cli.saved_plans import save_plan

        workspace = Workspaces(terminal.environment).selected
        save_plan(planning.plan, operation, given.out, workspace)
    if planning.has_errors:
        raise DiagnosticsError(planning.diagnostics)
    view.diagnostics(planning.diagnostics)
    if not empty:
        view.next_step(given.out or None)
    return EXIT_CHANGES if given.detailed_exitcode and not empty else 0
