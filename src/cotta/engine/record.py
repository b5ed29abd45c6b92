"""What a plan walk writes down: changes, drift, and the state after reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotta.addrs.resources import instance_order
from cotta.states.model import State, StoredInstance, StoredResource

if TYPE_CHECKING:
    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResourceInstance
    from cotta.plans.changes import ResourceChange
    from cotta.states.model import StoredObject


def set_object(
    state: State,
    address: AbsResourceInstance,
    provider: ProviderConfig,
    stored: StoredObject | None,
    deposed: str = "",
) -> None:
    """Put an object into a state, or take it out; what is empty then goes too."""
    resource = state.resources.get(address.of)
    if resource is None:
        if stored is None:
            return
        resource = state.resources[address.of] = StoredResource(address.of, provider)
    instance = resource.instances.get(address.key)
    if instance is None:
        if stored is None:
            return
        instance = resource.instances[address.key] = StoredInstance()
    if stored is not None:
        resource.provider = provider
    if not deposed:
        instance.current = stored
    elif stored is None:
        instance.deposed.pop(deposed, None)
    else:
        instance.deposed[deposed] = stored
    if instance.current is None and not instance.deposed:
        del resource.instances[address.key]
        if not resource.instances:
            del state.resources[address.of]


@dataclass(slots=True)
class Record:
    """The changes of one plan, as they are found."""

    prior: State
    changes: dict[tuple[AbsResourceInstance, str], ResourceChange] = field(default_factory=dict)
    drift: list[ResourceChange] = field(default_factory=list)

    def add(self, change: ResourceChange) -> None:
        """Write down what happens to an object."""
        self.changes[change.address, change.deposed] = change

    def sorted_changes(self) -> tuple[ResourceChange, ...]:
        """Return the changes in the order in which plans list them."""
        return tuple(sorted(self.changes.values(), key=_order))

    def sorted_drift(self) -> tuple[ResourceChange, ...]:
        """Return the drift in that order too."""
        return tuple(sorted(self.drift, key=_order))


def _order(change: ResourceChange) -> tuple[object, ...]:
    address = change.address
    return (len(address.module), instance_order(address), change.deposed)
