"""Cycles, shown with the references that make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.engine.dependencies import Dependencies
    from cotta.engine.nodes import Node
    from cotta.graphs import CycleError


def report_cycles(error: CycleError[Node], graph: Dependencies, diags: Diagnostics) -> None:
    """Say which things need one another, by which references, and where those are."""
    for members in error.cycles:
        ring = _ring(members, graph)
        lines = []
        first = None
        for node, needed in zip(ring, [*ring[1:], ring[0]], strict=True):
            place = graph.places.get((node, needed))
            where = f" ({place.file.name} line {place.first.line})" if place is not None else ""
            first = first or place
            lines.append(f"  {node} needs {needed}{where}")
        diags.error(
            "Cycle",
            "These need one another, so none of them can be first:\n"
            + "\n".join(lines)
            + "\n\nTake away one of the references.",
            first,
        )


def _ring(members: tuple[Node, ...], graph: Dependencies) -> list[Node]:
    """Return a shortest way round through some of the members."""
    inside = set(members)
    start = members[0]
    came: dict[Node, Node] = {}
    pending = [start]
    seen = {start}
    while pending:
        following: list[Node] = []
        for node in pending:
            for needed in sorted(graph.needs[node] & inside):
                if needed == start:
                    ring = [node]
                    while ring[-1] != start:
                        ring.append(came[ring[-1]])
                    return ring[::-1]
                if needed not in seen:
                    seen.add(needed)
                    came[needed] = node
                    following.append(needed)
        pending = following
    return list(members)
