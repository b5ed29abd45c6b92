"""What a look at an object found: written into the new state, and as drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.engine.events import RefreshFinished, subject_of
from cotta.engine.objects import mark_sensitive, mark_stored, store
from cotta.engine.record import set_object
from cotta.plans.changes import Action, ResourceChange
from cotta.values.value import Null, is_null, same

if TYPE_CHECKING:
    from cotta.engine.nodes import Node
    from cotta.engine.plan_context import PlanContext
    from cotta.engine.planning import Examined, Target
    from cotta.states.model import StoredObject
    from cotta.values.value import Value


def add_change(context: PlanContext, node: Node, change: ResourceChange) -> None:
    """Write down a change, and that its block has one to come if it has."""
    context.record.add(change)
    context.changes_of[change.address.of].append(change)
    if change.action is not Action.NO_OP:
        context.mark_pending(node)


def write_examined(
    context: PlanContext,
    target: Target,
    stored: StoredObject | None,
    examined: Examined,
    *,
    refreshed: bool = True,
) -> Value:
    """Write down what has become of an object; return its value with the state's marks.

    What changed by itself is drift; what is gone leaves the state.
    """
    nothing = Null(target.schema.block.implied_type)
    if stored is None:
        return nothing
    address = target.address
    if context.options.refresh and refreshed:
        context.world.listener(RefreshFinished(subject_of(address, examined.current)))
    gone = is_null(examined.current)
    current = nothing if gone else with_known_marks(target, examined.current, stored)
    moved = context.moves.origin(address) != address
    if not same(examined.current, examined.previous):
        context.record.drift.append(
            ResourceChange(
                address=address,
                previous_address=context.moves.origin(address),
                provider=target.provider_config,
                action=Action.DELETE if gone else Action.UPDATE,
                before=with_known_marks(target, examined.previous, stored),
                after=current,
            )
        )
    elif moved:
        context.record.drift.append(
            ResourceChange(
                address=address,
                previous_address=context.moves.origin(address),
                provider=target.provider_config,
                action=Action.NO_OP,
                before=current,
                after=current,
            )
        )
    kept = None if gone else stored_again(target, current, stored, examined)
    set_object(context.record.prior, address, target.provider_config, kept)
    return current


def write_imported(context: PlanContext, target: Target, examined: Examined) -> Value:
    """Write down an object that is taken over; return its value."""
    address, schema = target.address, target.schema
    context.world.listener(RefreshFinished(subject_of(address, examined.current)))
    current = mark_sensitive(examined.current, schema.block)
    kept = store(current, schema, private=examined.private)
    set_object(context.record.prior, address, target.provider_config, kept)
    return current


def with_known_marks(target: Target, value: Value, stored: StoredObject) -> Value:
    """Return an object with the marks that the state and its schema know of."""
    marked = mark_stored(value, stored)
    return mark_sensitive(marked, target.schema.block)


def stored_again(
    target: Target, current: Value, stored: StoredObject, examined: Examined
) -> StoredObject:
    """Return an object that was looked at as the state keeps it."""
    return store(
        current,
        target.schema,
        private=examined.private,
        status=stored.status,
        dependencies=stored.dependencies,
        create_before_destroy=stored.create_before_destroy,
    )
