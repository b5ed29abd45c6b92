"""The visit of a provider: its block evaluated, an instance made and configured."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from cotta.engine.announcing import announce
from cotta.engine.complaints import report_complaints
from cotta.engine.walk import Job
from cotta.providers.interface import errors_of
from cotta.schemas.blank import empty_value
from cotta.schemas.decode import decode_body
from cotta.values.value import unmark_deep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.addrs.providers import ProviderConfig
    from cotta.configs.model import ProviderBlock
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.engine.announcing import ObjectKey, Reading
    from cotta.engine.evaluation import Evaluation
    from cotta.engine.nodes import Node
    from cotta.engine.objects import Revived
    from cotta.engine.world import World
    from cotta.providers.interface import Complaints, Provider
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True)
class ProviderVisit:
    """Makes the provider of a configuration ready.

    Objects that it is going to read are announced to it, and put into
    `revived` as values.
    """

    world: World
    evaluation: Evaluation
    node: Node
    config: ProviderConfig
    readings: Sequence[Reading] = ()
    revived: dict[ObjectKey, Revived] = field(default_factory=dict)

    @property
    def diags(self) -> Diagnostics:
        """The collector of the provider's node."""
        return self.evaluation.diags(self.node)

    def start(self) -> Sequence[Job]:
        """Return the job that configures the provider."""
        provider = self.world.pool.make(self.config.source)
        block = self.world.provider_block(self.config)
        if provider is None:
            report_missing(self.world, self.config, block, self.diags)
            return ()
        schema = provider.schema().provider
        if block is not None:
            module = self.evaluation.names.instances_of(self.config.module)[0]
            scope = self.evaluation.names.scope(module)
            value: Value = decode_body(block.body, schema.block, scope, self.diags)
        else:
            value = empty_value(schema.block)
        if self.diags.has_errors:
            return ()
        work = partial(_configure, provider, unmark_deep(value)[0])
        done = partial(self._configured, provider, block)
        return (Job(work, done, waits=not provider.schema().is_instant),)

    def _configured(
        self, provider: Provider, block: ProviderBlock | None, complaints: Complaints
    ) -> Sequence[Job]:
        body = block.body if block is not None else None
        schema = provider.schema().provider.block
        report_complaints(complaints, str(self.config), schema, body, self.diags)
        self.world.pool.add(self.config, provider)
        if self.diags.has_errors or not self.readings or provider.schema().is_instant:
            return ()
        return (Job(partial(announce, provider, self.readings), self._announced),)

    def _announced(self, revived: Mapping[ObjectKey, Revived]) -> None:
        self.revived.update(revived)


def report_missing(
    world: World, config: ProviderConfig, block: ProviderBlock | None, diags: Diagnostics
) -> None:
    """Say that a provider is not there, and what is: at its block, or at one that needs it."""
    user = world.first_user(config) if block is None else None
    place = block.range if block is not None else None if user is None else user.range
    diags.error("Missing provider", world.explain_missing(config.source), place)


def _configure(provider: Provider, value: Value) -> Complaints:
    complaints = provider.validate_provider(value)
    if errors_of(complaints):
        return complaints
    return complaints + provider.configure(value)
