"""The visit of a provider: its block evaluated, an instance made and configured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cotta.engine.complaints import report_complaints
from cotta.engine.walk import Job
from cotta.providers.interface import errors_of
from cotta.schemas.blank import empty_value
from cotta.schemas.decode import decode_body
from cotta.values.value import unmark_deep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.addrs.providers import ProviderConfig
    from cotta.configs.model import ProviderBlock
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.engine.evaluation import Evaluation
    from cotta.engine.nodes import Node
    from cotta.engine.world import World
    from cotta.providers.interface import Complaints, Provider
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True)
class ProviderVisit:
    """Makes the provider of a configuration ready."""

    world: World
    evaluation: Evaluation
    node: Node
    config: ProviderConfig

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
    ) -> None:
        body = block.body if block is not None else None
        schema = provider.schema().provider.block
        report_complaints(complaints, str(self.config), schema, body, self.diags)
        self.world.pool.add(self.config, provider)


def report_missing(
    world: World, config: ProviderConfig, block: ProviderBlock | None, diags: Diagnostics
) -> None:
    """Say that a provider is not there, and what is."""
    diags.error(
        "Missing provider",
        world.explain_missing(config.source),
        block.range if block is not None else None,
    )


def _configure(provider: Provider, value: Value) -> Complaints:
    complaints = provider.validate_provider(value)
    if errors_of(complaints):
        return complaints
    return complaints + provider.configure(value)
