"""`cotta refresh`: note in the state what has changed by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.operations import (
    declare_planning,
    plan_and_apply,
    plan_options,
    reported,
    start_operation,
)
from cotta.cli.views.operation_views import view_for
from cotta.plans.changes import PlanMode
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.cli.views.operation_views import OperationView

HELP: Final = """\
Usage: cotta [global options] refresh [options]

  Reads every object and writes what it finds into the state: the same as
  cotta apply -refresh-only -auto-approve.
"""


def declare(flags: Flags) -> None:
    """Take what to plan."""
    declare_planning(flags)


def run(given: Namespace, terminal: Terminal) -> int:
    """Read every object."""
    view = view_for(terminal, SystemClock(), given)
    return reported(view, lambda: _refresh(given, terminal, view))


def _refresh(given: Namespace, terminal: Terminal, view: OperationView) -> int:
    options = plan_options(given, PlanMode.REFRESH_ONLY)
    operation = start_operation(given, terminal, view, options)
    return plan_and_apply(operation, options, approved=True)
