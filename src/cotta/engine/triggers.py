"""`replace_triggered_by`: whether something else's change asks for a replacement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.resources import AbsResource, Mode, Resource
from cotta.hcl.ast import AttributeStep, Index, IndexStep, RelativeTraversal, Variable
from cotta.hcl.evaluate import evaluate
from cotta.plans.changes import Action
from cotta.values.operations import AccessError, attribute, index
from cotta.values.value import ANY_NULL, is_null, same, unmark

if TYPE_CHECKING:
    from cotta.addrs.resources import InstanceKey, ModuleInstance
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.engine.plan_context import PlanContext
    from cotta.hcl.ast import Expression, Step
    from cotta.hcl.scope import Scope
    from cotta.plans.changes import ResourceChange
    from cotta.values.value import Value

_CHANGING = frozenset({Action.UPDATE, Action.DELETE_THEN_CREATE, Action.CREATE_THEN_DELETE})


def is_triggered(
    context: PlanContext,
    expression: Expression,
    module: ModuleInstance,
    scope: Scope,
    diags: Diagnostics,
) -> bool:
    """Say whether the resource, instance or attribute that is named changes in this plan."""
    traversal, extra = _parts(expression, scope, diags)
    if traversal is None:
        return False
    resource = _resource(traversal)
    taken = 2 if traversal.name == "data" else 1
    steps: list[Step] = [*traversal.steps[taken:], *extra]
    key: InstanceKey = None
    has_key = bool(steps) and isinstance(steps[0], IndexStep)
    if has_key:
        first = steps.pop(0)
        found = first.key if isinstance(first, IndexStep) else None
        key = found if isinstance(found, str | int) else None
    changes = context.changes_of.get(AbsResource(module, resource), [])
    meant = [change for change in changes if not has_key or change.address.key == key]
    if not steps:
        return any(change.action in _CHANGING for change in meant)
    return any(_attribute_changes(change, steps) for change in meant)


def _parts(
    expression: Expression, scope: Scope, diags: Diagnostics
) -> tuple[Variable | None, list[Step]]:
    """Return the reference, `[each.key]` and the like evaluated to literal steps."""
    if isinstance(expression, Variable):
        return expression, []
    if isinstance(expression, RelativeTraversal):
        traversal, steps = _parts(expression.source, scope, diags)
        return traversal, [*steps, *expression.steps]
    if isinstance(expression, Index):
        traversal, steps = _parts(expression.collection, scope, diags)
        key = unmark(evaluate(expression.key, scope, diags))[0]
        return traversal, [*steps, IndexStep(expression.bracket_range, key)]
    return None, []


def _resource(traversal: Variable) -> Resource:
    names = [step.name for step in traversal.steps if isinstance(step, AttributeStep)]
    if traversal.name == "data" and len(names) > 1:
        return Resource(Mode.DATA, names[0], names[1])
    return Resource(Mode.MANAGED, traversal.name, names[0] if names else "")


def _attribute_changes(change: ResourceChange, steps: list[Step]) -> bool:
    if change.action not in _CHANGING and change.action is not Action.NO_OP:
        return False
    return not same(_follow(change.before, steps), _follow(change.after, steps))


def _follow(value: Value, steps: list[Step]) -> Value:
    if is_null(value):
        return ANY_NULL
    for step in steps:
        try:
            if isinstance(step, AttributeStep):
                value = attribute(value, step.name)
            else:
                value = index(value, step.key)
        except AccessError:
            return ANY_NULL
    return value
