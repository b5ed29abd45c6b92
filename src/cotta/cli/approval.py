"""The question before anything is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.states import fail
from cotta.cli.version import NAME
from cotta.diagnostics.render import Pen
from cotta.plans.changes import PlanMode

if TYPE_CHECKING:
    from cotta.cli.terminal import Terminal

_APPLY: Final = f"""\
  {NAME} will perform the actions described above.
  Only 'yes' will be accepted to approve."""
_DESTROY: Final = f"""\
  {NAME} will destroy all your managed infrastructure, as shown above.
  There is no undo. Only 'yes' will be accepted to confirm."""
_REFRESH: Final = f"""\
  {NAME} will write these changes to the state without modifying any real infrastructure.
  There is no undo. Only 'yes' will be accepted to confirm."""

_QUESTIONS: Final = {
    PlanMode.NORMAL: ("Do you want to perform these actions?", _APPLY),
    PlanMode.DESTROY: ("Do you really want to destroy all resources?", _DESTROY),
    PlanMode.REFRESH_ONLY: (
        f"Would you like to update the {NAME} state to reflect these detected changes?",
        _REFRESH,
    ),
}


def ask_for_approval(mode: PlanMode, terminal: Terminal, *, can_ask: bool) -> bool:
    """Return whether the person said yes.

    Raises `DiagnosticsError` where nobody can be asked.
    """
    if not can_ask:
        raise fail(
            "Approval needed",
            "With -input=false nobody is asked. To go ahead without a question, give "
            "-auto-approve.",
        )
    question, advice = _QUESTIONS[mode]
    pen = Pen(colour=terminal.stdout_has_colour)
    terminal.write(
        f"\n{pen.paint(question, '1')}\n{advice}\n\n  {pen.paint('Enter a value:', '1')} "
    )
    terminal.stdout.flush()
    answer = terminal.stdin.readline().decode("utf-8", "replace").strip()
    terminal.write("\n")
    return answer == "yes"
