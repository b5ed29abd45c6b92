"""Planning the end of objects that should not be: unwanted, orphaned or put aside."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cotta.engine.desires import lifecycle_flag
from cotta.engine.events import RefreshStarted, stored_subject
from cotta.engine.plan_found import add_change, stored_again, with_known_marks, write_examined
from cotta.engine.planning import examine
from cotta.engine.record import set_object
from cotta.engine.walk import Job
from cotta.plans.changes import Action, PlanMode, Reason, ResourceChange
from cotta.values.value import Null, is_null

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.addrs.resources import AbsResource, AbsResourceInstance
    from cotta.configs.model import ResourceBlock
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.engine.nodes import Node
    from cotta.engine.plan_context import PlanContext
    from cotta.engine.planning import Examined, Target
    from cotta.states.model import StoredObject


def report_prevented(
    address: AbsResourceInstance, block: ResourceBlock, diags: Diagnostics
) -> None:
    """Say that an object is protected from what the plan would do."""
    diags.error(
        "Instance cannot be destroyed",
        f"The plan would destroy {address}, and its lifecycle block says prevent_destroy. Take "
        "that away if it is meant, or limit the plan with -target.",
        block.range,
    )


def start_removal(
    context: PlanContext,
    node: Node,
    address: AbsResourceInstance,
    reason: Reason,
    block: ResourceBlock | None,
    *,
    forget: bool = False,
) -> Iterator[Job]:
    """Yield the jobs that look at an instance which should not be, and plan its end."""
    if not context.is_wanted(node, address):
        return
    found = context.state.resources[address.of]
    diags = context.evaluation.diags(node)
    target = context.target(address, found.provider, diags, block.range if block else None)
    if target is None:
        return
    yield from start_deposed(context, node, target)
    stored = found.instances[address.key].current
    if stored is None:
        return
    only_looks = context.options.mode is PlanMode.REFRESH_ONLY
    refresh = context.options.refresh and (only_looks or not forget)
    if refresh:
        context.world.listener(RefreshStarted(stored_subject(address, stored)))

    def done(examined: Examined) -> None:
        if not context.report(examined, target, None, diags):
            return
        before = write_examined(context, target, stored, examined, refreshed=refresh)
        if context.options.mode is PlanMode.REFRESH_ONLY or is_null(before):
            context.names.set_object(address.of, address.key, before)
            return
        scope = context.names.scope(address.module) if block is not None else None
        if (
            block is not None
            and scope is not None
            and lifecycle_flag(block.lifecycle.prevent_destroy, scope, diags)
        ):
            report_prevented(address, block, diags)
        origin = context.moves.origin(address)
        moved = reason is Reason.DELETE_NO_CONFIG and origin != address
        change = ResourceChange(
            address=address,
            previous_address=origin,
            provider=target.provider_config,
            action=Action.FORGET if forget else Action.DELETE,
            reason=Reason.DELETE_NO_MOVE_TARGET if moved else reason,
            before=before,
            after=Null(target.schema.block.implied_type),
            private=examined.private,
        )
        add_change(context, node, change)
        context.names.set_object(address.of, address.key, before)

    yield Job(
        partial(
            examine,
            target,
            stored,
            refresh=refresh,
            revived=context.revived.pop((address, ""), None),
        ),
        done,
        waits=refresh and not target.provider.schema().is_instant,
    )


def start_deposed(context: PlanContext, node: Node, target: Target) -> Iterator[Job]:
    """Yield a job for every object of an instance that was put aside: all of them go."""
    resource = context.state.resources.get(target.address.of)
    instance = resource.instances.get(target.address.key) if resource is not None else None
    if instance is None or context.options.mode is PlanMode.REFRESH_ONLY:
        return
    for key, stored in sorted(instance.deposed.items()):
        yield Job(
            partial(
                examine,
                target,
                stored,
                refresh=context.options.refresh,
                revived=context.revived.pop((target.address, key), None),
            ),
            partial(_deposed_examined, context, node, target, key, stored),
            waits=not target.provider.schema().is_instant,
        )


def _deposed_examined(
    context: PlanContext,
    node: Node,
    target: Target,
    key: str,
    stored: StoredObject,
    examined: Examined,
) -> None:
    diags = context.evaluation.diags(node)
    if not context.report(examined, target, None, diags):
        return
    nothing = Null(target.schema.block.implied_type)
    gone = is_null(examined.current)
    current = nothing if gone else with_known_marks(target, examined.current, stored)
    kept = None if gone else stored_again(target, current, stored, examined)
    set_object(context.record.prior, target.address, target.provider_config, kept, key)
    if gone:
        return
    change = ResourceChange(
        address=target.address,
        previous_address=target.address,
        deposed=key,
        provider=target.provider_config,
        action=Action.DELETE,
        before=current,
        after=nothing,
        private=examined.private,
    )
    add_change(context, node, change)


def start_orphan(
    context: PlanContext,
    node: Node,
    address: AbsResource,
    reason: Reason,
    *,
    forget: bool = False,
) -> Iterator[Job]:
    """Yield the jobs for all instances of a resource that nothing declares any more."""
    found = context.state.resources.get(address)
    if found is None:
        return
    if context.options.mode is PlanMode.DESTROY:
        reason = Reason.NONE
    for key in list(found.instances):
        yield from start_removal(context, node, address.instance(key), reason, None, forget=forget)
