"""A plan as people read it: every change, the summary, the outputs.

The text is Terraform 1.11's, with this program's name where that names itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import Mode
from cotta.cli.version import NAME
from cotta.cli.views.blocks import compare_block, render_block, sides
from cotta.cli.views.differences import (
    BOLD,
    GREEN,
    GREY,
    RED,
    YELLOW,
    Style,
    columns,
    render,
)
from cotta.cli.views.drift_text import render_drift
from cotta.cli.views.lines import plain_line
from cotta.cli.views.wrap import rule, wrap
from cotta.plans.changes import Action, PlanMode, Reason
from cotta.plans.diff import ABSENT, Lens, compare
from cotta.values.value import Mark, is_null, mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cotta.cli.views.blocks import SchemaOf
    from cotta.diagnostics.render import Pen
    from cotta.plans.changes import OutputChange, Plan, ResourceChange
    from cotta.plans.diff import Side
    from cotta.schemas.model import Schema
    from cotta.values.value import Value


_LEGEND: Final = (
    (Action.CREATE, "create"),
    (Action.UPDATE, "update in-place"),
    (Action.DELETE, "destroy"),
    (Action.DELETE_THEN_CREATE, "destroy and then create replacement"),
    (Action.CREATE_THEN_DELETE, "create replacement and then destroy"),
    (Action.READ, "read (data resources)"),
)

_DELETE_REASONS: Final = {
    Reason.DELETE_NO_CONFIG: "(because {resource} is not in configuration)",
    Reason.DELETE_NO_MOVE_TARGET: (
        "(because {address} was moved to {new}, which is not in configuration)"
    ),
    Reason.DELETE_NO_MODULE: "(because {module} is not in configuration)",
    Reason.DELETE_COUNT_INDEX: "(because index {key} is out of range for count)",
    Reason.DELETE_EACH_KEY: "(because key {key} is not in for_each map)",
}
_READ_REASONS: Final = {
    Reason.READ_CONFIG_UNKNOWN: "(config refers to values not yet known)",
    Reason.READ_DEPENDENCY_PENDING: "(depends on a resource or a module with changes pending)",
    Reason.READ_CHECK_NESTED: "(config will be reloaded to verify a check block)",
}


def render_plan(plan: Plan, schema_of: SchemaOf, *, width: int, pen: Pen) -> str:
    """Return what a person sees of a plan, from the line after the progress to the outputs."""
    changes = [change for change in plan.changes if _is_shown(change)]
    outputs = [output for output in plan.outputs if _has_news(output)]
    drift = ""
    if changes or outputs or plan.mode is PlanMode.REFRESH_ONLY:
        drift = render_drift(plan, schema_of, width=width, pen=pen)
    if not changes and not outputs:
        return drift + _nothing_to_do(plan, bool(drift), width=width, pen=pen)
    parts = [drift, f"\n{pen.paint(rule(width), GREY)}\n"] if drift else []
    if changes:
        parts.append(_render_changes(plan, changes, schema_of, width=width, pen=pen))
    if outputs:
        acts = any(change.action is not Action.NO_OP for change in changes)
        parts.append(_render_outputs(plan, outputs, acts, width=width, pen=pen))
    return "".join(parts)


def _is_shown(change: ResourceChange) -> bool:
    if change.action is not Action.NO_OP:
        return True
    return change.importing is not None or change.previous_address != change.address


def _nothing_to_do(plan: Plan, has_drift: bool, *, width: int, pen: Pen) -> str:
    if plan.is_errored:
        first = "Planning failed."
        text = wrap(f"{first} {NAME} encountered an error while generating this plan.", width)
        title = pen.paint(first, BOLD, RED) + pen.paint(text.removeprefix(first), BOLD)
        return f"\n{title}\n\n"
    if plan.mode is PlanMode.REFRESH_ONLY:
        if has_drift:
            return ""
        head = "No changes. Your infrastructure still matches the configuration."
        text = (
            f"{NAME} has checked that the real remote objects still match the result of your "
            "most recent changes, and found no differences."
        )
    elif plan.mode is PlanMode.DESTROY:
        head = "No changes. No objects need to be destroyed."
        text = (
            "Either you have not created any objects yet or the existing objects were already "
            "deleted outside of " + NAME + "."
        )
    else:
        head = "No changes. Your infrastructure matches the configuration."
        text = (
            f"{NAME} has compared your real infrastructure against your configuration and found "
            "no differences, so no changes are needed."
        )
    first = "No changes."
    title = pen.paint(first, BOLD, GREEN) + pen.paint(head.removeprefix(first), BOLD)
    return f"\n{title}\n\n{wrap(text, width)}\n"


# --- changes -----------------------------------------------------------------------


def _render_changes(
    plan: Plan,
    changes: Sequence[ResourceChange],
    schema_of: SchemaOf,
    *,
    width: int,
    pen: Pen,
) -> str:
    style = Style(pen)
    used = {change.action for change in changes if change.action is not Action.NO_OP}
    lines = []
    if used:
        intro = (
            f"{NAME} used the selected providers to generate the following execution plan. "
            "Resource actions are indicated with the following symbols:"
        )
        lines += ["", wrap(intro, width)]
        lines += [f"{style.symbol(a)}{what}" for a, what in _LEGEND if a in used]
        lines += [""]
    else:
        lines += [""]
    if plan.is_errored:
        lines += [f"{NAME} planned the following actions, but then encountered a problem:"]
    else:
        lines += [f"{NAME} will perform the following actions:"]
    parts = ["\n".join(lines)]
    parts += [render_change(change, schema_of(change), style) for change in changes]
    parts.append(summary(plan, pen))
    return "\n\n".join(parts) + "\n"


def render_change(change: ResourceChange, schema: Schema, style: Style) -> str:
    """Return one change: the lines that say what happens and why, and the object."""
    head = [f"  {line}" for line in _comments(change, style.pen)]
    if change.action is Action.FORGET:
        # As Terraform has it: what is forgotten and why stand a column further left.
        head[:2] = [line[1:] for line in head[:2]]
    address = change.address
    kind = "data" if address.resource.mode is Mode.DATA else "resource"
    title = f'{kind} "{address.resource.type}" "{address.resource.name}"'
    before, after = sides(change)
    diff = compare_block(schema.block, before, after, Lens(change.replace))
    for note in change.notes:
        if note.path is None or not diff.add_note(note.path, note.lines):
            head += [f"  # {plain_line(line)}" for line in note.lines]
    if change.action is Action.NO_OP:
        # Of what is taken over as it is, everything is shown.
        style = replace(style, shows_all=change.importing is not None)
    symbol = style.symbol(change.action)
    body = render_block(diff, 0, style)
    return "\n".join([*head, f"{symbol}{title} {body}"])


def _comments(change: ResourceChange, pen: Pen) -> Iterator[str]:
    moved = change.previous_address != change.address
    only_moved = moved and change.action is Action.NO_OP and change.importing is None
    address = str(change.previous_address if only_moved else change.address)
    name = f"{address} (deposed object {change.deposed})" if change.deposed else address
    what = _headline(change, pen)
    yield f"{pen.paint(f'# {name}', BOLD)}{what}"
    if change.action is Action.DELETE:
        yield from _why_deleted(change)
    elif change.action is Action.FORGET:
        yield "# (destroy = false is set in the configuration)"
    elif change.action is Action.READ and change.reason in _READ_REASONS:
        yield f"# {_READ_REASONS[change.reason]}"
    if moved and change.action is not Action.NO_OP:
        yield f"# (moved from {change.previous_address})"
    if change.importing is not None:
        if change.action is not Action.NO_OP:
            yield f'# (imported from "{change.importing.id}")'
        if change.action.is_replace:
            warning = "Warning: this will destroy the imported resource"
            yield f"# {pen.paint(warning, YELLOW)}"
        if change.importing.generated_config:
            yield "# (config will be generated)"


def _headline(change: ResourceChange, pen: Pen) -> str:
    match change.action:
        case Action.CREATE:
            return " will be created"
        case Action.READ:
            return " will be read during apply"
        case Action.UPDATE:
            return " will be updated in-place"
        case Action.DELETE:
            return f" will be {pen.paint('destroyed', BOLD, RED)}"
        case Action.FORGET:
            return f" will no longer be managed by {NAME}, but will not be destroyed"
        case Action.DELETE_THEN_CREATE | Action.CREATE_THEN_DELETE:
            return _replacement(change.reason, pen)
        case Action.NO_OP:
            if change.importing is not None:
                return " will be imported"
            return f" has moved to {change.address}"


def _replacement(reason: Reason, pen: Pen) -> str:
    replaced = pen.paint("replaced", BOLD, RED)
    match reason:
        case Reason.REPLACE_TAINTED:
            return f" is tainted, so must be {replaced}"
        case Reason.REPLACE_BY_REQUEST:
            return f" will be {replaced}, as requested"
        case Reason.REPLACE_BY_TRIGGERS:
            return f" will be {replaced} due to changes in replace_triggered_by"
        case _:
            return f" must be {replaced}"


def _why_deleted(change: ResourceChange) -> Iterator[str]:
    from cotta.addrs.resources import render_key, render_module

    if change.deposed:
        yield "# (left over from a partially-failed replacement of this instance)"
        return
    address = change.address
    if change.reason is Reason.DELETE_WRONG_REPETITION:
        if address.key is None:
            yield "# (because resource uses count or for_each)"
        elif isinstance(address.key, int):
            yield "# (because resource does not use count)"
        else:
            yield "# (because resource does not use for_each)"
        return
    text = _DELETE_REASONS.get(change.reason)
    if text is not None:
        yield "# " + text.format(
            resource=address.resource,
            address=change.previous_address,
            new=address,
            module=render_module(address.module),
            key=render_key(address.key),
        )


def summary(plan: Plan, pen: Pen) -> str:
    """Return the line that counts what will happen."""
    counts = count_changes(plan)
    parts = [f"{counts['import']} to import"] if counts["import"] else []
    parts += [
        f"{counts['add']} to add",
        f"{counts['change']} to change",
        f"{counts['remove']} to destroy",
    ]
    return f"{pen.paint('Plan:', BOLD)} {', '.join(parts)}."


def count_changes(plan: Plan) -> dict[str, int]:
    """Return how many objects are added, changed, removed and imported."""
    counts = dict.fromkeys(("add", "change", "remove", "import"), 0)
    for change in plan.changes:
        if change.importing is not None:
            counts["import"] += 1
        match change.action:
            case Action.CREATE:
                counts["add"] += 1
            case Action.UPDATE:
                counts["change"] += 1
            case Action.DELETE:
                counts["remove"] += 1
            case Action.DELETE_THEN_CREATE | Action.CREATE_THEN_DELETE:
                counts["add"] += 1
                counts["remove"] += 1
            case Action.FORGET | Action.NO_OP | Action.READ:
                pass
    return counts


# --- outputs -----------------------------------------------------------------------


def _render_outputs(
    plan: Plan,
    outputs: Sequence[OutputChange],
    has_changes: bool,
    *,
    width: int,
    pen: Pen,
) -> str:
    width_of_names = columns(one.name for one in plan.outputs)
    lines = render_outputs(outputs, Style(pen), width=width_of_names)
    text = f"\n{pen.paint('Changes to Outputs:', BOLD)}\n{lines}\n"
    if not has_changes and plan.mode is not PlanMode.DESTROY and not plan.is_errored:
        note = (
            f"You can apply this plan to save these new output values to the {NAME} state, "
            "without changing any real infrastructure."
        )
        text += f"\n{wrap(note, width)}\n"
    return text


def render_outputs(outputs: Sequence[OutputChange], style: Style, *, width: int) -> str:
    """Return a line or more for each output that changes, the names as wide as given."""
    lines = []
    for output in outputs:
        diff = compare(*_output_sides(output), Lens(is_typed=False))
        text = render(diff, 0, style)
        lines.append(f"{style.symbol(diff.action)}{output.name.ljust(width)} = {text}")
    return "\n".join(lines)


def _has_news(output: OutputChange) -> bool:
    """Say whether anything of an output's change can be seen: not if only its label changes."""
    if output.action is Action.NO_OP:
        return False
    return compare(*_output_sides(output), Lens(is_typed=False)).action is not Action.NO_OP


def _output_sides(output: OutputChange) -> tuple[Side, Side]:
    def side(value: Value, is_there: bool) -> Side:
        if not is_there or is_null(value):
            return ABSENT
        return mark(value, Mark.SENSITIVE) if output.is_sensitive else value

    return (
        side(output.before, output.action is not Action.CREATE),
        side(output.after, output.action is not Action.DELETE),
    )
