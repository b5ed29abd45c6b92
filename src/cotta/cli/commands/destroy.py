"""`cotta destroy`: end everything that is managed."""

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
from cotta.cli.views.operation_views import view_for
from cotta.plans.changes import PlanMode
from cotta.system.clock import SystemClock

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.cli.views.operation_views import OperationView

HELP: Final = """\
Usage: cotta [global options] destroy [options]

  Ends everything that this configuration manages, after a question: the
  same as cotta apply -destroy.
"""


def declare(flags: Flags) -> None:
    """Take what to plan, and whether to ask."""
    declare_planning(flags)
    declare_rolling(flags)
    flags.switch("auto-approve", "Go ahead without a question.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Plan the end of everything and carry it out."""
    view = view_for(terminal, SystemClock(), given, destroys=True)
    return reported(view, lambda: _destroy(given, terminal, view))


def _destroy(given: Namespace, terminal: Terminal, view: OperationView) -> int:
    options = plan_options(given, PlanMode.DESTROY)
    operation = start_operation(given, terminal, view, options)
    return plan_and_apply(operation, options, approved=given.auto_approve)
