"""Changes that people make to a state by hand: moving, removing, finding by address.  Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cotta.addrs.resources import (
    AbsResource,
    AbsResourceInstance,
    ConfigResource,
    ModuleInstance,
    instance_order,
    path_of,
    render_module,
)
from cotta.states.journal import ObjectRemoved, apply_step
from cotta.states.model import State, StoredInstance, StoredResource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.addrs.parse import Target
    from cotta.states.model import StoredObject


class EditError(Exception):
    """A change can't be made: Terraform's summary, and why."""

    def __init__(self, summary: str, detail: str) -> None:
        super().__init__(summary, detail)
        self.summary = summary
        self.detail = detail


def instances_of(state: State) -> list[AbsResourceInstance]:
    """Return the addresses of all instances, in the order in which they are listed."""
    found = [
        resource.address.instance(key)
        for resource in state.resources.values()
        for key in resource.instances
    ]
    return sorted(found, key=instance_order)


def resource_order(resource: StoredResource) -> tuple[object, ...]:
    """Return a key that sorts resources as they are listed."""
    return instance_order(resource.address.instance(None))


def covers(target: Target, address: AbsResourceInstance) -> bool:
    """Say whether an instance is what `target` names, or in it.

    A module named without a key covers all its instances.
    """
    if isinstance(target, AbsResourceInstance):
        return target == address
    if isinstance(target, AbsResource):
        return target == address.of
    return len(address.module) >= len(target) and all(
        wanted.name == step.name and wanted.key in (None, step.key)
        for wanted, step in zip(target, address.module, strict=False)
    )


def select(state: State, target: Target) -> list[AbsResourceInstance]:
    """Return the addresses of the instances that `target` covers, in order."""
    return [address for address in instances_of(state) if covers(target, address)]


def remove(state: State, address: AbsResourceInstance) -> None:
    """Forget an instance with all its objects."""
    instance = state.resources[address.of].instances[address.key]
    for key in ["", *instance.deposed]:
        apply_step(state, ObjectRemoved(address, key))


def move(state: State, source: Target, target: Target) -> None:
    """Move a module, a resource or an instance; raise `EditError` if that is impossible.

    Objects made after what is moved are still known to be: Terraform forgets
    that, and would then destroy in any order.
    """
    before = {resource.address.config for resource in state.resources.values()}
    moved = {address.of.config for address in select(state, source)}
    _move(state, source, target)
    now = {resource.address.config for resource in state.resources.values()}
    _follow(state, moved, gone=before - now, target=target, depth=_depth(source))


def _depth(source: Target) -> int:
    return len(source) if isinstance(source, tuple) else 0


def _follow(
    state: State,
    moved: set[ConfigResource],
    *,
    gone: set[ConfigResource],
    target: Target,
    depth: int,
) -> None:
    """Name what was moved by its new block among the dependencies of all objects."""
    named = {block: _moved_block(block, target, depth) for block in moved}

    def renamed(stored: StoredObject) -> StoredObject:
        if named.keys().isdisjoint(stored.dependencies):
            return stored
        blocks = set(stored.dependencies)
        blocks |= {named[block] for block in moved & blocks}
        blocks -= gone
        return replace(stored, dependencies=tuple(sorted(blocks, key=str)))

    for resource in state.resources.values():
        for instance in resource.instances.values():
            if instance.current is not None:
                instance.current = renamed(instance.current)
            for key, stored in instance.deposed.items():
                instance.deposed[key] = renamed(stored)


def _moved_block(block: ConfigResource, target: Target, depth: int) -> ConfigResource:
    if isinstance(target, tuple):
        return ConfigResource(path_of(target) + block.module[depth:], block.resource)
    return target.of.config if isinstance(target, AbsResourceInstance) else target.config


def _move(state: State, source: Target, target: Target) -> None:
    if isinstance(source, tuple) and isinstance(target, tuple):
        _move_module(state, source, target)
    elif isinstance(source, tuple):
        raise _bad_target(source, target, "the target must also be a module")
    elif isinstance(target, tuple):
        raise _bad_target(source, target, "the target must also be a resource instance")
    elif isinstance(source, AbsResource) and source in state.resources:
        _move_resource(state, source, target)
    else:
        _move_instance(state, source, target)


def move_between(state: State, other: State, source: Target, target: Target) -> None:
    """Move from one state to another; raise `EditError` if that is impossible."""
    moving = State()
    for address in select(state, source):
        instance = state.resources[address.of].instances[address.key]
        instance = StoredInstance(instance.current, dict(instance.deposed))
        stored = moving.resources.setdefault(
            address.of, StoredResource(address.of, state.resources[address.of].provider)
        )
        stored.instances[address.key] = instance
        remove(state, address)
    if not moving.resources:
        raise _no_source(source)
    if render(source) != render(target):
        move(moving, source, target)
    for resource in moving.resources.values():
        there = other.resources.setdefault(
            resource.address, StoredResource(resource.address, resource.provider)
        )
        if not there.instances.keys().isdisjoint(resource.instances):
            raise _bad_target(source, target, "there is already something at that address")
        there.instances.update(resource.instances)


def _bad_target(source: object, target: object, why: str) -> EditError:
    return EditError(
        "Invalid target address", f"Can't move {render(source)} to {render(target)}: {why}."
    )


def render(target: object) -> str:
    """Return what a target is called."""
    return render_module(target) if isinstance(target, tuple) else str(target)


def _no_source(source: object) -> EditError:
    return EditError(
        "Invalid source address",
        f"Can't move {render(source)}: nothing in the state has this address.",
    )


def _inside(state: State, module: ModuleInstance) -> Iterator[StoredResource]:
    for resource in state.resources.values():
        if resource.address.module[: len(module)] == module:
            yield resource


def _move_module(state: State, source: ModuleInstance, target: ModuleInstance) -> None:
    moving = list(_inside(state, source))
    if not moving:
        raise _no_source(source)
    if any(_inside(state, target)):
        raise _bad_target(source, target, "there is already a module at that address")
    for resource in moving:
        old = resource.address
        new = AbsResource(target + old.module[len(source) :], old.resource)
        del state.resources[old]
        state.resources[new] = StoredResource(new, resource.provider, resource.instances)


def _move_resource(
    state: State, source: AbsResource, target: AbsResource | AbsResourceInstance
) -> None:
    resource = state.resources[source]
    if isinstance(target, AbsResourceInstance):
        # The one instance without a key may be meant.
        if list(resource.instances) == [None]:
            _move_instance(state, source, target)
            return
        raise _bad_target(
            source, target, "a whole resource is moved, so the target must be one too"
        )
    _check_types(source, target)
    if target in state.resources:
        raise _bad_target(source, target, "there is already a resource at that address")
    del state.resources[source]
    state.resources[target] = StoredResource(target, resource.provider, resource.instances)


def _check_types(source: AbsResource, target: AbsResource) -> None:
    one, other = source.resource, target.resource
    if (one.mode, one.type) != (other.mode, other.type):
        raise EditError(
            "Invalid state move request",
            f"Can't move {source} to {target}: the types of the resources differ.",
        )


def _move_instance(
    state: State,
    source: AbsResource | AbsResourceInstance,
    target: AbsResource | AbsResourceInstance,
) -> None:
    old = source if isinstance(source, AbsResourceInstance) else source.instance(None)
    new = target if isinstance(target, AbsResourceInstance) else target.instance(None)
    resource = state.resources.get(old.of)
    if resource is None or old.key not in resource.instances:
        raise _no_source(source)
    _check_types(old.of, new.of)
    there = state.resources.get(new.of)
    if there is not None and new.key in there.instances:
        raise _bad_target(source, target, "there is already a resource instance at that address")
    instance = resource.instances.pop(old.key)
    if not resource.instances:
        del state.resources[old.of]
    there = state.resources.get(new.of)
    if there is None:
        there = state.resources[new.of] = StoredResource(new.of, resource.provider)
    there.instances[new.key] = instance
