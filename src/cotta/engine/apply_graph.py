"""The graph of an apply: who waits for whom when the objects of a plan change.

    act      create, change or read one object
    destroy  end one object

Acts wait for what their block refers to, and for the ends of what stands on top
of it or will: nothing is changed under an object that is about to go.  Ends
come in reverse: an object ends after everything that was made on top of it has
ended.  A replaced object ends before the new one is made, or, with
create_before_destroy, after it is made and everything that used the old one has
moved on.

All edges go through a node per resource rather than between its instances, so
the graph is linear in what it describes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotta.addrs.resources import path_of
from cotta.engine.nodes import Kind, Node
from cotta.graphs import Graph
from cotta.plans.changes import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cotta.addrs.resources import ConfigResource
    from cotta.plans.changes import ResourceChange
    from cotta.states.model import State, StoredObject

_ENDING = frozenset(
    {Action.DELETE, Action.FORGET, Action.DELETE_THEN_CREATE, Action.CREATE_THEN_DELETE}
)
_ACTING = frozenset(
    {
        Action.CREATE,
        Action.UPDATE,
        Action.READ,
        Action.DELETE_THEN_CREATE,
        Action.CREATE_THEN_DELETE,
    }
)
# Acts that don't wait for an end of their own object.
_MAKING = frozenset({Action.CREATE, Action.UPDATE, Action.CREATE_THEN_DELETE})


@dataclass(slots=True)
class ApplyGraph:
    """What each node needs, and the change that each act or end carries out."""

    needs: dict[Node, set[Node]]
    changes: dict[Node, ResourceChange] = field(default_factory=dict)

    def connect(self, node: Node, needed: Node) -> None:
        """Let `node` need `needed`."""
        self.needs.setdefault(node, set()).add(needed)
        self.needs.setdefault(needed, set())


def block_node(change: ResourceChange) -> Node:
    """Return the node of the block that a changed object belongs to."""
    address = change.address
    return Node(Kind.RESOURCE, path_of(address.module), str(address.resource))


def act_node(change: ResourceChange) -> Node:
    """Return the node that makes, changes or reads an object."""
    return Node(Kind.ACT, (), change.address.text)


def destroy_node(change: ResourceChange) -> Node:
    """Return the node that ends an object; a deposed one has its key in the name."""
    name = change.address.text
    return Node(Kind.DESTROY, (), f"{name} (deposed {change.deposed})" if change.deposed else name)


def make_apply_graph(
    configuration_needs: Mapping[Node, set[Node]],
    nearest: Mapping[Node, frozenset[Node]],
    changes: Iterable[ResourceChange],
    prior: State,
) -> ApplyGraph:
    """Return the graph of an apply, given that of the configuration.

    `nearest` has, for each node, the resources it needs directly.  Where the flags that the state
    keeps contradict one another, those of objects that are only destroyed do not count.
    """
    changes = tuple(changes)

    def draw(*, flags_count: bool) -> _Drawing:
        graph = ApplyGraph({node: set(needed) for node, needed in configuration_needs.items()})
        drawing = _Drawing(graph, prior, flags_count)
        drawing.add(changes)
        drawing.order(nearest)
        return drawing

    drawing = draw(flags_count=True)
    if drawing.early and drawing.late and Graph(drawing.graph.needs).cycles():
        drawing = draw(flags_count=False)
    return drawing.graph


@dataclass(slots=True)
class _Drawing:
    graph: ApplyGraph
    prior: State
    # Whether an object that nothing declares any more ends late if the state says so.  States have
    # lost the flag on the way (terraform loses it on updates); then what it says makes a circle.
    flags_count: bool
    # Ends of each block, those of objects that are replaced later (create first) apart.
    early: dict[Node, list[ResourceChange]] = field(default_factory=dict)
    late: dict[Node, list[ResourceChange]] = field(default_factory=dict)
    acts: dict[Node, list[ResourceChange]] = field(default_factory=dict)

    def add(self, changes: Iterable[ResourceChange]) -> None:
        for change in changes:
            if change.action in _ACTING:
                self.add_act(change)
            if change.action in _ENDING:
                self.add_end(change)

    def order(self, nearest: Mapping[Node, frozenset[Node]]) -> None:
        self.order_ends()
        self.order_moves(nearest)
        self.order_acts(nearest)

    def add_act(self, change: ResourceChange) -> None:
        graph, block, act = self.graph, block_node(change), act_node(change)
        expand = block._replace(kind=Kind.EXPAND)
        if expand not in graph.needs:
            graph.needs[expand] = graph.needs.get(block, set())
            graph.needs[block] = {expand}
        graph.connect(act, expand)
        graph.connect(block, act)
        graph.changes[act] = change
        self.acts.setdefault(block, []).append(change)

    def add_end(self, change: ResourceChange) -> None:
        graph, block, end = self.graph, block_node(change), destroy_node(change)
        is_late = change.action is Action.CREATE_THEN_DELETE or bool(change.deposed)
        if change.action is Action.DELETE and not change.deposed:
            stored = self.stored(change)
            is_late = self.flags_count and stored is not None and stored.create_before_destroy
        (self.late if is_late else self.early).setdefault(block, []).append(change)
        graph.connect(end, block._replace(kind=Kind.BEFORE_DESTROY))
        graph.connect(block._replace(kind=Kind.DESTROYED), end)
        provider = change.provider
        graph.connect(end, Node(Kind.PROVIDER, provider.module, str(provider)))
        graph.changes[end] = change
        act = act_node(change)
        if change.action is Action.DELETE_THEN_CREATE:
            graph.connect(act, end)
        elif is_late and act in graph.needs:
            graph.connect(end, act)

    def order_ends(self) -> None:
        """Let every end wait for the ends of what was made on top of it."""
        for ends in (self.early, self.late):
            for block, changes in ends.items():
                done = block._replace(kind=Kind.DESTROYED)
                for below in self._stored_needs(changes):
                    if below != block and (below in self.early or below in self.late):
                        self.graph.connect(below._replace(kind=Kind.BEFORE_DESTROY), done)

    def order_moves(self, nearest: Mapping[Node, frozenset[Node]]) -> None:
        """Let acts wait for early ends below them, and late ends for the acts above them."""
        for block, changes in self.acts.items():
            below = set(self._stored_needs(changes))
            for needed in below:
                if needed in self.early and needed != block:
                    for change in changes:
                        if change.action is not Action.CREATE:
                            for end in self.early[needed]:
                                if end.action is Action.DELETE:
                                    self.graph.connect(act_node(change), destroy_node(end))
            for needed in below | nearest.get(block, frozenset()):
                if needed in self.late and needed != block:
                    before = needed._replace(kind=Kind.BEFORE_DESTROY)
                    if needed not in self.early:
                        self.graph.connect(before, block)
                    else:
                        for end in self.late[needed]:
                            self.graph.connect(destroy_node(end), block)

    def order_acts(self, nearest: Mapping[Node, frozenset[Node]]) -> None:
        """Let acts wait for the early ends above them, by the state and by the configuration.

        By the configuration an object that is replaced stands on what its block needs, near and
        far.  Terraform orders them so too, also where the object that acts is created first.
        """
        cleared: dict[Node, set[Node]] = {}
        replaced: dict[Node, set[Node]] = {}
        for block, changes in self.early.items():
            ending = [change for change in changes if change.action is not Action.FORGET]
            for below in self._stored_needs(ending):
                cleared.setdefault(below, set()).update(map(destroy_node, ending))
            again = [one for one in ending if one.action is Action.DELETE_THEN_CREATE]
            if again:
                replaced[block] = set(map(destroy_node, again))
        _clear_below(replaced, nearest, cleared)
        for block, needed in cleared.items():
            node = block._replace(kind=Kind.CLEARED)
            self.graph.needs.setdefault(node, set()).update(needed)
            for change in self.acts.get(block, ()):
                if change.action in _MAKING:
                    self.graph.connect(act_node(change), node)

    def stored(self, change: ResourceChange) -> StoredObject | None:
        """Return the object that a change ends."""
        resource = self.prior.resources.get(change.address.of)
        instance = resource.instances.get(change.address.key) if resource is not None else None
        if instance is None:
            return None
        return instance.deposed.get(change.deposed) if change.deposed else instance.current

    def _stored_needs(self, changes: Iterable[ResourceChange]) -> dict[Node, None]:
        """Return the blocks that the objects were made on top of, as the state remembers."""
        found: dict[Node, None] = {}
        seen: set[ConfigResource] = set()
        for change in changes:
            stored = self.stored(change)
            if stored is None:
                continue
            for dependency in stored.dependencies:
                if dependency not in seen:
                    seen.add(dependency)
                    found[Node(Kind.RESOURCE, dependency.module, str(dependency.resource))] = None
        return found


def _clear_below(
    ends: Mapping[Node, set[Node]],
    nearest: Mapping[Node, frozenset[Node]],
    cleared: dict[Node, set[Node]],
) -> None:
    """Let everything below blocks wait for their ends, from one resource to the next below."""
    waiting, seen = list(ends), set(ends)
    while waiting:
        for below in nearest.get(waiting.pop(), ()):
            cleared.setdefault(below, set())
            if below not in seen:
                seen.add(below)
                waiting.append(below)
    for above in seen:
        for below in nearest.get(above, ()):
            cleared[below].update(ends.get(above, ()))
            if above in cleared:
                cleared[below].add(above._replace(kind=Kind.CLEARED))
