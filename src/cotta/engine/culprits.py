"""From an expression to the change behind it: by which references, and where they are written.

An expression that mentions `local.a` leads, through the local value, to the
resource that changes.  What each local, variable, output and module leads to
is found once, needs first, so the whole is linear in the references.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import AbsResource, path_of
from cotta.engine.dependencies import arguments_of, targets
from cotta.engine.nodes import Kind, Node
from cotta.hcl.ast import AttributeStep, IndexStep
from cotta.hcl.references import variables_in
from cotta.plans.changes import Action
from cotta.values.value import ObjectValue, is_null, same, unmark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cotta.addrs.resources import AbsResourceInstance, InstanceKey
    from cotta.configs.model import Configuration
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Expression, Variable
    from cotta.plans.changes import ResourceChange
    from cotta.values.value import Value

# Where a reference names no instance: all are meant.
ALL: Final = object()


@dataclass(frozen=True, slots=True)
class Suspects:
    """The changes that one reference to a resource may stand for; never none.

    `is_drift` says that they were found, and are none of this plan's.
    """

    changes: Mapping[str, ResourceChange]
    is_drift: bool = False

    def nearest(self, address: AbsResourceInstance) -> ResourceChange:
        """Return the change of the same module and key as `address`, or else the first."""
        first = next(iter(self.changes.values()))
        near = AbsResource(address.module, first.address.resource)
        found = self.changes.get(near.instance(address.key).text)
        return found or self.changes.get(near.text) or first


@dataclass(frozen=True, slots=True)
class Trail:
    """A reference as it is written, and the changes behind it.

    `end` is the reference that names the resource itself, the same one if
    there is nothing between; `length` is how many references there are.
    """

    text: str
    place: SourceRange
    suspects: Suspects
    end: tuple[str, SourceRange]
    length: int = 1


class Culprits:
    """Finds the change behind an expression."""

    def __init__(
        self,
        root: Configuration,
        needs: Mapping[Node, Iterable[Node]],
        order: Sequence[Node],
        changes: Iterable[ResourceChange],
        drift: Iterable[ResourceChange],
    ) -> None:
        self._root = root
        self._changes = _by_block(changes)
        self._drift = _by_block(drift)
        self._suspects: dict[tuple[Node, object, str], Suspects | None] = {}
        self._trails: dict[Node, Trail] = {}
        for node in order:
            if node.kind not in _RESOURCES:
                trail = self._trail_of(node, needs)
                if trail is not None:
                    self._trails[node] = trail

    def find(
        self, here: Configuration, expression: Expression, bound: frozenset[str] = frozenset()
    ) -> Trail | None:
        """Return the first reference of an expression that leads to a change; None if none does."""
        for traversal in variables_in(expression):
            if traversal.name not in bound:
                trail = self.follow(here, traversal)
                if trail is not None:
                    return trail
        return None

    def follow(self, here: Configuration, traversal: Variable) -> Trail | None:
        """Return what a reference leads to; None if no change is behind it."""
        for node in targets(here, traversal):
            text = traversal.range.text
            if node.kind is Kind.RESOURCE:
                key, attribute = _inside(traversal)
                suspects = self._suspected(node, key, attribute)
                if suspects is not None:
                    return Trail(text, traversal.range, suspects, (text, traversal.range))
            elif node in self._trails:
                rest = self._trails[node]
                return Trail(text, traversal.range, rest.suspects, rest.end, rest.length + 1)
        return None

    def _trail_of(self, node: Node, needs: Mapping[Node, Iterable[Node]]) -> Trail | None:
        """Return what a node that is no resource leads to; its needs have been asked before."""
        if node.kind is Kind.MODULE:
            for needed in sorted(needs.get(node, ())):
                if needed.kind is Kind.RESOURCE:
                    suspects = self._suspected(needed, ALL, "")
                    here = self._root.descendant(needed.path)
                    if suspects is not None and here is not None:
                        resource = next(iter(suspects.changes.values())).address.resource
                        block = here.module.resources[resource]
                        return Trail(str(needed), block.range, suspects, (str(needed), block.range))
                elif needed in self._trails:
                    return self._trails[needed]
            return None
        for here, expression in self._expressions(node):
            trail = self.find(here, expression)
            if trail is not None:
                return trail
        return None

    def _expressions(self, node: Node) -> Iterator[tuple[Configuration, Expression]]:
        """Iterate over what gives a node its value, and the modules in which that stands."""
        here = self._root.descendant(node.path)
        if here is None:
            return
        match node.kind:
            case Kind.LOCAL:
                yield here, here.module.locals[node.name].expression
            case Kind.OUTPUT:
                yield here, here.module.outputs[node.name].expression
            case Kind.CALL:
                call = here.module.calls[node.name]
                for expression in (call.count, call.for_each):
                    if expression is not None:
                        yield here, expression
            case Kind.VARIABLE if node.path:
                parent = self._root.descendant(node.path[:-1])
                if parent is not None:
                    body = parent.module.calls[node.path[-1]].body
                    argument = arguments_of(body).get(node.name)
                    if argument is not None:
                        yield parent, argument

    def _suspected(self, node: Node, key: object, attribute: str) -> Suspects | None:
        """Return the changes of a block's instances that change what a reference means."""
        asked = (node, key, attribute)
        if asked not in self._suspects:
            found = _changing(self._changes.get(node, ()), key, attribute)
            drifted = {} if found else _changing(self._drift.get(node, ()), key, attribute)
            suspects = Suspects(found or drifted, is_drift=not found)
            self._suspects[asked] = suspects if found or drifted else None
        return self._suspects[asked]


_RESOURCES: Final = frozenset({Kind.RESOURCE, Kind.ORPHAN})


def block_node(change: ResourceChange) -> Node:
    """Return the node of the block that a changed object belongs to."""
    address = change.address
    return Node(Kind.RESOURCE, path_of(address.module), str(address.resource))


def _by_block(changes: Iterable[ResourceChange]) -> dict[Node, list[ResourceChange]]:
    found: dict[Node, list[ResourceChange]] = {}
    for change in changes:
        if change.action is not Action.NO_OP and not change.deposed:
            found.setdefault(block_node(change), []).append(change)
    return found


def _changing(
    changes: Iterable[ResourceChange], key: object, attribute: str
) -> dict[str, ResourceChange]:
    found = [
        change
        for change in changes
        if (key is ALL or change.address.key == key) and _changes(change, key, attribute)
    ]
    if key is ALL and not attribute:
        # What comes and goes changes the whole for certain, an update perhaps.
        found.sort(key=lambda change: change.action is Action.UPDATE)
    return {change.address.text: change for change in found}


def _changes(change: ResourceChange, key: object, attribute: str) -> bool:
    if change.action in (Action.DELETE, Action.FORGET):
        # What no instance is named by is as many as there are.
        return key is ALL
    return not attribute or attribute in changed_attributes(change.before, change.after)


def changed_attributes(before: Value, after: Value) -> list[str]:
    """Return the names of the attributes in which two objects differ, in the schema's order."""
    before, after = unmark(before)[0], unmark(after)[0]
    if not isinstance(after, ObjectValue):
        return []
    if is_null(before) or not isinstance(before, ObjectValue):
        return list(after.attributes)
    return [
        name
        for name, value in after.attributes.items()
        if name not in before.attributes or not same(before.attributes[name], value)
    ]


def _inside(traversal: Variable) -> tuple[InstanceKey | object, str]:
    """Return which instance and which attribute of a resource a reference means."""
    taken = 2 if traversal.name in ("data", "ephemeral", "resource") else 1
    steps = list(traversal.steps[taken:])
    key: InstanceKey | object = ALL
    if steps and isinstance(steps[0], IndexStep):
        step = steps.pop(0)
        if isinstance(step, IndexStep) and isinstance(step.key, str | int):
            key = step.key
    first = steps[0] if steps else None
    return key, first.name if isinstance(first, AttributeStep) else ""
