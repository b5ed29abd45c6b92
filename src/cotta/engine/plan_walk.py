"""The walk that makes a plan: every node of the configuration, and what the state has besides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cotta.addrs.resources import ConfigResource, Mode, path_of
from cotta.diagnostics.diagnostics import Diagnostic, Diagnostics, Severity
from cotta.engine.announcing import readings_of
from cotta.engine.causes import explain
from cotta.engine.cycles import report_cycles
from cotta.engine.evaluation import Evaluation
from cotta.engine.imports import check_import_targets
from cotta.engine.moves import make_moves
from cotta.engine.nodes import Kind, Node
from cotta.engine.ordering import forced_create_first, nearest_resources
from cotta.engine.outputs import output_changes, outputs_with_news
from cotta.engine.plan_context import PlanContext
from cotta.engine.plan_data import DataBlock
from cotta.engine.plan_removals import start_orphan
from cotta.engine.plan_resources import ManagedBlock
from cotta.engine.providers_visit import ProviderVisit
from cotta.engine.record import Record
from cotta.engine.relevance import relevant_attributes
from cotta.engine.scopes import Names
from cotta.engine.targets import is_targeted
from cotta.engine.visit_graph import visit_graph
from cotta.engine.walk import Job, Walk
from cotta.graphs import CycleError, Graph
from cotta.plans.changes import Action, Plan, PlanMode, Reason
from cotta.states.compare import copy_state
from cotta.states.model import CheckObject, CheckStatus

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from cotta.engine.world import PlanOptions, World
    from cotta.plans.changes import ResourceChange
    from cotta.states.model import CheckResult, Snapshot


@dataclass(frozen=True, slots=True)
class Planning:
    """A plan, and everything that was found to be wrong; errors make the plan `is_errored`."""

    plan: Plan
    diagnostics: tuple[Diagnostic, ...]
    # A mistake was found before anything could be planned.
    is_blank: bool = False
    # What check blocks had to say, which applying will say as it is then.
    of_checks: tuple[Diagnostic, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether the plan can't be applied."""
        return any(one.severity is Severity.ERROR for one in self.diagnostics)


def make_plan(world: World, options: PlanOptions, snapshot: Snapshot) -> Planning:
    """Return what would happen.  Reads the world, changes nothing."""
    return _PlanWalk(world, options, snapshot).run()


def plan_names(world: World, options: PlanOptions, snapshot: Snapshot) -> tuple[Planning, Names]:
    """Return what would happen, and what the names of the configuration would mean then."""
    walk = _PlanWalk(world, options, snapshot)
    return walk.run(), walk.context.names


class _PlanWalk:
    def __init__(self, world: World, options: PlanOptions, snapshot: Snapshot) -> None:
        self.world, self.options, self.snapshot = world, options, snapshot
        self.before = Diagnostics()
        state = copy_state(snapshot.state)
        moves = make_moves(world.configuration, state, self.before)
        names = Names(world.configuration, world.functions, world.paths, world.workspace)
        self.evaluation = Evaluation(
            names, world.variables, is_ending=options.mode is PlanMode.DESTROY
        )
        self.context = PlanContext(
            world=world,
            options=options,
            names=names,
            evaluation=self.evaluation,
            state=state,
            record=Record(copy_state(state)),
            moves=moves,
        )
        self.context.index_state()
        if options.mode is PlanMode.NORMAL:
            check_import_targets(world.configuration, self.before)
        self.graph = visit_graph(
            world, state, options.targets, destroys=options.mode is PlanMode.DESTROY
        )
        self.context.restricted = self.graph.restricted
        self.readings = readings_of(self.context, self.graph)
        self.order: list[Node] = []
        self.has_new_terms = False

    def run(self) -> Planning:
        needs = self.graph.needs
        try:
            self.order = list(Graph(needs).topological_order())
        except CycleError as error:
            report_cycles(error, self.graph.configuration, self.before)
        if self.options.targets and not self.options.imports:
            self._check_moved()
        is_blank = self.before.has_errors
        if not is_blank:
            Walk(
                needs,
                start=self._start,
                finish=self._finish,
                parallelism=self.world.parallelism,
                cancellation=self.world.cancellation,
                hasten=self.world.pool.stop,
            ).run()
            forced = self._create_first(needs)
            if self.options.explains:
                explain(self.context, self.graph, self.order, forced)
        if self.options.targets and not self.options.imports:
            self.before.warning(
                "Resource targeting is in effect",
                "With -target a plan has only a part of what the configuration asks for. That "
                "helps out of a mistake, or where an error message says so; afterwards, plan "
                "without it.",
            )
        if self.world.cancellation.is_requested:
            self.before.error("Planning was interrupted", "Nothing was changed.")
        found = (*self.before, *self.evaluation.all_diagnostics(self.order))
        plan = self._plan(found)
        found = (*found, *_forgetting(plan))
        checks = [node for node in self.order if node.kind is Kind.CHECK]
        of_checks = tuple(self.evaluation.all_diagnostics(checks)) if checks else ()
        if plan.is_errored and self.options.mode is PlanMode.DESTROY:
            # Half an end is nothing to look at, let alone to carry out.
            is_blank = True
        return Planning(plan, found, is_blank, of_checks)

    def _check_moved(self) -> None:
        """Report objects that have moved if the targets leave out where they were or are."""
        ends = {end for pair in self.context.moves.origins.items() for end in pair}
        left = sorted(str(end) for end in ends if not is_targeted(end, self.options.targets))
        if left:
            names = "".join(f'\n  -target="{name}"' for name in left)
            self.before.error(
                "Moved resource instances excluded by targeting",
                "Some objects have moved, and the targets leave them out. Plan without -target to "
                f"see where everything went, or name these too:{names}",
            )

    def _plan(self, found: Sequence[Diagnostic]) -> Plan:
        record = self.context.record
        is_errored = any(one.severity is Severity.ERROR for one in found)
        changes = record.sorted_changes()
        outputs = output_changes(self.context, self.order)
        news = outputs_with_news(self.context, outputs)
        return Plan(
            mode=self.options.mode,
            changes=changes,
            # Where everything ends, what has become of it before is of no interest.
            drift=() if self.options.mode is PlanMode.DESTROY else record.sorted_drift(),
            outputs=outputs,
            variables=dict(self.world.variables),
            targets=tuple(map(str, self.options.targets)),
            replaces=tuple(map(str, self.options.replace)),
            prior=record.prior,
            previous=self.snapshot,
            checks=self._checks(),
            relevant=relevant_attributes(
                self.world.configuration, changes, news, self.world.schema_of
            ),
            has_new_terms=self.has_new_terms,
            timestamp=self.world.clock.now(),
            is_errored=is_errored,
            is_complete=not self.options.targets and not is_errored,
        )

    def _checks(self) -> tuple[CheckResult, ...]:
        """Return the outcome of every check; nothing is known of what is about to go."""
        found = self.evaluation.checks.summary()
        if self.options.mode is not PlanMode.DESTROY:
            return found
        unknown = CheckStatus.UNKNOWN
        return tuple(
            replace(
                one,
                status=unknown,
                # Terraform expects an outcome of outputs even here.
                objects=(CheckObject(one.address, unknown),) if one.kind == "output" else (),
            )
            for one in found
        )

    # --- visits ----------------------------------------------------------------------

    def _start(self, node: Node) -> Sequence[Job]:
        match node.kind:
            case Kind.RESOURCE:
                return list(self._start_block(node))
            case Kind.ORPHAN:
                return list(self._start_orphan(node))
            case Kind.PROVIDER:
                config = self.graph.providers[node]
                return ProviderVisit(
                    self.world,
                    self.evaluation,
                    node,
                    config,
                    self.readings.get(config, ()),
                    self.context.revived,
                ).start()
            case _:
                self.evaluation.visit(node)
                return ()

    def _finish(self, node: Node) -> bool:
        found = self.evaluation.found.get(node)
        return found is None or not found.has_errors

    def _start_block(self, node: Node) -> Iterator[Job]:
        here = self.world.configuration.descendant(node.path)
        assert here is not None
        block = self.world.block_of(node)
        provider = self.world.provider_of(node.path, block)
        if block.address.mode is Mode.MANAGED:
            yield from ManagedBlock(
                context=self.context, node=node, block=block, provider=provider
            ).start()
        elif block.address.mode is Mode.DATA:
            yield from DataBlock(
                context=self.context, node=node, block=block, provider=provider
            ).start()
        else:
            self.evaluation.diags(node).error(
                "Ephemeral resources are not supported yet",
                "Cotta reads ephemeral blocks, but can't open ephemeral resources yet.",
                block.range,
            )

    def _start_orphan(self, node: Node) -> Iterator[Job]:
        address = self.graph.orphans[node]
        if address.resource.mode is not Mode.MANAGED:
            self.context.record.prior.resources.pop(address, None)
            return
        removed = self.world.removal_of(address)
        yield from start_orphan(
            self.context,
            node,
            address,
            Reason.DELETE_NO_CONFIG,
            forget=removed is not None and not removed.destroys,
        )

    # --- afterwards -----------------------------------------------------------------

    def _create_first(self, needs: dict[Node, set[Node]]) -> dict[Node, Node | None]:
        """Turn replacements round where the configuration, or what depends on it, asks for it.

        Returns what is created first, and the dependent that forces it.
        """
        record, order = self.context.record, self.order
        nearest = nearest_resources(needs, order)
        forced = forced_create_first(nearest, order, self.context.create_first)
        self._remember_terms(nearest, forced)
        for key, change in record.changes.items():
            if change.action is not Action.DELETE_THEN_CREATE:
                continue
            node = Node(Kind.RESOURCE, path_of(change.address.module), str(change.address.resource))
            if node in forced:
                record.changes[key] = replace(change, action=Action.CREATE_THEN_DELETE)
        return forced

    def _remember_terms(
        self, nearest: Mapping[Node, frozenset[Node]], forced: Container[Node]
    ) -> None:
        """Note with each object what it is made after, and whether its successor comes first.

        Not for the import command; and not with what is about to go, or is taken over only to
        be changed: that change notes it.
        """
        mode, record = self.options.mode, self.context.record
        if self.options.imports:
            return
        dependencies = self.world.dependencies_of(nearest, self.order)
        if mode is PlanMode.REFRESH_ONLY:
            self._refresh_terms(dependencies, forced)
            return
        for change in record.changes.values():
            node = Node(Kind.RESOURCE, path_of(change.address.module), str(change.address.resource))
            resource = record.prior.resources.get(change.address.of)
            if resource is None or node not in dependencies or not _stays(change, mode):
                continue
            instance = resource.instances.get(change.address.key)
            if instance is None or instance.current is None:
                continue
            current, now = instance.current, dependencies[node]
            if change.action is not Action.NO_OP or mode is PlanMode.DESTROY:
                now = self._merged(node, current.dependencies, dependencies)
            is_first = node in forced if mode is PlanMode.NORMAL else current.create_before_destroy
            if (current.dependencies, current.create_before_destroy) != (now, is_first):
                instance.current = replace(
                    current, dependencies=now, create_before_destroy=is_first
                )

    def _refresh_terms(
        self,
        dependencies: Mapping[Node, tuple[ConfigResource, ...]],
        forced: Container[Node],
    ) -> None:
        """Add what each object is made after by the configuration to what the state has."""
        for address, resource in self.context.record.prior.resources.items():
            node = Node(Kind.RESOURCE, path_of(address.module), str(address.resource))
            if node not in dependencies or address.resource.mode is not Mode.MANAGED:
                continue
            for key, instance in resource.instances.items():
                current = instance.current
                wanted = self.context.is_wanted(node, address.instance(key))
                if current is None or not wanted:
                    continue
                now = self._merged(node, current.dependencies, dependencies)
                is_first = node in forced
                if (current.dependencies, current.create_before_destroy) != (now, is_first):
                    self.has_new_terms = True
                    instance.current = replace(
                        current, dependencies=now, create_before_destroy=is_first
                    )

    def _merged(
        self,
        node: Node,
        kept: tuple[ConfigResource, ...],
        dependencies: Mapping[Node, tuple[ConfigResource, ...]],
    ) -> tuple[ConfigResource, ...]:
        """Return what an object was made after by the state, and will be by the configuration.

        What it was made after counts until it is changed: ends wait for that.
        Of two that turned round the configuration's order counts.
        """
        if not self.options.refresh:
            return kept
        here = ConfigResource(node.path, self.world.block_of(node).address)
        turned = [
            one
            for one in kept
            if here in dependencies.get(Node(Kind.RESOURCE, one.module, str(one.resource)), ())
        ]
        return tuple(sorted({*dependencies[node], *kept} - set(turned), key=str))


def _forgetting(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a warning of the objects that nothing will know of any more, if there are any."""
    listed = [change for change in plan.changes if change.action is Action.FORGET]
    if listed:
        names = "".join(f"\n  - {change.address}" for change in listed)
        yield Diagnostic(
            severity=Severity.WARNING,
            summary="Some objects will no longer be managed by Cotta",
            detail=f"They stay as they are, and the state forgets them:{names}\n\nTo manage them "
            "again, import them.",
        )


def _stays(change: ResourceChange, mode: PlanMode) -> bool:
    """Say whether the object of a change is still the one of its block."""
    if change.deposed or (change.importing is not None and change.action is not Action.NO_OP):
        return False
    return mode is PlanMode.DESTROY or change.action not in {Action.DELETE, Action.FORGET}
