"""The schemas of what a state or a plan has, as far as its providers are native."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.resources import Mode
from cotta.providers.registry import native_providers
from cotta.system.ids import RandomIds

if TYPE_CHECKING:
    from cotta.addrs.providers import ProviderSource
    from cotta.addrs.resources import Resource
    from cotta.cli.terminal import Terminal
    from cotta.providers.interface import ProviderSchema
    from cotta.schemas.model import Schema
    from cotta.states.model import StoredResource


class NativeSchemas:
    """Answers with schemas, None where nothing is known; each provider is asked once.

    Calling it answers with the schema of a resource of a state.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._registry = native_providers(RandomIds(), others=terminal.providers)
        self._known: dict[ProviderSource, ProviderSchema | None] = {}

    def __call__(self, resource: StoredResource) -> Schema | None:
        """Return the schema of a stored resource."""
        return self.by_name(resource.provider.source, resource.address.resource)

    def by_name(self, source: ProviderSource, name: Resource) -> Schema | None:
        """Return the schema of a resource by its provider and its name."""
        schema = self.of(source)
        if schema is None:
            return None
        types = schema.data_sources if name.mode is Mode.DATA else schema.resources
        return types.get(name.type)

    def of_provider(self, source: ProviderSource) -> Schema | None:
        """Return the schema of a provider's own configuration."""
        schema = self.of(source)
        return None if schema is None else schema.provider

    def of(self, source: ProviderSource) -> ProviderSchema | None:
        """Return everything that a provider declares."""
        if source not in self._known:
            provider = self._registry(source)
            self._known[source] = None if provider is None else provider.schema()
        return self._known[source]


def native_schemas(terminal: Terminal) -> NativeSchemas:
    """Return the schemas of the providers that need not be looked for."""
    return NativeSchemas(terminal)
