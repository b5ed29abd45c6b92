"""What happens to the outputs of the root module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.engine.nodes import Kind, Node
from cotta.plans.changes import Action, OutputChange, PlanMode
from cotta.values.value import ANY_NULL, is_null, is_wholly_known, same, unmark_deep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cotta.addrs.resources import ModuleInstance
    from cotta.engine.plan_context import PlanContext
    from cotta.values.value import Value


def output_changes(context: PlanContext, visited: Iterable[Node]) -> tuple[OutputChange, ...]:
    """Return a change for every output that there was or will be, by name."""
    if context.options.mode is PlanMode.DESTROY and context.options.targets:
        return ()
    reached = {node.name for node in visited if node.kind is Kind.OUTPUT and not node.path}
    declared = context.names.root.module.outputs
    stored = context.state.outputs
    changes = []
    for name in sorted({*declared, *stored}):
        before = stored[name].value if name in stored else ANY_NULL
        was_sensitive = name in stored and stored[name].is_sensitive
        if name not in declared or context.options.mode is PlanMode.DESTROY:
            if name not in stored:
                continue
            changes.append(
                OutputChange(
                    name=name,
                    action=Action.DELETE,
                    before=before,
                    after=ANY_NULL,
                    is_sensitive=was_sensitive,
                )
            )
            continue
        if name not in reached or ((), name) not in context.names.outputs:
            continue
        after = unmark_deep(context.names.outputs[(), name])[0]
        is_sensitive = declared[name].is_sensitive
        changes.append(
            OutputChange(
                name=name,
                action=_action(name in stored, before, after, was_sensitive != is_sensitive),
                before=before,
                after=after,
                is_sensitive=is_sensitive or was_sensitive,
                will_be_sensitive=is_sensitive,
            )
        )
    return tuple(changes)


def outputs_with_news(
    context: PlanContext, changes: Iterable[OutputChange]
) -> Iterator[tuple[ModuleInstance, str]]:
    """Yield the outputs that change, by module; those of modules are new in every plan."""
    for change in changes:
        if change.action is not Action.NO_OP:
            yield (), change.name
    if context.options.mode is not PlanMode.DESTROY:
        for (module, name), value in context.names.outputs.items():
            if module and not is_null(value):
                yield module, name


def _action(existed: bool, before: Value, after: Value, relabelled: bool) -> Action:
    if not existed:
        # An output that is null is not kept, so it is no news either.
        return Action.NO_OP if is_null(after) else Action.CREATE
    if is_wholly_known(after) and same(before, after) and not relabelled:
        return Action.NO_OP
    return Action.UPDATE
