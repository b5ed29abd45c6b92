"""Planning the resources of one block: its instances, and those that are no longer wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from cotta.addrs.resources import AbsResource, AbsResourceInstance
from cotta.engine.desires import desired_config, ignored_paths, lifecycle_flag, literal_flag
from cotta.engine.events import ImportPrepared, RefreshStarted, Subject, stored_subject
from cotta.engine.expansion import expand
from cotta.engine.imports import report_unexpected, wanted_imports
from cotta.engine.objects import mark_sensitive
from cotta.engine.plan_found import add_change, write_examined, write_imported
from cotta.engine.plan_removals import (
    report_prevented,
    start_deposed,
    start_orphan,
    start_removal,
)
from cotta.engine.planning import Wish, examine, plan_managed
from cotta.engine.scopes import Expansion
from cotta.engine.triggers import is_triggered
from cotta.engine.walk import Job
from cotta.hcl.scope import Scope
from cotta.plans.changes import Action, Importing, Note, PlanMode, Reason, ResourceChange
from cotta.plans.ignore import settle_marks
from cotta.values.marking import put_marks, take_marks
from cotta.values.value import is_null, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import InstanceKey
    from cotta.configs.model import ResourceBlock
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.engine.imports import Wanted
    from cotta.engine.nodes import Node
    from cotta.engine.plan_context import PlanContext
    from cotta.engine.planning import Examined, Outcome, Target
    from cotta.engine.scopes import Repetition
    from cotta.states.model import StoredObject
    from cotta.values.marking import MarkedPaths


@dataclass(slots=True, kw_only=True)
class ManagedBlock:
    """The visit of one `resource` block."""

    context: PlanContext
    node: Node
    block: ResourceBlock
    provider: ProviderConfig
    imports: dict[AbsResourceInstance, Wanted] = field(default_factory=dict)

    @property
    def diags(self) -> Diagnostics:
        """The collector of this block's node."""
        return self.context.evaluation.diags(self.node)

    def start(self) -> Iterator[Job]:
        """Yield a job for every instance there is or should be."""
        context = self.context
        seen: set[AbsResource] = set()
        if literal_flag(self.block.lifecycle.create_before_destroy):
            # Whatever is below is made in that order too, even while there is no instance.
            context.create_first.add(self.node)
        if self.block.lifecycle.preconditions or self.block.lifecycle.postconditions:
            context.evaluation.checks.expect("resource", str(self.node))
        if context.options.mode is PlanMode.NORMAL:
            self.imports = wanted_imports(context, self.node)
        unexpected = dict(self.imports)
        for module in context.names.instances_of(self.node.path):
            address = AbsResource(module, self.block.address)
            seen.add(address)
            if context.options.mode is PlanMode.DESTROY:
                yield from self._start_destroying(address)
                continue
            scope = context.names.scope(module)
            expansion = expand(self.block.count, self.block.for_each, scope, self.diags)
            if expansion is None:
                continue
            context.names.expansions[address] = expansion
            self._warn_of_keys(address, expansion)
            for key, bindings in expansion.bindings.items():
                unexpected.pop(address.instance(key), None)
                inner = Scope(bindings, parent=scope) if bindings else scope
                yield from self._start_instance(address.instance(key), inner)
            yield from self._start_unwanted(address, expansion)
        if not self.diags.has_errors:
            report_unexpected(unexpected, self.diags)
        for address in context.by_block.get((self.node.path, self.block.address), ()):
            if address not in seen:
                yield from start_orphan(context, self.node, address, Reason.DELETE_NO_MODULE)

    # --- instances that should be ------------------------------------------------

    def _start_instance(self, address: AbsResourceInstance, scope: Scope) -> Iterator[Job]:
        context, diags = self.context, self.diags
        if not context.is_wanted(self.node, address):
            return
        target = context.target(address, self.provider, diags, self.block.range)
        if target is None:
            return
        before = len(diags)
        if not context.conditions(self.node, self.block, address).hold_before(scope):
            return
        config = desired_config(self.block.body, target.schema, scope, str(address), diags)
        if lifecycle_flag(self.block.lifecycle.create_before_destroy, scope, diags):
            context.create_first.add(self.node)
        if any(one.severity.value == "error" for one in list(diags)[before:]):
            return
        stored = _stored(context, address)
        yield from start_deposed(context, self.node, target)
        if context.options.mode is PlanMode.REFRESH_ONLY:
            if stored is not None:
                revived = context.revived.pop((address, ""), None)
                work: Callable[[], object] = partial(
                    examine, target, stored, refresh=True, revived=revived
                )
                yield self._job(target, stored, work, self._examined(target, stored, scope))
            return
        bare, marks = take_marks(config)
        wanted = self.imports.get(address) if stored is None else None
        wish = Wish(
            config=bare,
            ignore=ignored_paths(self.block.lifecycle),
            force=self._force(address, scope),
            import_id=wanted.id if wanted is not None else "",
        )
        work = partial(
            plan_managed,
            target,
            stored,
            wish,
            refresh=context.options.refresh,
            revived=context.revived.pop((address, ""), None),
        )
        done = partial(self._planned, target, stored, marks, scope, wanted)
        if wanted is not None:
            subject = Subject(address=address, id_key="id", id=wanted.id)
            context.world.listener(ImportPrepared(subject))
            context.world.listener(RefreshStarted(subject))
        yield self._job(target, stored, work, done)

    def _job(
        self,
        target: Target,
        stored: StoredObject | None,
        work: Callable[[], object],
        done: Callable[..., None],
    ) -> Job:
        if stored is not None and self.context.options.refresh:
            subject = stored_subject(target.address, stored)
            self.context.world.listener(RefreshStarted(subject))
        return Job(work, done, waits=not target.provider.schema().is_instant)

    def _force(self, address: AbsResourceInstance, scope: Scope) -> Reason:
        if address in self.context.options.replace:
            return Reason.REPLACE_BY_REQUEST
        for expression in self.block.lifecycle.replace_triggered_by:
            if is_triggered(self.context, expression, address.module, scope, self.diags):
                return Reason.REPLACE_BY_TRIGGERS
        return Reason.NONE

    def _warn_of_keys(self, address: AbsResource, expansion: Expansion) -> None:
        """Say that -replace names a resource, if its instances have keys."""
        asked = address.instance(None)
        if asked not in self.context.options.replace or None in expansion.bindings:
            return
        names = [f'\n  -replace="{address.instance(key)}"' for key in expansion.bindings]
        self.diags.warning(
            "Incompletely-matched force-replace resource instance",
            f"-replace={asked} is the address of no instance, so nothing is replaced because of "
            f"it. {'These have one:' if names else 'There is none now.'}{''.join(names)}",
        )

    def _planned(
        self,
        target: Target,
        stored: StoredObject | None,
        marks: MarkedPaths,
        scope: Scope,
        wanted: Wanted | None,
        outcome: Outcome,
    ) -> None:
        """Write down what was decided for an instance, and what it means to others."""
        context, diags = self.context, self.diags
        good = context.report(outcome.examined, target, self.block.body, diags)
        if not context.report(outcome, target, self.block.body, diags) or not good:
            return
        if wanted is not None:
            before = write_imported(context, target, outcome.examined)
        else:
            before = write_examined(context, target, stored, outcome.examined)
        action = outcome.action
        assert action is not None
        schema = target.schema.block
        ignored = ignored_paths(self.block.lifecycle)
        existing = () if is_null(before) else take_marks(before)[1]
        after = put_marks(outcome.planned, settle_marks(action, marks, existing, ignored))
        after = mark_sensitive(after, schema)
        if action is Action.NO_OP and not same(before, after):
            action = Action.UPDATE
        if action in (Action.DELETE, Action.DELETE_THEN_CREATE) and lifecycle_flag(
            self.block.lifecycle.prevent_destroy, scope, diags
        ):
            report_prevented(target.address, self.block, diags)
        address = target.address
        change = ResourceChange(
            address=address,
            previous_address=context.moves.origin(address),
            provider=target.provider_config,
            action=action,
            reason=outcome.reason,
            before=before,
            after=after,
            private=outcome.private,
            replace=outcome.replace,
            importing=Importing(id=wanted.id) if wanted is not None else None,
            notes=tuple(Note(note.lines, note.path) for note in outcome.notes),
        )
        add_change(context, self.node, change)
        context.names.set_object(address.of, address.key, after)
        context.conditions(self.node, self.block, address).hold_after(after, scope)

    # --- reading only ---------------------------------------------------------------

    def _examined(self, target: Target, stored: StoredObject, scope: Scope) -> Callable[..., None]:
        def done(examined: Examined) -> None:
            if self.context.report(examined, target, self.block.body, self.diags):
                value = write_examined(self.context, target, stored, examined)
                self.context.names.set_object(target.address.of, target.address.key, value)
                if not is_null(value):
                    conditions = self.context.conditions(self.node, self.block, target.address)
                    conditions.hold_after(value, scope)

        return done

    # --- instances that should not be -------------------------------------------------

    def _start_unwanted(self, address: AbsResource, expansion: Expansion) -> Iterator[Job]:
        found = self.context.state.resources.get(address)
        if found is None:
            return
        for key in list(found.instances):
            if key in expansion.bindings:
                continue
            reason = _why_unwanted(key, expansion.repetition)
            yield from start_removal(
                self.context, self.node, address.instance(key), reason, self.block
            )

    def _start_destroying(self, address: AbsResource) -> Iterator[Job]:
        found = self.context.state.resources.get(address)
        keys = list(found.instances) if found is not None else []
        self.context.names.expansions[address] = Expansion(
            _repetition(self.block), {key: {} for key in keys}
        )
        for key in keys:
            yield from start_removal(
                self.context, self.node, address.instance(key), Reason.NONE, self.block
            )


def _repetition(block: ResourceBlock) -> Repetition:
    if block.count is not None:
        return "count"
    return "each" if block.for_each is not None else "none"


def _why_unwanted(key: InstanceKey, repetition: Repetition) -> Reason:
    if repetition == "count" and isinstance(key, int):
        return Reason.DELETE_COUNT_INDEX
    if repetition == "each" and isinstance(key, str):
        return Reason.DELETE_EACH_KEY
    return Reason.DELETE_WRONG_REPETITION


def _stored(context: PlanContext, address: AbsResourceInstance) -> StoredObject | None:
    resource = context.state.resources.get(address.of)
    instance = resource.instances.get(address.key) if resource is not None else None
    return instance.current if instance is not None else None
