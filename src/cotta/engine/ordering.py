"""Who is created before it is destroyed, and who waits for whom.

The rules are Terraform's.  A resource that something with
create_before_destroy depends on must be so too, or the new dependent would
need an object that is gone.  Objects end in the reverse of the order in which
they were made; one that is created before it is destroyed ends only when
everything that used it has moved on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.engine.nodes import Kind, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def nearest_resources(
    needs: Mapping[Node, Iterable[Node]], order: Iterable[Node]
) -> dict[Node, frozenset[Node]]:
    """Return, for every node, the resources it needs with only other things between.

    `order` lists needs first.  A provider's own needs count as the resource's.
    """
    found: dict[Node, frozenset[Node]] = {}
    nothing: frozenset[Node] = frozenset()
    for node in order:
        near: set[Node] = set()
        shared = nothing
        for needed in needs.get(node, ()):
            if needed.kind is Kind.RESOURCE:
                near.add(needed)
                continue
            if node.kind is Kind.MODULE and needed.kind is not Kind.MODULE:
                continue
            inner = found[needed]
            if inner and not shared:
                shared = inner
            elif inner:
                near |= inner
        found[node] = shared | near if near else shared
    return found


def forced_create_first(
    nearest: Mapping[Node, frozenset[Node]], order: Iterable[Node], wanted: set[Node]
) -> dict[Node, Node | None]:
    """Return the resources created before they are destroyed, and which dependent forces each.

    `wanted` are those whose own configuration says so; for them it is None.
    """
    found: dict[Node, Node | None] = dict.fromkeys(wanted)
    # Dependents first, so that the wish has reached a node before its turn.
    for node in reversed(list(order)):
        if node in found and node.kind is Kind.RESOURCE:
            for needed in nearest.get(node, ()):
                found.setdefault(needed, node)
    return found


LONGEST_CLOSURE = 500


def all_dependencies(
    nearest: Mapping[Node, frozenset[Node]], order: Iterable[Node]
) -> dict[Node, frozenset[Node]]:
    """Return every resource that each resource was made after, directly or not.

    Terraform keeps all of them in the state, which grows with the square of a
    chain's length.  Where they are more than `LONGEST_CLOSURE`, only the direct
    ones are kept: `states` hands a removed object's on to its dependents, so
    no order is lost.
    """
    found: dict[Node, frozenset[Node]] = {}
    full: set[Node] = set()
    for node in order:
        if node.kind is not Kind.RESOURCE:
            continue
        direct = nearest.get(node, frozenset())
        if any(needed in full for needed in direct):
            found[node] = direct
            full.add(node)
            continue
        everything = direct.union(*(found.get(needed, frozenset()) for needed in direct))
        if len(everything) > LONGEST_CLOSURE:
            full.add(node)
            everything = direct
        found[node] = everything
    return found
