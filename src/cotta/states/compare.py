"""States compared and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.states.model import State, StoredInstance, StoredResource
from cotta.values.json_text import write_json
from cotta.values.value import same, unmark_deep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.states.model import StoredObject, StoredOutput


def copy_state(state: State) -> State:
    """Return a state that is changed without changing this one; objects are shared."""
    resources = {
        address: StoredResource(
            resource.address,
            resource.provider,
            {
                key: StoredInstance(instance.current, dict(instance.deposed))
                for key, instance in resource.instances.items()
            },
        )
        for address, resource in state.resources.items()
    }
    return State(resources, dict(state.outputs), state.checks)


def same_state(left: State, right: State) -> bool:
    """Say whether two states hold the same, in whatever order.

    Cheap where they share objects, as a state and its copy do.
    """
    return (
        left.resources.keys() == right.resources.keys()
        and left.outputs.keys() == right.outputs.keys()
        and all(
            _same_resource(resource, right.resources[address])
            for address, resource in left.resources.items()
        )
        and all(_same_output(one, right.outputs[name]) for name, one in left.outputs.items())
        and _checks(left) == _checks(right)
    )


def _same_resource(left: StoredResource, right: StoredResource) -> bool:
    return (
        left.provider == right.provider
        and left.instances.keys() == right.instances.keys()
        and all(
            _same_instance(instance, right.instances[key])
            for key, instance in left.instances.items()
        )
    )


def _same_instance(left: StoredInstance, right: StoredInstance) -> bool:
    return _same_object(left.current, right.current) and _same_all(left.deposed, right.deposed)


def _same_all(left: Mapping[str, StoredObject], right: Mapping[str, StoredObject]) -> bool:
    return left.keys() == right.keys() and all(
        _same_object(stored, right[key]) for key, stored in left.items()
    )


def _same_object(left: StoredObject | None, right: StoredObject | None) -> bool:
    if left is right:
        return True
    if left is None or right is None:
        return False
    return (
        left.attributes == right.attributes
        # To Python, true equals 1.
        and write_json(left.attributes) == write_json(right.attributes)
        and left.schema_version == right.schema_version
        and left.private == right.private
        and left.status is right.status
        and left.create_before_destroy == right.create_before_destroy
        and left.is_flat == right.is_flat
        and set(left.sensitive) == set(right.sensitive)
        and set(left.dependencies) == set(right.dependencies)
    )


def _same_output(left: StoredOutput, right: StoredOutput) -> bool:
    return left.is_sensitive == right.is_sensitive and same(
        unmark_deep(left.value)[0], unmark_deep(right.value)[0]
    )


def _checks(state: State) -> dict[tuple[str, str], object]:
    return {
        (check.kind, check.address): (check.status, frozenset(check.objects))
        for check in state.checks
    }
