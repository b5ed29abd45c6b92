"""What names mean in a configuration without planning anything: for the console.

Resources are what the state has of them, and unknown where it has nothing.
A required variable that nobody has set is unknown too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.resources import AbsResource
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.engine.cycles import report_cycles
from cotta.engine.evaluation import Evaluation
from cotta.engine.moves import make_moves
from cotta.engine.nodes import Kind, Node
from cotta.engine.objects import mark_sensitive, mark_stored, recall
from cotta.engine.scopes import Expansion, Names
from cotta.engine.visit_graph import visit_graph
from cotta.graphs import CycleError, Graph
from cotta.states.compare import copy_state

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.engine.scopes import Repetition
    from cotta.engine.world import World
    from cotta.states.model import State


def known_names(world: World, state: State) -> tuple[Names, tuple[Diagnostic, ...]]:
    """Return the names of a configuration and its state, and what is wrong with some of them.

    What is wrong leaves its name unknown; the others are good all the same.
    """
    first = Diagnostics()
    state = copy_state(state)
    make_moves(world.configuration, state, first)
    names = Names(world.configuration, world.functions, world.paths, world.workspace)
    evaluation = Evaluation(names, world.variables)
    graph = visit_graph(world, state, targets=())
    try:
        order = Graph(graph.needs).topological_order()
    except CycleError as error:
        report_cycles(error, graph.configuration, first)
        return names, tuple(first)
    for node in order:
        if node.kind is Kind.RESOURCE:
            _recall(world, names, state, node)
        elif node.kind in _EVALUATED and not _is_result(node):
            evaluation.visit(node)
    return names, (*first, *evaluation.all_diagnostics(order))


_EVALUATED = frozenset({Kind.VARIABLE, Kind.LOCAL, Kind.OUTPUT, Kind.CALL})


def _is_result(node: Node) -> bool:
    """Say whether a node is an output of the root, which no expression can name."""
    return node.kind is Kind.OUTPUT and not node.path


def _recall(world: World, names: Names, state: State, node: Node) -> None:
    """Let the references to a block mean what the state has of it."""
    block = world.block_of(node)
    for module in names.instances_of(node.path):
        address = AbsResource(module, block.address)
        found = state.resources.get(address)
        stored = {
            key: instance.current
            for key, instance in (found.instances.items() if found is not None else ())
            if instance.current is not None
        }
        if found is None or not stored:
            continue
        repetition: Repetition = "none"
        if block.count is not None:
            repetition = "count"
        elif block.for_each is not None:
            repetition = "each"
        names.expansions[address] = Expansion(repetition, {key: {} for key in stored})
        for key, one in stored.items():
            target = world.target(address.instance(key), found.provider)
            if target is not None:
                value = mark_sensitive(mark_stored(recall(target, one), one), target.schema.block)
                names.set_object(address, key, value)
