"""The providers of one walk: a schema for each source, an instance for each configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.addrs.resources import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.addrs.providers import ProviderConfig, ProviderSource
    from cotta.addrs.resources import Resource
    from cotta.providers.interface import Provider, ProviderSchema
    from cotta.schemas.model import Schema

    # Makes an instance that is not configured yet; None if nothing is known of the source.
    MakeProvider = Callable[[ProviderSource], Provider | None]


class ProviderPool:
    """Makes providers as they are needed and closes them together."""

    def __init__(self, make: MakeProvider) -> None:
        self._make = make
        self._plain: dict[ProviderSource, Provider | None] = {}
        self._configured: dict[ProviderConfig, Provider] = {}
        self._failed: set[ProviderConfig] = set()

    def unconfigured(self, source: ProviderSource) -> Provider | None:
        """Return an instance good for schemas, validation and upgrades; None if there is none."""
        if source not in self._plain:
            self._plain[source] = self._make(source)
        return self._plain[source]

    def schema(self, source: ProviderSource) -> ProviderSchema | None:
        """Return what a provider declares; None if nothing is known of it."""
        provider = self.unconfigured(source)
        return provider.schema() if provider is not None else None

    def resource_schema(self, source: ProviderSource, resource: Resource) -> Schema | None:
        """Return the schema of a resource; None if the provider has no such type."""
        declared = self.schema(source)
        if declared is None:
            return None
        if resource.mode is Mode.MANAGED:
            return declared.resources.get(resource.type)
        if resource.mode is Mode.DATA:
            return declared.data_sources.get(resource.type)
        return declared.ephemeral_resources.get(resource.type)

    def add(self, address: ProviderConfig, provider: Provider) -> None:
        """Remember a configured instance."""
        self._configured[address] = provider

    def make(self, source: ProviderSource) -> Provider | None:
        """Return a new instance, to be configured and then added."""
        return self._make(source)

    def configured(self, address: ProviderConfig) -> Provider | None:
        """Return the instance of a configuration; None while there is none."""
        return self._configured.get(address)

    def stop(self) -> None:
        """Ask every call under way to end soon."""
        for provider in self._configured.values():
            provider.stop()

    def close(self) -> None:
        """Free them all."""
        for provider in (*self._configured.values(), *self._plain.values()):
            if provider is not None:
                provider.close()
        self._configured.clear()
        self._plain.clear()
