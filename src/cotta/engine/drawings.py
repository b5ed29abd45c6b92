"""The graphs that people may look at: resources alone, or everything that a walk visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.engine.apply_graph import make_apply_graph
from cotta.engine.nodes import Kind
from cotta.engine.ordering import nearest_resources
from cotta.engine.visit_graph import visit_graph
from cotta.graphs import CycleError, Graph
from cotta.plans.changes import Action, ResourceChange
from cotta.values.value import ANY_NULL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cotta.addrs.resources import AbsResource
    from cotta.engine.dependencies import Dependencies
    from cotta.engine.nodes import Node
    from cotta.engine.world import World
    from cotta.states.model import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A graph without the edges that others make needless, unless it has cycles.

    `in_cycles` are the edges of cycles.  `configuration` keeps the places of
    the references.
    """

    graph: Graph[Node]
    configuration: Dependencies
    orphans: dict[Node, AbsResource]
    in_cycles: frozenset[tuple[Node, Node]] = frozenset()
    error: CycleError[Node] | None = None


def draw_visits(world: World, state: State) -> Drawing:
    """Return what a plan visits."""
    visits = visit_graph(world, state, targets=())
    return _drawing(Graph(visits.needs), visits.configuration, visits.orphans)


def draw_resources(world: World, state: State) -> Drawing:
    """Return the resources alone: an edge stands for a way with no resource on it."""
    visits = visit_graph(world, state, targets=())
    graph = Graph(visits.needs)
    try:
        order = graph.topological_order()
    except CycleError:
        near = {node: _nearest(graph, node) for node in graph if _is_resource(node)}
    else:
        nearest = nearest_resources(visits.needs, order)
        near = {node: sorted(nearest[node]) for node in order if _is_resource(node)}
    return _drawing(Graph(near), visits.configuration, visits.orphans)


def draw_apply(world: World, state: State, changes: Iterable[ResourceChange]) -> Drawing:
    """Return the steps that carry out `changes` to what `state` has."""
    visits = visit_graph(world, state, targets=())
    graph = Graph(visits.needs)
    try:
        order = graph.topological_order()
    except CycleError:
        return _drawing(graph, visits.configuration, visits.orphans)
    nearest = nearest_resources(visits.needs, order)
    steps = make_apply_graph(visits.needs, nearest, changes, state)
    return _drawing(Graph(steps.needs), visits.configuration, visits.orphans)


def draw_ends(world: World, state: State) -> Drawing:
    """Return the steps that end everything a state has."""
    visits = visit_graph(world, state, targets=())
    steps = make_apply_graph({}, {}, _ends(state), state)
    return _drawing(Graph(steps.needs), visits.configuration, {})


def _ends(state: State) -> Iterator[ResourceChange]:
    for address, resource in state.resources.items():
        if address.resource.mode.value != "managed":
            continue
        for key, instance in resource.instances.items():
            kept = [""] if instance.current is not None else []
            for deposed in (*kept, *sorted(instance.deposed)):
                yield ResourceChange(
                    address=address.instance(key),
                    previous_address=address.instance(key),
                    deposed=deposed,
                    provider=resource.provider,
                    action=Action.DELETE,
                    before=ANY_NULL,
                    after=ANY_NULL,
                )


def _is_resource(node: Node) -> bool:
    return node.kind in (Kind.RESOURCE, Kind.ORPHAN)


def _nearest(graph: Graph[Node], start: Node) -> list[Node]:
    """Return the resources that `start` needs with none between: for graphs with cycles."""
    found: dict[Node, None] = {}
    seen: set[Node] = set()
    pending = list(graph.needs(start))
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        if _is_resource(node):
            found[node] = None
        else:
            pending.extend(graph.needs(node))
    return sorted(found)


def _drawing(
    graph: Graph[Node], configuration: Dependencies, orphans: dict[Node, AbsResource]
) -> Drawing:
    try:
        reduced = graph.reduced()
    except CycleError as error:
        ring = {node: number for number, one in enumerate(error.cycles) for node in one}
        edges = frozenset(
            (node, needed)
            for node, needed in graph.edges()
            if node in ring and ring[node] == ring.get(needed)
        )
        return Drawing(
            graph=graph, configuration=configuration, orphans=orphans, in_cycles=edges, error=error
        )
    return Drawing(graph=reduced, configuration=configuration, orphans=orphans)
