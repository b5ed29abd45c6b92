"""Directed graphs: cycles, order, reversal, reduction.

An edge leads from a node to what it needs, so an order lists needs first.
Everything is iterative and linear in nodes and edges, except `reduced`, and
every answer is the same for graphs made in the same order.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping

N = TypeVar("N", bound="Hashable")


class CycleError(Exception, Generic[N]):
    """Nodes need one another; each of `cycles` is a set of nodes that all do."""

    def __init__(self, cycles: list[tuple[N, ...]]) -> None:
        super().__init__(cycles)
        self.cycles = cycles


class Graph(Generic[N]):
    """Nodes, in the order in which they were first mentioned, and what each needs."""

    __slots__ = ("_needs",)

    def __init__(self, needs: Mapping[N, Iterable[N]]) -> None:
        self._needs: dict[N, tuple[N, ...]] = {}
        for node, needed in needs.items():
            self._needs[node] = tuple(dict.fromkeys(needed))
        for needed in list(self._needs.values()):
            for node in needed:
                self._needs.setdefault(node, ())

    def __iter__(self) -> Iterator[N]:
        return iter(self._needs)

    def __len__(self) -> int:
        return len(self._needs)

    def __contains__(self, node: object) -> bool:
        return node in self._needs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Graph):
            return NotImplemented
        mine = {node: set(needs) for node, needs in self._needs.items()}
        return mine == {node: set(other.needs(node)) for node in other}

    __hash__ = None  # type: ignore[assignment]  # equal by content, and content is large

    def __repr__(self) -> str:
        return f"Graph({self._needs!r})"

    def needs(self, node: N) -> tuple[N, ...]:
        """Return what `node` needs directly."""
        return self._needs[node]

    def edges(self) -> Iterator[tuple[N, N]]:
        """Yield every (node, what it needs)."""
        for node, needs in self._needs.items():
            for needed in needs:
                yield node, needed

    def reversed(self) -> Graph[N]:
        """Return the graph in which every node needs what needed it."""
        turned: dict[N, list[N]] = {node: [] for node in self._needs}
        for node, needed in self.edges():
            turned[needed].append(node)
        return Graph(turned)

    def reachable(self, starts: Iterable[N]) -> set[N]:
        """Return `starts` and everything they need, directly or not."""
        seen = set(starts)
        pending = list(seen)
        while pending:
            for needed in self._needs[pending.pop()]:
                if needed not in seen:
                    seen.add(needed)
                    pending.append(needed)
        return seen

    def only(self, nodes: Collection[N]) -> Graph[N]:
        """Return the graph of those `nodes`, with the edges between them."""
        return Graph(
            {
                node: [needed for needed in needs if needed in nodes]
                for node, needs in self._needs.items()
                if node in nodes
            }
        )

    def topological_order(self) -> list[N]:
        """Return the nodes so that each follows what it needs.

        A node stands no later than the first that needs it requires, so a
        graph that was made in a valid order keeps it.  Raises `CycleError`.
        """
        order = self._postorder()
        place = {node: index for index, node in enumerate(order)}
        if any(place[needed] >= place[node] for node, needed in self.edges()):
            raise CycleError(self.cycles())
        return order

    def components(self) -> list[tuple[N, ...]]:
        """Return the strongly connected components, needs first (Kosaraju's way).

        A node that is in no cycle is a component of its own.  Inside one the
        order is that of the graph.
        """
        place = {node: index for index, node in enumerate(self._needs)}
        seen: set[N] = set()
        components = []
        for root in reversed(self.reversed()._postorder()):
            if root in seen:
                continue
            seen.add(root)
            members = [root]
            for node in members:  # grows while it is walked
                for needed in self._needs[node]:
                    if needed not in seen:
                        seen.add(needed)
                        members.append(needed)
            components.append(tuple(sorted(members, key=place.__getitem__)))
        return components

    def cycles(self) -> list[tuple[N, ...]]:
        """Return the components whose nodes need one another or themselves."""
        return [
            component
            for component in self.components()
            if len(component) > 1 or component[0] in self._needs[component[0]]
        ]

    def loop_through(self, node: N) -> tuple[N, ...] | None:
        """Return a shortest way (node, a need, a need of that, …) that leads back to `node`."""
        came_from: dict[N, N] = {}
        pending = deque([node])
        while pending:
            current = pending.popleft()
            for needed in self._needs[current]:
                if needed == node:
                    way = [current]
                    while way[-1] != node:
                        way.append(came_from[way[-1]])
                    return tuple(reversed(way))
                if needed not in came_from:
                    came_from[needed] = current
                    pending.append(needed)
        return None

    def reduced(self) -> Graph[N]:
        """Return the fewest edges with which everybody still comes after its needs.

        Raises `CycleError`.  An edge goes when another way leads to the same
        node; looking for that way is near nothing in the graphs of
        configurations, and nodes times edges at worst.
        """
        depth: dict[N, int] = {}
        for node in self.topological_order():
            depth[node] = 1 + max((depth[needed] for needed in self._needs[node]), default=0)
        shared = {node for node, users in self.reversed()._needs.items() if len(users) > 1}
        return Graph({node: self._indispensable(node, depth, shared) for node in self._needs})

    def _indispensable(self, node: N, depth: Mapping[N, int], shared: set[N]) -> tuple[N, ...]:
        """Return the needs of `node` that none of its other needs leads to.

        A way only descends, so it can't lead to the deepest needs, and needn't
        be followed below the shallowest; nor can it lead to a need of `node`
        alone.  Near ways are tried first, as most shared needs are found there.
        """
        needs = self._needs[node]
        deepest = max((depth[needed] for needed in needs), default=0)
        wanted = {needed for needed in needs if needed in shared and depth[needed] < deepest}
        floor = min((depth[needed] for needed in wanted), default=0)
        seen = set(needs)
        pending = deque(needs)
        dispensable = set()
        while wanted and pending:
            for below in self._needs[pending.popleft()]:
                if below in wanted:
                    wanted.discard(below)
                    dispensable.add(below)
                if below not in seen and depth[below] > floor:
                    seen.add(below)
                    pending.append(below)
        return tuple(needed for needed in needs if needed not in dispensable)

    def _postorder(self) -> list[N]:
        """Return the nodes in the order in which a depth-first walk leaves them."""
        order: list[N] = []
        seen: set[N] = set()
        for root in self._needs:
            if root in seen:
                continue
            seen.add(root)
            path = [(root, iter(self._needs[root]))]
            while path:
                node, pending = path[-1]
                for needed in pending:
                    if needed not in seen:
                        seen.add(needed)
                        path.append((needed, iter(self._needs[needed])))
                        break
                else:
                    path.pop()
                    order.append(node)
        return order
