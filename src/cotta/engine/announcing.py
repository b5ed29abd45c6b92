"""What a provider is told before a plan reads anything: everything that it will be asked to read.

So it can read many objects with one call.  What is announced is what there is
before anything is expanded: an instance whose block is wrong is announced and
then not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.addrs.resources import Mode, path_of
from cotta.engine.nodes import Kind, Node
from cotta.engine.objects import revive
from cotta.plans.changes import PlanMode
from cotta.providers.interface import ReadRequest, errors_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cotta.addrs.providers import ProviderConfig
    from cotta.addrs.resources import AbsResource, AbsResourceInstance
    from cotta.engine.objects import Revived
    from cotta.engine.plan_context import PlanContext
    from cotta.engine.visit_graph import VisitGraph
    from cotta.providers.interface import Provider
    from cotta.states.model import StoredInstance, StoredObject

    # Which object of an instance: "" for the current one, or the key of one put aside.
    ObjectKey = tuple[AbsResourceInstance, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """An object of the state that is going to be read."""

    key: ObjectKey
    stored: StoredObject

    @property
    def type(self) -> str:
        """The name of the resource type."""
        return self.key[0].resource.type


def readings_of(
    context: PlanContext, graph: VisitGraph
) -> Mapping[ProviderConfig, Sequence[Reading]]:
    """Return what will be read of the state, by who will be asked."""
    options = context.options
    found: dict[ProviderConfig, list[Reading]] = {}
    if not options.refresh and options.mode is not PlanMode.REFRESH_ONLY:
        return found
    for address, resource in context.state.resources.items():
        if address.resource.mode is not Mode.MANAGED:
            continue
        node = Node(Kind.RESOURCE, path_of(address.module), str(address.resource))
        is_declared = context.world.has_block(node)
        if not is_declared:
            node = Node(Kind.ORPHAN, path_of(address.module), address.text)
        if node not in graph.needs or not _is_asked(context, node, address, is_declared):
            continue
        listed = found.setdefault(resource.provider, [])
        for key, instance in resource.instances.items():
            one = address.instance(key)
            if context.is_wanted(node, one):
                listed += _of_instance(one, instance, options.mode)
    return found


def _is_asked(context: PlanContext, node: Node, address: AbsResource, is_declared: bool) -> bool:
    """Say whether the provider that the state names is the one that will be asked, if any is."""
    if is_declared:
        block = context.world.block_of(node)
        wanted = context.world.provider_of(node.path, block)
        return wanted == context.state.resources[address].provider
    removed = context.world.removal_of(address)
    is_kept = removed is not None and not removed.destroys
    return not is_kept or context.options.mode is PlanMode.REFRESH_ONLY


def _of_instance(
    address: AbsResourceInstance, instance: StoredInstance, mode: PlanMode
) -> Iterator[Reading]:
    if instance.current is not None:
        yield Reading((address, ""), instance.current)
    if mode is not PlanMode.REFRESH_ONLY:
        for key, stored in instance.deposed.items():
            yield Reading((address, key), stored)


def announce(provider: Provider, readings: Sequence[Reading]) -> dict[ObjectKey, Revived]:
    """Announce objects to a provider; return them as values, so that this is done once.

    Called on a worker.  What does not fit the schema is not announced.
    """
    types = provider.schema().resources
    readings = [one for one in readings if one.type in types]
    revived = {one.key: revive(provider, one.type, one.stored) for one in readings}
    requests = tuple(
        ReadRequest(type=one.type, current=revived[one.key].value, private=one.stored.private)
        for one in readings
        if not errors_of(revived[one.key].complaints)
    )
    if requests:
        provider.announce(requests)
    return revived
