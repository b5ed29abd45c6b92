"""Carrying out the end of one object: destroying it, or forgetting it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from cotta.engine.apply_context import UnderWay
from cotta.engine.apply_graph import block_node
from cotta.engine.applying import Applied, destroy
from cotta.engine.complaints import report_complaints
from cotta.engine.events import ApplyFailed, ApplyFinished, ApplyStarted, subject_of
from cotta.engine.objects import mark_stored, revive
from cotta.engine.provisioning import prepare, report_steps, run_steps
from cotta.engine.walk import Job
from cotta.hcl.scope import Scope
from cotta.plans.changes import Action
from cotta.providers.interface import errors_of
from cotta.states.model import ObjectStatus
from cotta.values.value import ObjectValue, is_null, unmark_deep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.configs.model import Provisioner
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.engine.apply_context import ApplyContext
    from cotta.engine.nodes import Node
    from cotta.engine.planning import Target
    from cotta.engine.provisioning import Step
    from cotta.hcl.scope import Binding
    from cotta.plans.changes import ResourceChange
    from cotta.providers.interface import Complaints
    from cotta.states.model import StoredObject
    from cotta.values.value import Value


@dataclass(slots=True, kw_only=True)
class End:
    """The visit of one object that is destroyed or forgotten."""

    context: ApplyContext
    node: Node
    change: ResourceChange
    diags: Diagnostics = field(init=False)

    def __post_init__(self) -> None:
        self.diags = self.context.evaluation.diags(self.node)

    @property
    def deposed(self) -> str:
        """The key of the object, if it was put aside: before this run or during it."""
        if self.change.action is Action.CREATE_THEN_DELETE:
            return self.context.deposed_keys.get(self.change.address, "")
        return self.change.deposed

    def start(self) -> Sequence[Job]:
        """Return the jobs that end the object; none if it is gone already."""
        context, change = self.context, self.change
        stored = self._stored()
        if stored is None:
            return ()
        if change.action is Action.FORGET:
            context.put(change.address, change.provider, {self.deposed: None})
            context.tally.forgotten += 1
            return ()
        target = context.world.target(change.address, change.provider)
        assert target is not None
        revived = revive(target.provider, target.type, stored)
        if errors_of(revived.complaints):
            self._report(target, revived.complaints)
            return ()
        subject = subject_of(change.address, revived.value, self.deposed)
        context.world.listener(ApplyStarted(subject, Action.DELETE))
        context.under_way[self.node] = UnderWay(subject, Action.DELETE, context.seconds())
        # An object that was put aside, or was never in order, ends without them: as in Terraform.
        steps: list[Step] = []
        if not self.deposed and stored.status is not ObjectStatus.TAINTED:
            steps = self._provisioners(mark_stored(revived.value, stored))
        if self.diags.has_errors:
            self._fail()
            return ()
        if steps:
            work = partial(run_steps, steps, subject, context.emit_later)
            done = partial(self._provisioned, target, revived.value, stored)
            return (Job(work, done),)
        return self._destroying(target, revived.value, stored)

    def _stored(self) -> StoredObject | None:
        resource = self.context.state.resources.get(self.change.address.of)
        instance = resource.instances.get(self.change.address.key) if resource is not None else None
        if instance is None:
            return None
        if self.change.action is Action.CREATE_THEN_DELETE and not self.deposed:
            return None
        return instance.deposed.get(self.deposed) if self.deposed else instance.current

    def _provisioners(self, value: Value) -> list[Step]:
        """Return the destroy-time provisioners."""
        blocks: Sequence[Provisioner] = ()
        node = block_node(self.change)
        if self.context.world.has_block(node):
            blocks = self.context.block_of(node).provisioners
        else:
            removed = self.context.world.removal_of(self.change.address.of)
            if removed is not None:
                blocks = removed.provisioners
        wanted = [block for block in blocks if block.is_destroy]
        if not wanted:
            return []
        key = self.change.address.key
        names: dict[str, Binding] = {"self": value}
        if isinstance(key, int):
            names["count"] = ObjectValue({"index": key})
        elif key is not None:
            names["each"] = ObjectValue({"key": key})
        scope = Scope(names, self.context.names.functions)
        return prepare(wanted, self.context.world.provisioners, scope, self.diags)

    def _provisioned(
        self,
        target: Target,
        value: Value,
        stored: StoredObject,
        results: list[tuple[Step, Complaints]],
    ) -> Sequence[Job]:
        if not report_steps(results, str(self.change.address), self.diags):
            self._fail()
            return ()
        return self._destroying(target, value, stored)

    def _destroying(self, target: Target, value: Value, stored: StoredObject) -> Sequence[Job]:
        contact = self.context.contact(self.context.under_way[self.node].subject, Action.DELETE)
        work = partial(destroy, target, unmark_deep(value)[0], stored.private, contact)
        done = partial(self._destroyed, target, stored)
        return (Job(work, done, waits=not target.provider.schema().is_instant),)

    def _destroyed(self, target: Target, stored: StoredObject, applied: Applied) -> None:
        context, change = self.context, self.change
        self._report(target, applied.complaints)
        for fault in applied.faults:
            self.diags.error(fault.summary, fault.detail)
        if is_null(applied.state):
            context.put(change.address, change.provider, {self.deposed: None})
        if not applied.is_good:
            if not is_null(applied.state):
                context.put(change.address, change.provider, {self.deposed: stored})
            self._fail()
            return
        under_way = context.under_way.pop(self.node)
        context.tally.destroyed += 1
        seconds = context.seconds() - under_way.started
        context.world.listener(ApplyFinished(under_way.subject, Action.DELETE, seconds))

    def _fail(self) -> None:
        context = self.context
        under_way = context.under_way.pop(self.node)
        seconds = context.seconds() - under_way.started
        context.world.listener(ApplyFailed(under_way.subject, Action.DELETE, seconds))

    def _report(self, target: Target, complaints: Complaints) -> None:
        address = str(self.change.address)
        report_complaints(complaints, address, target.schema.block, None, self.diags)
