"""What has changed by itself, as a plan shows it: only as far as the plan was decided on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.version import NAME
from cotta.cli.views.blocks import compare_block, render_block, sides
from cotta.cli.views.differences import BOLD, CYAN, Style
from cotta.cli.views.wrap import wrap
from cotta.plans.changes import Action, PlanMode
from cotta.plans.diff import Lens

if TYPE_CHECKING:
    from cotta.cli.views.blocks import SchemaOf
    from cotta.diagnostics.render import Pen
    from cotta.plans.changes import Plan, ResourceChange

_DRIFTED: Final = {Action.DELETE: "has been deleted", Action.NO_OP: "has moved to {new}"}

_INTRODUCTION: Final = (
    f"{NAME} detected the following changes made outside of {NAME} since the last "
    f'"{NAME.lower()} apply" which may have affected this plan:'
)
_REFRESH_ONLY: Final = (
    f"This is a refresh-only plan, so {NAME} will not take any actions to undo these. If you were "
    f"expecting these changes then you can apply this plan to record the updated values in the "
    f"{NAME} state without changing any remote objects."
)
_NORMAL: Final = (
    "Unless you have made equivalent changes to your configuration, or ignored the relevant "
    "attributes using ignore_changes, the following plan may include actions to undo or respond "
    "to these changes."
)


def render_drift(plan: Plan, schema_of: SchemaOf, *, width: int, pen: Pen) -> str:
    """Return the note on objects that changed outside; "" if none is of interest.

    While only refreshing all of them are; otherwise those, and of each those
    attributes, that a change of the plan was decided on.
    """
    found = [_render_object(change, plan, schema_of, Style(pen)) for change in plan.drift]
    shown = [text for text in found if text]
    if not shown:
        return ""
    what = pen.paint(f" Objects have changed outside of {NAME}", BOLD)
    title = f"\n{pen.paint('Note:', BOLD, CYAN)}{what}\n\n{wrap(_INTRODUCTION, width)}\n"
    note = _REFRESH_ONLY if plan.mode is PlanMode.REFRESH_ONLY else _NORMAL
    return f"{title}{''.join(shown)}\n\n{wrap(note, width)}\n"


def _render_object(change: ResourceChange, plan: Plan, schema_of: SchemaOf, style: Style) -> str:
    """Return what became of one object; "" if nothing of it is of interest."""
    is_normal = plan.mode is not PlanMode.REFRESH_ONLY
    only_moved = change.action is Action.NO_OP
    if is_normal and only_moved:
        # It is listed with the changes.
        return ""
    lens = _lens(change, plan) if is_normal else Lens()
    if lens.is_blind:
        return ""
    before, after = sides(change)
    diff = compare_block(schema_of(change).block, before, after, lens)
    if diff.action is Action.NO_OP and not only_moved:
        return ""
    did = _DRIFTED.get(change.action, "has changed").format(new=change.address)
    name = change.previous_address if only_moved else change.address
    head = f"\n  {style.pen.paint(f'# {name}', BOLD)} {did}\n"
    if change.previous_address != change.address and not only_moved:
        head += f"  # (moved from {change.previous_address})\n"
    resource = change.address.resource
    title = f'resource "{resource.type}" "{resource.name}"'
    return f"{head}{style.symbol(change.action)}{title} {render_block(diff, 0, style)}\n"


def _lens(change: ResourceChange, plan: Plan) -> Lens:
    """Return a lens for what the plan was decided on; a reference to all instances is to none."""
    address = change.address.text
    return Lens(relevant=tuple(p.path for p in plan.relevant if p.resource.text == address))
