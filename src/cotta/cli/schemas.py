"""The schemas of what a state has, as far as its providers are native."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.resources import Mode
from cotta.providers.registry import native_providers
from cotta.system.ids import RandomIds

if TYPE_CHECKING:
    from cotta.addrs.providers import ProviderSource
    from cotta.cli.views.states import SchemaOf
    from cotta.providers.interface import ProviderSchema
    from cotta.schemas.model import Schema
    from cotta.states.model import StoredResource


def native_schemas() -> SchemaOf:
    """Return a function that answers with a resource's schema; each provider is asked once."""
    registry = native_providers(RandomIds())
    known: dict[ProviderSource, ProviderSchema | None] = {}

    def schema_of(resource: StoredResource) -> Schema | None:
        source = resource.provider.source
        if source not in known:
            provider = registry(source)
            known[source] = None if provider is None else provider.schema()
        schema = known[source]
        if schema is None:
            return None
        name = resource.address.resource
        types = schema.data_sources if name.mode is Mode.DATA else schema.resources
        return types.get(name.type)

    return schema_of
