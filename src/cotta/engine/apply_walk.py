"""The walk that carries out a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.addrs.resources import AbsResource, Mode
from cotta.diagnostics.diagnostics import Diagnostic, Diagnostics, Severity
from cotta.engine.apply_context import ApplyContext, Tally
from cotta.engine.apply_graph import block_node, make_apply_graph
from cotta.engine.apply_objects import Act
from cotta.engine.desires import literal_flag
from cotta.engine.destroying import End
from cotta.engine.evaluation import Evaluation
from cotta.engine.events import Imported, Subject
from cotta.engine.expansion import expand
from cotta.engine.nodes import Kind, Node
from cotta.engine.objects import mark_stored, recall
from cotta.engine.ordering import forced_create_first, nearest_resources
from cotta.engine.providers_visit import ProviderVisit
from cotta.engine.scopes import Expansion, Names
from cotta.engine.visit_graph import visit_graph
from cotta.engine.walk import Walk
from cotta.graphs import CycleError, Graph
from cotta.plans.changes import Action, PlanMode
from cotta.states.compare import copy_state
from cotta.states.model import StoredOutput
from cotta.values.value import is_null, is_wholly_known, unmark_deep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.engine.ledger import Ledger
    from cotta.engine.walk import Job
    from cotta.engine.world import World
    from cotta.plans.changes import Plan, ResourceChange
    from cotta.states.model import State


@dataclass(frozen=True, slots=True)
class Application:
    """The state after a plan was carried out as far as it went, and what went wrong."""

    state: State
    tally: Tally
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        """Whether something was not done."""
        return any(one.severity is Severity.ERROR for one in self.diagnostics)


def apply_plan(world: World, plan: Plan, ledger: Ledger) -> Application:
    """Carry out a plan.  Every finished step is in `ledger` before anything builds on it."""
    return _ApplyWalk(world, plan, ledger).run()


def incompleteness(plan: Plan) -> list[Diagnostic]:
    """Return a warning if a plan had a part of the configuration only."""
    if not plan.targets:
        return []
    return [
        Diagnostic(
            severity=Severity.WARNING,
            summary="Applied changes may be incomplete",
            detail="With -target only a part of what the configuration asks for was done. Plan "
            "without it to see what is left to do.",
        )
    ]


class _ApplyWalk:
    def __init__(self, world: World, plan: Plan, ledger: Ledger) -> None:
        self.world, self.plan = world, plan
        names = Names(
            world.configuration, world.functions, world.paths, world.workspace, is_applying=True
        )
        self.evaluation = Evaluation(names, plan.variables, is_ending=plan.mode is PlanMode.DESTROY)
        self.context = ApplyContext(
            world=world,
            plan=plan,
            names=names,
            evaluation=self.evaluation,
            state=copy_state(plan.prior),
            ledger=ledger,
        )
        self.before = Diagnostics()
        self.by_block: dict[Node, list[ResourceChange]] = {}
        for change in plan.changes:
            if not change.deposed:
                self.by_block.setdefault(block_node(change), []).append(change)

    def run(self) -> Application:
        visits = visit_graph(self.world, self.context.state, targets=())
        order = list(Graph(visits.needs).topological_order())
        nearest = nearest_resources(visits.needs, order)
        self._remember_dependencies(nearest, order)
        graph = make_apply_graph(visits.needs, nearest, self.plan.changes, self.plan.prior)
        self.changes, self.providers = graph.changes, visits.providers
        try:
            order = list(Graph(graph.needs).topological_order())
        except CycleError as error:
            names = ", ".join(str(node) for node in error.cycles[0])
            raise AssertionError(f"the plan's changes wait for one another: {names}") from error
        walk = Walk(
            graph.needs,
            start=self._start,
            finish=self._finish,
            parallelism=self.world.parallelism,
            cancellation=self.world.cancellation,
            settle=self.context.ledger.settle,
            tick=self.context.report_progress,
            hasten=self.world.pool.stop,
        )
        self.context.post, self.context.consult = walk.post, walk.consult
        self._import()
        skipped = walk.run()
        self._set_outputs(set(skipped))
        is_end = self.plan.mode is PlanMode.DESTROY
        self.context.state.checks = self.plan.checks if is_end else self.evaluation.checks.summary()
        if self.world.cancellation.is_requested and skipped:
            self.before.error(
                "Execution was interrupted",
                "What was under way came to its end and is in the state; the rest was not "
                "started. The next apply goes on from here.",
            )
        self.before.extend(incompleteness(self.plan))
        found = (*self.before, *self.evaluation.all_diagnostics(order))
        return Application(self.context.state, self.context.tally, found)

    def _import(self) -> None:
        """Take over what is imported: reading it has put it into the state already."""
        for change in self.plan.changes:
            if change.importing is not None:
                subject = Subject(address=change.address, id_key="id", id=change.importing.id)
                self.world.listener(Imported(subject))
                self.context.tally.imported += 1

    def _remember_dependencies(
        self, nearest: dict[Node, frozenset[Node]], order: list[Node]
    ) -> None:
        wanted = set()
        for change in self.plan.changes:
            if change.action is Action.CREATE_THEN_DELETE:
                wanted.add(block_node(change))
        self.context.dependencies = self.world.dependencies_of(nearest, order)
        literal = {node for node in order if node.kind is Kind.RESOURCE and self._is_first(node)}
        self.context.create_first = set(forced_create_first(nearest, order, wanted | literal))

    def _is_first(self, node: Node) -> bool:
        return literal_flag(self.world.block_of(node).lifecycle.create_before_destroy)

    # --- visits ----------------------------------------------------------------------

    def _start(self, node: Node) -> Sequence[Job]:
        match node.kind:
            case Kind.ACT:
                act = Act(context=self.context, node=node, change=self.changes[node])
                return act.start()
            case Kind.DESTROY:
                return End(context=self.context, node=node, change=self.changes[node]).start()
            case Kind.EXPAND:
                self._expand(node._replace(kind=Kind.RESOURCE))
            case Kind.RESOURCE:
                if self.world.has_block(node):
                    self._recall(node)
            case Kind.PROVIDER:
                visit = ProviderVisit(self.world, self.evaluation, node, self.providers[node])
                return visit.start()
            case _:
                if self.plan.mode is not PlanMode.DESTROY or node.kind is Kind.CALL:
                    self.evaluation.visit(node)
        return ()

    def _finish(self, node: Node) -> bool:
        found = self.evaluation.found.get(node)
        if found is not None and found.has_errors:
            return False
        return node not in self.context.failed

    def _expand(self, node: Node) -> None:
        """Work out the instances of a block, and recall those that don't change."""
        self.context.expanded.add(node)
        block = self.world.block_of(node)
        names = self.context.names
        for module in names.instances_of(node.path):
            scope = names.scope(module)
            expansion = expand(block.count, block.for_each, scope, self.evaluation.diags(node))
            if expansion is not None:
                names.expansions[AbsResource(module, block.address)] = expansion
        for change in self.by_block.get(node, ()):
            if change.action is Action.NO_OP:
                names.set_object(change.address.of, change.address.key, change.after)

    def _recall(self, node: Node) -> None:
        """Bring to mind the instances of a block that has none to change, or was left out."""
        if node in self.context.expanded:
            self._recall_stored(node)
            return
        # A block of which all instances go has none, though some may end only later.
        if self.by_block.get(node) and self.plan.mode is not PlanMode.DESTROY:
            self._expand(node)
        block = self.world.block_of(node)
        names = self.context.names
        for module in names.instances_of(node.path):
            address = AbsResource(module, block.address)
            if address in names.expansions:
                continue
            found = self.context.state.resources.get(address)
            keys = list(found.instances) if found is not None else []
            repeats = "count" if block.count else "each" if block.for_each else "none"
            names.expansions[address] = Expansion(repeats, {key: {} for key in keys})  # type: ignore[arg-type]  # one of the literals
        self._recall_stored(node)

    def _recall_stored(self, node: Node) -> None:
        """Take the values of instances that the plan has no change for from the state."""
        block = self.world.block_of(node)
        names = self.context.names
        for module in names.instances_of(node.path):
            address = AbsResource(module, block.address)
            found = self.context.state.resources.get(address)
            if found is None:
                continue
            for key, instance in found.instances.items():
                if key in names.objects.get(address, {}) or instance.current is None:
                    continue
                target = self.world.target(address.instance(key), found.provider)
                if target is not None:
                    value = recall(target, instance.current)
                    names.set_object(address, key, mark_stored(value, instance.current))

    # --- afterwards -----------------------------------------------------------------

    def _forget_data(self) -> None:
        """Take what was read out of the state: where nothing is left it is of no use."""
        context = self.context
        for address, resource in list(context.state.resources.items()):
            if address.resource.mode is Mode.DATA:
                for key in list(resource.instances):
                    context.put(address.instance(key), resource.provider, {"": None})

    def _set_outputs(self, skipped: set[Node]) -> None:
        """Write the outputs of the root module into the state."""
        declared = self.world.configuration.module.outputs
        stored = self.context.state.outputs
        if self.plan.mode is PlanMode.DESTROY:
            # What a part of the end leaves may still be asked for.
            if not skipped and not self.plan.targets:
                stored.clear()
                self._forget_data()
            return
        for name in [name for name in stored if name not in declared]:
            del stored[name]
        for name, output in declared.items():
            value = self.context.names.outputs.get(((), name))
            if value is None or Node(Kind.OUTPUT, (), name) in skipped:
                continue
            bare = unmark_deep(value)[0]
            if output.is_ephemeral or not is_wholly_known(bare):
                continue
            if is_null(bare):
                stored.pop(name, None)
            else:
                stored[name] = StoredOutput(bare, output.is_sensitive)
