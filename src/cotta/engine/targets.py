"""`-target`: which nodes of the graph a partial run visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.resources import AbsResource, AbsResourceInstance, path_of
from cotta.engine.nodes import Kind, Node

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.addrs.parse import Target
    from cotta.addrs.resources import ModuleInstance

_OBJECTS = frozenset({Kind.RESOURCE, Kind.ORPHAN})


def targeted(
    needs: Mapping[Node, set[Node]], targets: Sequence[Target]
) -> tuple[dict[Node, set[Node]], set[Node]]:
    """Return the part of a graph that leads to `targets`, and the nodes only they name.

    Of the latter only the targeted instances are wanted; what a target needs
    is wanted whole.  Outputs of the root that stand on this part alone stay.
    """
    wanted = [node for node in needs if any(_is_meant(node, target) for target in targets)]
    needed: set[Node] = set()
    pending = list(wanted)
    while pending:
        for one in needs[pending.pop()]:
            if one not in needed:
                needed.add(one)
                pending.append(one)
    kept = needed.union(wanted)
    for node in needs:
        if node.kind is Kind.OUTPUT and not node.path:
            reached = _reachable(node, needs)
            resources = [one for one in reached if one.kind is Kind.RESOURCE]
            if resources and all(one in kept for one in resources):
                kept |= reached
    part = {node: below & kept for node, below in needs.items() if node in kept}
    return part, set(wanted) - needed


def targeted_end(
    needs: Mapping[Node, set[Node]],
    made_after: Mapping[Node, set[Node]],
    targets: Sequence[Target],
) -> tuple[dict[Node, set[Node]], set[Node]]:
    """Return the part of a graph that ends with `targets`, and the nodes of which not all ends.

    What stands on a target ends before it, whole: by the configuration, or as
    `made_after` says of what exists.  What those need is visited, and stays.
    """
    users: dict[Node, set[Node]] = {}
    for edges in (needs, made_after):
        for node, below in edges.items():
            for one in below:
                users.setdefault(one, set()).add(node)
    wanted = [node for node in needs if any(_is_meant(node, target) for target in targets)]
    ending = set[Node]().union(*(_reachable(node, users) - {node} for node in wanted))
    kept: set[Node] = set()
    for node in {*wanted, *ending}:
        if node.kind in _OBJECTS and node not in kept:
            kept |= _reachable(node, needs)
    part = {node: below & kept for node, below in needs.items() if node in kept}
    return part, {node for node in kept if node.kind in _OBJECTS} - ending


def _is_meant(node: Node, target: Target) -> bool:
    if node.kind is Kind.RESOURCE:
        if isinstance(target, tuple):
            return node.path[: len(target)] == path_of(target)
        address = target.of if isinstance(target, AbsResourceInstance) else target
        return node.path == path_of(address.module) and node.name == str(address.resource)
    if node.kind is Kind.ORPHAN:
        if isinstance(target, tuple):
            return node.path[: len(target)] == path_of(target)
        address = target.of if isinstance(target, AbsResourceInstance) else target
        return node.name == address.text
    return False


def _reachable(node: Node, needs: Mapping[Node, set[Node]]) -> set[Node]:
    seen = {node}
    pending = [node]
    while pending:
        for needed in needs.get(pending.pop(), ()):
            if needed not in seen:
                seen.add(needed)
                pending.append(needed)
    return seen


def is_targeted(address: AbsResourceInstance, targets: Sequence[Target]) -> bool:
    """Say whether an instance is among the targets."""
    return any(_covers(target, address) for target in targets)


def _covers(target: Target, address: AbsResourceInstance) -> bool:
    if isinstance(target, AbsResourceInstance):
        return target == address or (target.key is None and target.of == address.of)
    if isinstance(target, AbsResource):
        return _is_same_resource(target, address)
    return _is_inside(address.module, target)


def _is_same_resource(target: AbsResource, address: AbsResourceInstance) -> bool:
    return target.resource == address.resource and _is_inside(address.module, target.module)


def _is_inside(module: ModuleInstance, outer: ModuleInstance) -> bool:
    """Say whether a module is `outer` or below it; a step without a key stands for all keys."""
    if len(module) < len(outer):
        return False
    return all(
        step.name == wanted.name and wanted.key in (None, step.key)
        for step, wanted in zip(module, outer, strict=False)
    )
