"""`cotta apply`: make the world as the configuration says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.clouds import declare_rolling
from cotta.cli.operations import (
    declare_planning,
    plan_and_apply,
    plan_options,
    reported,
    start_operation,
)
from cotta.cli.states import fail
from cotta.cli.views.operation_views import view_for
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.cli.views.operation_views import OperationView

HELP: Final = """\
Usage: cotta [global options] apply [options] [PLAN]

  Plans as cotta plan does, asks, and carries the plan out.  A plan that was
  saved with -out is carried out as it is, without a question.
"""


def declare(flags: Flags) -> None:
    """Take what to plan, whether to ask, or a saved plan."""
    declare_planning(flags)
    declare_rolling(flags)
    flags.switch("auto-approve", "Go ahead without a question.")
    flags.words("plans", most=1, advice="Name one plan file, or none to make a plan.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Carry out a plan."""
    view = view_for(terminal, SystemClock(), given)
    return reported(view, lambda: _apply(given, terminal, view))


def _apply(given: Namespace, terminal: Terminal, view: OperationView) -> int:
    if given.plans:
        from cotta.cli.saved_plans import apply_saved

        return apply_saved(given.plans[0], given, terminal, view)
    if given.json and not given.auto_approve:
        raise fail(
            "Plan file or auto-approve required",
            "With -json nobody can be asked, so name a saved plan, or give -auto-approve.",
        )
    options = plan_options(given)
    operation = start_operation(given, terminal, view, options)
    return plan_and_apply(operation, options, approved=given.auto_approve)
