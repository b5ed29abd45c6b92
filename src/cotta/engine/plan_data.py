"""Planning the data sources of one block: read now, or during apply if that must be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cotta.addrs.resources import AbsResource
from cotta.diagnostics.diagnostics import Diagnostics, Severity
from cotta.engine.complaints import report_complaints
from cotta.engine.dependencies import targets
from cotta.engine.desires import desired_config
from cotta.engine.events import RefreshFinished, RefreshStarted, subject_of
from cotta.engine.expansion import expand
from cotta.engine.objects import mark_sensitive, store
from cotta.engine.plan_found import add_change
from cotta.engine.record import set_object
from cotta.engine.walk import Job
from cotta.hcl.scope import Scope
from cotta.plans.changes import Action, PlanMode, Reason, ResourceChange
from cotta.plans.proposed import propose_data
from cotta.providers.interface import DataResponse, errors_of
from cotta.values.marking import put_marks, take_marks
from cotta.values.value import ANY_UNKNOWN, Null, is_wholly_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResourceInstance
    from cotta.configs.model import ResourceBlock
    from cotta.engine.nodes import Node
    from cotta.engine.plan_context import PlanContext
    from cotta.engine.planning import Target
    from cotta.engine.world import Pin
    from cotta.values.marking import MarkedPaths
    from cotta.values.value import Value


def read_data(target: Target, config: Value, pin: Pin | None) -> DataResponse:
    """Return what a data source finds; its block is validated first.  Called on a worker.

    With a pin it finds that one, and looks as if it had been found by the block as it is written.
    """
    complaints = target.provider.validate_data(target.type, config)
    if errors_of(complaints):
        return DataResponse(state=Null(target.schema.block.implied_type), complaints=complaints)
    asked = config if pin is None else pin.narrow(config)
    answer = target.provider.read_data(target.type, asked)
    state = answer.state if pin is None else pin.widen(answer.state, config)
    return DataResponse(state=state, complaints=complaints + answer.complaints)


@dataclass(slots=True, kw_only=True)
class DataBlock:
    """The visit of one `data` block."""

    context: PlanContext
    node: Node
    block: ResourceBlock
    provider: ProviderConfig

    @property
    def diags(self) -> Diagnostics:
        """The collector of this block's node."""
        return self.context.evaluation.diags(self.node)

    def start(self) -> Iterator[Job]:
        """Yield a job for every instance that can be read now."""
        context = self.context
        self._drop_unwanted()
        for module in context.names.instances_of(self.node.path):
            scope = context.names.scope(module)
            expansion = expand(self.block.count, self.block.for_each, scope, self.diags)
            if expansion is None:
                continue
            address = AbsResource(module, self.block.address)
            context.names.expansions[address] = expansion
            for key, bindings in expansion.bindings.items():
                inner = Scope(bindings, parent=scope) if bindings else scope
                yield from self._start_instance(address.instance(key), inner)

    def _drop_unwanted(self) -> None:
        """Take what was read before out of the new state: it is read again, or not wanted."""
        for address in self.context.by_block.get((self.node.path, self.block.address), ()):
            found = self.context.state.resources[address]
            for key in found.instances:
                if self.context.is_wanted(self.node, address.instance(key)):
                    set_object(
                        self.context.record.prior, address.instance(key), found.provider, None
                    )

    def _start_instance(self, address: AbsResourceInstance, scope: Scope) -> Iterator[Job]:
        context = self.context
        if not context.is_wanted(self.node, address):
            return
        target = context.target(address, self.provider, self.diags, self.block.range)
        if target is None:
            return
        before = len(self.diags)
        if not context.conditions(self.node, self.block, address).hold_before(scope):
            return
        config = desired_config(self.block.body, target.schema, scope, str(address), self.diags)
        if any(one.severity is Severity.ERROR for one in list(self.diags)[before:]):
            return
        bare, marks = take_marks(config)
        why = self._why_later(bare)
        if why is not Reason.NONE:
            self._defer(target, bare, marks, why)
            return
        subject = subject_of(address)
        context.world.listener(RefreshStarted(subject))
        yield Job(
            partial(read_data, target, bare, context.world.pins.get(str(address))),
            partial(self._read, target, marks, scope),
            waits=not target.provider.schema().is_instant,
        )

    def _why_later(self, config: Value) -> Reason:
        if not is_wholly_known(config):
            return Reason.READ_CONFIG_UNKNOWN
        if self.context.options.mode is PlanMode.DESTROY:
            # What is about to go is there now, and that is all there will be to read.
            return Reason.NONE
        root = self.context.names.root.descendant(self.node.path)
        assert root is not None
        for traversal in self.block.depends_on:
            if any(self.context.is_pending(node) for node in targets(root, traversal)):
                return Reason.READ_DEPENDENCY_PENDING
        if self.node.path and self._module_waits():
            return Reason.READ_DEPENDENCY_PENDING
        return Reason.NONE

    def _module_waits(self) -> bool:
        """Say whether a module around was told to wait for something with changes to come."""
        for length in range(len(self.node.path)):
            outer = self.context.names.root.descendant(self.node.path[:length])
            assert outer is not None
            call = outer.module.calls[self.node.path[length]]
            for traversal in call.depends_on:
                if any(self.context.is_pending(node) for node in targets(outer, traversal)):
                    return True
        return False

    def _defer(self, target: Target, config: Value, marks: MarkedPaths, why: Reason) -> None:
        block = target.schema.block
        nothing = Null(block.implied_type)
        after = put_marks(propose_data(block, config), marks)
        if self.context.options.mode is PlanMode.DESTROY:
            # Read when everything has gone it would be of no use to anybody.
            self.context.names.set_object(target.address.of, target.address.key, after)
            return
        change = ResourceChange(
            address=target.address,
            previous_address=target.address,
            provider=target.provider_config,
            action=Action.READ,
            reason=why,
            before=nothing,
            after=after,
        )
        add_change(self.context, self.node, change)
        self.context.names.set_object(target.address.of, target.address.key, after)

    def _read(self, target: Target, marks: MarkedPaths, scope: Scope, answer: DataResponse) -> None:
        context, address = self.context, target.address
        nested = self.block.container is not None
        diags = Diagnostics() if nested else self.diags
        report_complaints(
            answer.complaints, str(address), target.schema.block, self.block.body, diags
        )
        if nested:
            for one in diags:
                self.diags.warning(one.summary, one.detail, one.subject)
        if errors_of(answer.complaints):
            if nested:
                context.names.set_object(address.of, address.key, ANY_UNKNOWN)
            return
        context.world.listener(RefreshFinished(subject_of(address, answer.state)))
        value = put_marks(answer.state, marks)
        value = mark_sensitive(value, target.schema.block)
        set_object(
            context.record.prior, address, target.provider_config, store(value, target.schema)
        )
        context.names.set_object(address.of, address.key, value)
        context.conditions(self.node, self.block, address).hold_after(value, scope)
