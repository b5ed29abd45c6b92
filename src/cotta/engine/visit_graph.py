"""The graph of one walk: the configuration, what the state has besides, and the providers used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotta.addrs.providers import ProviderConfig
from cotta.addrs.resources import ConfigResource, path_of
from cotta.configs.provider_rules import source_of
from cotta.engine.dependencies import Dependencies, configuration_graph
from cotta.engine.nodes import Kind, Node
from cotta.engine.targets import targeted, targeted_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.addrs.parse import Target
    from cotta.addrs.resources import AbsResource
    from cotta.engine.world import World
    from cotta.states.model import State

_USERS = frozenset({Kind.RESOURCE, Kind.ORPHAN})


@dataclass(slots=True)
class VisitGraph:
    """What each node needs, and what some of them stand for.

    `orphans` are resources of the state that nothing declares.  Of the
    `restricted` nodes only targeted instances are wanted.
    """

    configuration: Dependencies
    needs: dict[Node, set[Node]]
    orphans: dict[Node, AbsResource] = field(default_factory=dict)
    providers: dict[Node, ProviderConfig] = field(default_factory=dict)
    restricted: set[Node] = field(default_factory=set)

    def use_provider(self, node: Node, config: ProviderConfig) -> None:
        """Let `node` need a provider's configuration."""
        provider = Node(Kind.PROVIDER, config.module, str(config))
        self.providers[provider] = config
        self.needs.setdefault(provider, set())
        self.needs[node].add(provider)


def visit_graph(
    world: World, state: State, targets: Sequence[Target], *, destroys: bool = False
) -> VisitGraph:
    """Return the graph of what a walk visits; with `targets`, of what they need alone.

    Of a walk that `destroys`, what needs the targets is there instead.
    """
    drawn = configuration_graph(world.configuration, world.provider_of)
    graph = VisitGraph(drawn, drawn.needs)
    for address, found in state.resources.items():
        path = path_of(address.module)
        here = world.configuration.descendant(path)
        if here is not None and address.resource in here.module.resources:
            node = Node(Kind.RESOURCE, path, str(address.resource))
        else:
            node = Node(Kind.ORPHAN, path, address.text)
            graph.orphans[node] = address
            graph.needs[node] = set()
        graph.use_provider(node, found.provider)
    for here in world.configuration.walk():
        for block in here.module.resources.values():
            node = Node(Kind.RESOURCE, here.path, str(block.address))
            graph.use_provider(node, world.provider_of(here.path, block))
        for name, alias in here.module.providers:
            config = ProviderConfig(here.path, source_of(here.module, name), alias)
            graph.providers[Node(Kind.PROVIDER, here.path, str(config))] = config
    if targets and destroys:
        after = _made_after(graph, state)
        graph.needs, graph.restricted = targeted_end(graph.needs, after, targets)
    elif targets:
        graph.needs, graph.restricted = targeted(graph.needs, targets)
    _drop_unused_providers(graph)
    return graph


def _made_after(graph: VisitGraph, state: State) -> dict[Node, set[Node]]:
    """Return which nodes the objects of each were made after, as the state remembers."""
    by_address: dict[ConfigResource, set[Node]] = {}
    made: dict[Node, set[ConfigResource]] = {}
    for address, found in state.resources.items():
        path = path_of(address.module)
        node = Node(Kind.RESOURCE, path, str(address.resource))
        if node not in graph.needs:
            node = Node(Kind.ORPHAN, path, address.text)
        by_address.setdefault(ConfigResource(path, address.resource), set()).add(node)
        objects = [one.current for one in found.instances.values() if one.current is not None]
        made.setdefault(node, set()).update(*(one.dependencies for one in objects))
    return {
        node: set[Node]().union(*(by_address.get(name, set()) for name in names))
        for node, names in made.items()
    }


def _drop_unused_providers(graph: VisitGraph) -> None:
    """Leave out provider blocks that no resource uses: configuring them may cost or fail."""
    used = {n for node, needed in graph.needs.items() if node.kind in _USERS for n in needed}
    unused = {n for n in graph.needs if n.kind is Kind.PROVIDER and n not in used}
    if not unused:
        return
    graph.needs = {n: needed - unused for n, needed in graph.needs.items() if n not in unused}
