"""`moved` blocks, and the moves that count and for_each imply: new addresses for old objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotta.addrs.resources import (
    AbsResource,
    AbsResourceInstance,
    Mode,
    ModuleStep,
    Resource,
    path_of,
    render_module,
)
from cotta.hcl.ast import AttributeStep, IndexStep
from cotta.states.model import State, StoredResource

if TYPE_CHECKING:
    from cotta.addrs.resources import InstanceKey, ModuleInstance
    from cotta.configs.model import Configuration, Moved
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Variable


@dataclass(slots=True)
class Moves:
    """Where objects came from: the present address to the one in the state."""

    origins: dict[AbsResourceInstance, AbsResourceInstance] = field(default_factory=dict)

    def origin(self, address: AbsResourceInstance) -> AbsResourceInstance:
        """Return where an object was before this run."""
        return self.origins.get(address, address)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One side of a `moved` block: a module call, a resource, or an instance of either.

    `has_key` says whether the last step has an instance key of its own.
    """

    module: ModuleInstance
    resource: Resource | None
    key: InstanceKey
    has_key: bool

    def __str__(self) -> str:
        if self.resource is None:
            return render_module(self.module)
        return str(AbsResource(self.module, self.resource).instance(self.key))


def parse_endpoint(traversal: Variable) -> Endpoint:
    """Return what a side of a `moved` block means, relative to its module."""
    steps = [AttributeStep(traversal.name_range, traversal.name), *traversal.steps]
    module: list[ModuleStep] = []
    at = 0
    has_key = False
    while at + 1 < len(steps) and _name(steps[at]) == "module":
        name = _name(steps[at + 1])
        at += 2
        key, has_key = _key(steps, at)
        at += has_key
        module.append(ModuleStep(name, key))
    if at >= len(steps):
        return Endpoint(tuple(module), None, None, has_key)
    mode = Mode.MANAGED
    if _name(steps[at]) == "data":
        mode, at = Mode.DATA, at + 1
    resource = Resource(mode, _name(steps[at]), _name(steps[at + 1]) if at + 1 < len(steps) else "")
    key, has_key = _key(steps, at + 2)
    return Endpoint(tuple(module), resource, key, has_key)


def _name(step: object) -> str:
    return step.name if isinstance(step, AttributeStep) else ""


def _key(steps: list[AttributeStep | IndexStep], at: int) -> tuple[InstanceKey, bool]:
    if at < len(steps):
        step = steps[at]
        if isinstance(step, IndexStep) and isinstance(step.key, str | int):
            return step.key, True
    return None, False


def make_moves(configuration: Configuration, state: State, diags: Diagnostics) -> Moves:
    """Change the addresses in `state` as the configuration says; return where things were.

    Explicit moves are followed in chains, then a resource that gained or lost
    `count` keeps its object: no key and [0] are the same one.
    """
    moves = Moves()
    statements = [
        (current.path, moved) for current in configuration.walk() for moved in current.module.moved
    ]
    for path, moved in _in_order(statements):
        source, target = parse_endpoint(moved.from_), parse_endpoint(moved.to)
        for module in _modules_in(state, path):
            _Move(state, moves, module, source, target, moved, diags).run()
    for address in state.resources:
        here = configuration.descendant(path_of(address.module))
        block = here.module.resources.get(address.resource) if here is not None else None
        if block is None or address.resource.mode is not Mode.MANAGED:
            continue
        if block.for_each is None:
            wanted: InstanceKey = 0 if block.count is not None else None
            other: InstanceKey = None if block.count is not None else 0
            _rekey(state, moves, address, other, wanted)
    return moves


def _rekey(
    state: State, moves: Moves, address: AbsResource, old: InstanceKey, new: InstanceKey
) -> None:
    instances = state.resources[address].instances
    if old not in instances or new in instances:
        return
    instances[new] = instances.pop(old)
    _remember(moves, address.instance(old), address.instance(new))


def _remember(moves: Moves, old: AbsResourceInstance, new: AbsResourceInstance) -> None:
    moves.origins[new] = moves.origins.pop(old, old)


def _in_order(
    statements: list[tuple[tuple[str, ...], Moved]],
) -> list[tuple[tuple[str, ...], Moved]]:
    """Return the statements so that of a chain a→b, b→c the first comes first."""
    waiting = list(statements)
    ordered: list[tuple[tuple[str, ...], Moved]] = []
    while waiting:
        goals = {(path, str(parse_endpoint(moved.to))) for path, moved in waiting}
        free = [one for one in waiting if (one[0], str(parse_endpoint(one[1].from_))) not in goals]
        if not free:
            ordered += waiting
            break
        ordered += free
        waiting = [one for one in waiting if one not in free]
    return ordered


def _modules_in(state: State, path: tuple[str, ...]) -> list[ModuleInstance]:
    """Return the instances of a module that the state knows; the root always."""
    if not path:
        return [()]
    found: dict[ModuleInstance, None] = {}
    for address in state.resources:
        module = address.module[: len(path)]
        if path_of(module) == path:
            found[module] = None
    return list(found)


@dataclass(slots=True)
class _Move:
    """One `moved` block in one instance of its module."""

    state: State
    moves: Moves
    base: ModuleInstance
    source: Endpoint
    target: Endpoint
    statement: Moved
    diags: Diagnostics

    def run(self) -> None:
        for address in list(self.state.resources):
            if self.source.resource is None:
                self._move_module(address)
            elif address.resource == self.source.resource:
                self._move_resource(address)

    def _move_module(self, address: AbsResource) -> None:
        old = (*self.base, *self.source.module)
        depth = len(old)
        head = address.module[:depth]
        if path_of(head) != path_of(old) or head[:-1] != old[:-1]:
            return
        if self.source.has_key and head != old:
            return
        new = (*self.base, *self.target.module)
        last = new[-1]
        if not self.source.has_key and not self.target.has_key:
            last = ModuleStep(last.name, head[-1].key)
        elif not self.source.has_key and head[-1].key is not None:
            return
        module = (*new[:-1], last, *address.module[depth:])
        self._relocate(address, AbsResource(module, address.resource))

    def _move_resource(self, address: AbsResource) -> None:
        if address.module != (*self.base, *self.source.module):
            return
        assert self.target.resource is not None
        new = AbsResource((*self.base, *self.target.module), self.target.resource)
        if not self.source.has_key and not self.target.has_key:
            self._relocate(address, new)
            return
        instances = self.state.resources[address].instances
        if self.source.key in instances:
            self._relocate_instance(
                address.instance(self.source.key), new.instance(self.target.key)
            )

    def _relocate(self, old: AbsResource, new: AbsResource) -> None:
        for key in list(self.state.resources[old].instances):
            self._relocate_instance(old.instance(key), new.instance(key))

    def _relocate_instance(self, old: AbsResourceInstance, new: AbsResourceInstance) -> None:
        resources = self.state.resources
        there = resources.get(new.of)
        if there is not None and new.key in there.instances:
            self.diags.warning(
                "Unresolved resource instance address changes",
                f"{old} can't be moved to {new}, because there is an object at that address "
                "already. It is planned at its old address, which nothing may declare any more.",
                self.statement.range,
            )
            return
        found = resources[old.of]
        instance = found.instances.pop(old.key)
        if not found.instances:
            del resources[old.of]
        if there is None:
            there = resources[new.of] = StoredResource(new.of, found.provider)
        there.instances[new.key] = instance
        _remember(self.moves, old, new)
