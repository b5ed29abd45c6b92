"""Carrying out the changes of single objects: making, changing and reading them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Severity
from cotta.engine.apply_context import UnderWay
from cotta.engine.apply_graph import block_node
from cotta.engine.applying import Applied, Replanned, apply_change, destroy, replan
from cotta.engine.complaints import report_complaints
from cotta.engine.conditions import Conditions
from cotta.engine.desires import ignored_paths
from cotta.engine.events import (
    ApplyFailed,
    ApplyFinished,
    ApplyStarted,
    Readopted,
    RefreshFinished,
    RefreshStarted,
    subject_of,
)
from cotta.engine.objects import mark_sensitive, store, unknown_as_null
from cotta.engine.plan_data import read_data
from cotta.engine.provisioning import prepare, report_steps, run_steps
from cotta.engine.walk import Job
from cotta.hcl.scope import Scope
from cotta.plans.changes import Action
from cotta.plans.ignore import settle_marks
from cotta.schemas.decode import evaluate_body, read_body
from cotta.schemas.types import without_write_only
from cotta.states.model import ObjectStatus
from cotta.values.marking import put_marks, take_marks
from cotta.values.value import Null, is_null, is_wholly_known, same, type_of, unmark_deep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.configs.model import Provisioner, ResourceBlock
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.engine.apply_context import ApplyContext
    from cotta.engine.nodes import Node
    from cotta.engine.planning import Fault, Target
    from cotta.engine.provisioning import Step
    from cotta.plans.changes import ResourceChange
    from cotta.providers.interface import Complaints, DataResponse
    from cotta.states.model import StoredObject
    from cotta.values.marking import MarkedPaths
    from cotta.values.value import Value

_CREATING = frozenset({Action.CREATE, Action.DELETE_THEN_CREATE, Action.CREATE_THEN_DELETE})


@dataclass(slots=True, kw_only=True)
class Act:
    """The visit of one object that is created, changed or read."""

    context: ApplyContext
    node: Node
    change: ResourceChange
    block: ResourceBlock = field(init=False)
    target: Target | None = field(init=False, default=None)
    scope: Scope = field(init=False)
    marks: MarkedPaths = ()
    config: Value = field(init=False)
    diags: Diagnostics = field(init=False)
    block_node: Node = field(init=False)
    # What the provider is told there was: nothing, if the object is to be a new one.
    prior: Value = field(init=False)

    def __post_init__(self) -> None:
        self.diags = self.context.evaluation.diags(self.node)
        self.block_node = block_node(self.change)
        self.block = self.context.block_of(self.block_node)
        self.prior = unmark_deep(self.change.before)[0]
        if self.change.action in _CREATING and not isinstance(self.prior, Null):
            self.prior = Null(type_of(self.prior))

    def start(self) -> Sequence[Job]:
        """Return the jobs that carry the change out."""
        context, change = self.context, self.change
        self.target = context.world.target(change.address, change.provider)
        expansion = context.names.expansions.get(change.address.of)
        bindings = expansion.bindings.get(change.address.key) if expansion is not None else None
        scope = context.names.scope(change.address.module)
        self.scope = Scope(bindings, parent=scope) if bindings else scope
        assert self.target is not None
        if not self._conditions().hold_before(self.scope):
            return ()
        schema = self.target.schema.block
        read = read_body(self.block.body, schema, self.diags)
        config = evaluate_body(read, self.scope, self.diags)
        if self.diags.has_errors:
            return ()
        self.config, configured = take_marks(config)
        existing = () if is_null(change.before) else take_marks(change.before)[1]
        ignored = ignored_paths(self.block.lifecycle)
        action = Action.CREATE if change.action in _CREATING else change.action
        self.marks = settle_marks(action, configured, existing, ignored)
        instant = self.target.provider.schema().is_instant
        if change.action is Action.READ:
            return (self._reading(instant=instant),)
        if not is_wholly_known(self.config):
            self.diags.error(
                "Configuration contains unknown value",
                f"Some arguments of {change.address} are still not known, though everything they "
                "depend on is done. This is a bug in cotta.",
                self.block.range,
            )
            return ()
        work = partial(
            replan,
            self.target,
            self.prior,
            self.config,
            unmark_deep(change.after)[0],
            b"" if change.action in _CREATING else change.private,
            ignored,
        )
        return (Job(work, self._replanned, waits=not instant),)

    def _conditions(self) -> Conditions:
        return Conditions(
            self.block.lifecycle,
            self.context.evaluation.checks,
            self.block_node,
            self.change.address,
            self.diags,
        )

    # --- changing -------------------------------------------------------------------

    def _replanned(self, replanned: Replanned) -> Sequence[Job]:
        context, change, target = self.context, self.change, self.target
        assert target is not None
        self._report(replanned.complaints, replanned.faults)
        if not replanned.is_good:
            return ()
        if replanned.is_empty and change.action is Action.UPDATE:
            self._write(unmark_deep(change.before)[0], replanned.private)
            self._relabelled()
            return ()
        subject = subject_of(change.address, change.before)
        action = Action.CREATE if change.action in _CREATING else change.action
        context.world.listener(ApplyStarted(subject, action))
        context.under_way[self.node] = UnderWay(subject, action, context.seconds())
        creating = [p for p in self.block.provisioners if not p.is_destroy]
        instant = target.provider.schema().is_instant
        contact = context.contact(subject, action)
        work = partial(apply_change, target, self.prior, self.config, replanned, contact)
        done = partial(self._applied, creating)
        return (Job(work, done, waits=not instant),)

    def _relabelled(self) -> None:
        """Say that an object was changed if the plan was to change only what is sensitive in it."""
        change, context = self.change, self.context
        if not same(unmark_deep(change.before)[0], unmark_deep(change.after)[0]):
            return
        subject = subject_of(change.address, change.before)
        context.world.listener(ApplyStarted(subject, change.action))
        context.tally.changed += 1
        context.world.listener(ApplyFinished(subject, change.action, 0))

    def _applied(self, creating: list[Provisioner], applied: Applied) -> Sequence[Job]:
        """Go on with the provisioners of a new object, or end."""
        self._report(applied.complaints, applied.faults)
        if applied.is_good and creating and self.change.action in _CREATING:
            value = self._with_marks(applied.state)
            inner = Scope({"self": value}, parent=self.scope)
            steps = prepare(creating, self.context.world.provisioners, inner, self.diags)
            if not self.diags.has_errors:
                # Written down before the provisioners run: they may take long.
                self._write(applied.state, applied.private, ObjectStatus.TAINTED)
                subject = subject_of(self.change.address, applied.state)
                work = partial(run_steps, steps, subject, self.context.emit_later)
                return (Job(work, partial(self._provisioned, applied)),)
        return self._finish(applied, failed=self.diags.has_errors)

    def _provisioned(
        self, applied: Applied, results: list[tuple[Step, Complaints]]
    ) -> Sequence[Job]:
        good = report_steps(results, str(self.change.address), self.diags)
        return self._finish(applied, failed=not good)

    def _finish(self, applied: Applied, *, failed: bool) -> Sequence[Job]:
        """Write down what there is now, and say so."""
        context, change = self.context, self.change
        under_way = context.under_way.pop(self.node)
        seconds = context.seconds() - under_way.started
        creating = change.action in _CREATING
        if failed:
            context.failed.add(self.node)
            context.world.listener(ApplyFailed(under_way.subject, under_way.action, seconds))
            return self._retreat(applied)
        self._write(applied.state, applied.private)
        if creating:
            context.tally.added += 1
        else:
            context.tally.changed += 1
        subject = subject_of(change.address, applied.state)
        context.world.listener(ApplyFinished(subject, under_way.action, seconds))
        return ()

    def _write(
        self, state: Value, private: bytes, status: ObjectStatus = ObjectStatus.READY
    ) -> None:
        """Write down an object and what it means to others; check what it promised."""
        value = self._with_marks(state)
        self._put(self._stored(value, private, status))
        address = self.change.address
        self.context.names.set_object(address.of, address.key, value)
        if status is ObjectStatus.READY and not self._conditions().hold_after(value, self.scope):
            self.context.failed.add(self.node)

    def _retreat(self, applied: Applied) -> Sequence[Job]:
        """Write down what a failed change left behind.

        A new object that isn't in order is tainted.  Where it was to take the
        place of one that still serves, it is ended and the old one stays.
        """
        change, state = self.change, applied.state
        if change.action not in _CREATING:
            if not is_null(state):
                before = self._existing()
                status = before.status if before is not None else ObjectStatus.READY
                self._put(self._stored(self._with_marks(state), applied.private, status))
            return ()
        if is_null(state):
            self._readopt()
            return ()
        bad = self._stored(self._with_marks(state), applied.private, ObjectStatus.TAINTED)
        self._put(bad)
        if change.action is not Action.CREATE_THEN_DELETE:
            return ()
        assert self.target is not None
        contact = self.context.contact(subject_of(change.address, state), Action.DELETE)
        work = partial(destroy, self.target, unknown_as_null(state), applied.private, contact)
        instant = self.target.provider.schema().is_instant
        return (Job(work, partial(self._retreated, bad), waits=not instant),)

    def _retreated(self, bad: StoredObject, ended: Applied) -> None:
        self._report(ended.complaints, ended.faults)
        if not ended.is_good:
            key = self.context.new_deposed_key(self.change.address)
            self.context.put(self.change.address, self.change.provider, {key: bad})
        self._readopt()

    def _existing(self) -> StoredObject | None:
        resource = self.context.state.resources.get(self.change.address.of)
        instance = resource.instances.get(self.change.address.key) if resource else None
        return instance.current if instance is not None else None

    def _put(self, stored: StoredObject) -> None:
        """Write down the current object; the one whose place it takes is put aside first."""
        context, change = self.context, self.change
        objects: dict[str, StoredObject | None] = {}
        if (
            change.action is Action.CREATE_THEN_DELETE
            and change.address not in context.deposed_keys
        ):
            key = context.deposed_keys[change.address] = context.new_deposed_key(change.address)
            objects[key] = self._existing()
        context.put(change.address, change.provider, {**objects, "": stored})

    def _readopt(self) -> None:
        """Let the object that was to be replaced be the current one again."""
        context, change = self.context, self.change
        if change.action is not Action.CREATE_THEN_DELETE:
            return
        key = context.deposed_keys.pop(change.address, None)
        if key is not None:
            resource = context.state.resources[change.address.of]
            old = resource.instances[change.address.key].deposed[key]
            context.put(change.address, change.provider, {"": old, key: None})
        context.world.listener(Readopted(subject_of(change.address, change.before)))

    def _stored(self, value: Value, private: bytes, status: ObjectStatus) -> StoredObject:
        assert self.target is not None
        node = self.block_node
        return store(
            value,
            self.target.schema,
            private=private,
            status=status,
            dependencies=self.context.dependencies.get(node, ()),
            create_before_destroy=node in self.context.create_first,
        )

    def _with_marks(self, state: Value) -> Value:
        assert self.target is not None
        schema = self.target.schema.block
        bare = without_write_only(schema, unknown_as_null(state))
        if is_null(bare):
            return bare
        return mark_sensitive(put_marks(bare, self.marks), schema)

    def _report(self, complaints: Complaints, faults: Sequence[Fault]) -> None:
        assert self.target is not None
        report_complaints(
            complaints,
            str(self.change.address),
            self.target.schema.block,
            self.block.body,
            self.diags,
        )
        for fault in faults:
            self.diags.error(fault.summary, fault.detail, self.block.range)

    # --- reading ----------------------------------------------------------------------

    def _reading(self, *, instant: bool) -> Job:
        assert self.target is not None
        self.context.world.listener(RefreshStarted(subject_of(self.change.address)))
        pin = self.context.world.pins.get(str(self.change.address))
        return Job(partial(read_data, self.target, self.config, pin), self._read, waits=not instant)

    def _read(self, answer: DataResponse) -> None:
        self._report(answer.complaints, ())
        if any(one.severity is Severity.ERROR for one in answer.complaints):
            return
        self.context.world.listener(RefreshFinished(subject_of(self.change.address, answer.state)))
        self._write(answer.state, b"")
