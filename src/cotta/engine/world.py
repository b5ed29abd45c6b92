"""What one run of the engine works with, and the options people give it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from cotta.addrs.resources import ConfigResource, path_of
from cotta.configs.provider_rules import ProviderResolver, source_of
from cotta.engine.events import ignore_event
from cotta.engine.moves import parse_endpoint
from cotta.engine.nodes import Kind, Node
from cotta.engine.ordering import all_dependencies
from cotta.engine.planning import Target
from cotta.engine.walk import Cancellation
from cotta.plans.changes import PlanMode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    from cotta.addrs.parse import Target as TargetAddress
    from cotta.addrs.providers import ProviderConfig, ProviderSource
    from cotta.addrs.resources import AbsResource, AbsResourceInstance, ModulePath
    from cotta.configs.model import Configuration, ProviderBlock, Removed, ResourceBlock
    from cotta.engine.events import Listener, Subject
    from cotta.engine.provider_pool import ProviderPool
    from cotta.engine.scopes import Paths
    from cotta.providers.interface import Provisioner, Question
    from cotta.schemas.model import Block
    from cotta.system.clock import Clock
    from cotta.system.ids import IdSource
    from cotta.values.functions import Function
    from cotta.values.value import Value

    # Returns the answer to what a provider asks about an object.
    Ask: TypeAlias = Callable[[Subject, Question], str]


def _explain_missing(source: ProviderSource) -> str:
    return f"The provider {source.display} is not available."


def ask_nobody(_subject: Subject, question: Question) -> str:
    """Return the answer where there is nobody to be asked."""
    return question.default


class Pin(Protocol):
    """Holds a data source to one of the objects that it could find."""

    def narrow(self, config: Value) -> Value:
        """Return the arguments with which the data source finds that one, of the same type."""
        ...

    def widen(self, state: Value, config: Value) -> Value:
        """Return what was found so, as if it had been found with the arguments of `config`."""
        ...


@dataclass(slots=True, kw_only=True)
class World:
    """Everything that a run is handed: the configuration, and the doors to the outside.

    `functions(applying)` gives the functions of the language: while planning,
    impure ones are unknown.  `variables` are the root module's, converted.
    `pins` hold data sources, by the texts of their instances' addresses.
    `ask` returns a person's answer, or the question's default where there is
    nobody; it is called on the deciding thread.
    """

    configuration: Configuration
    pool: ProviderPool
    provisioners: Mapping[str, Provisioner]
    functions: Mapping[str, Function]
    variables: Mapping[str, Value]
    paths: Paths
    workspace: str
    clock: Clock
    ids: IdSource
    listener: Listener = ignore_event
    ask: Ask = ask_nobody
    cancellation: Cancellation = field(default_factory=Cancellation)
    parallelism: int = 10
    pins: Mapping[str, Pin] = field(default_factory=dict)
    explain_missing: Callable[[ProviderSource], str] = _explain_missing
    resolver: ProviderResolver = field(init=False)
    _blocks: dict[Node, ResourceBlock] = field(init=False)

    def __post_init__(self) -> None:
        self.resolver = ProviderResolver(self.configuration)
        self._blocks = {
            Node(Kind.RESOURCE, here.path, str(resource)): block
            for here in self.configuration.walk()
            for resource, block in here.module.resources.items()
        }

    def provider_of(self, path: ModulePath, block: ResourceBlock) -> ProviderConfig:
        """Return the provider configuration that a resource block uses."""
        return self.resolver.resolve(path, block)

    def first_user(self, config: ProviderConfig) -> ResourceBlock | None:
        """Return the first resource block that uses a provider configuration."""
        return next(
            (
                block
                for node, block in self._blocks.items()
                if self.provider_of(node.path, block) == config
            ),
            None,
        )

    def schema_of(self, path: ModulePath, block: ResourceBlock) -> Block | None:
        """Return what a resource block may hold; None if its provider or type is not known."""
        source = self.provider_of(path, block).source
        schema = self.pool.resource_schema(source, block.address)
        return schema.block if schema is not None else None

    def target(self, address: AbsResourceInstance, config: ProviderConfig) -> Target | None:
        """Return who manages an instance; None if its provider or its type is not known."""
        provider = self.pool.configured(config) or self.pool.unconfigured(config.source)
        schema = self.pool.resource_schema(config.source, address.resource)
        if provider is None or schema is None:
            return None
        return Target(address=address, provider=provider, provider_config=config, schema=schema)

    def block_of(self, node: Node) -> ResourceBlock:
        """Return the block of a resource's node."""
        return self._blocks[node]

    def has_block(self, node: Node) -> bool:
        """Say whether anything declares the resource of a node."""
        return node in self._blocks

    def dependencies_of(
        self, nearest: Mapping[Node, frozenset[Node]], order: Iterable[Node]
    ) -> dict[Node, tuple[ConfigResource, ...]]:
        """Return what each resource is made after, as the state keeps it with its objects."""
        resources = all_dependencies(nearest, order)
        named = {
            node: ConfigResource(node.path, self.block_of(node).address)
            for node in resources
            if self.has_block(node)
        }
        return {
            node: tuple(sorted([named[one] for one in needed], key=_text))
            for node, needed in resources.items()
        }

    def provider_block(self, config: ProviderConfig) -> ProviderBlock | None:
        """Return the `provider` block of a configuration; None where it is implied."""
        here = self.configuration.descendant(config.module)
        if here is None:
            return None
        for (name, alias), block in here.module.providers.items():
            if alias == config.alias and source_of(here.module, name) == config.source:
                return block
        return None

    def removal_of(self, address: AbsResource) -> Removed | None:
        """Return the `removed` block that speaks of a resource, if there is one."""
        for here in self.configuration.walk():
            for removed in here.module.removed:
                endpoint = parse_endpoint(removed.from_)
                whole = (*here.path, *path_of(endpoint.module))
                inside = path_of(address.module)
                if endpoint.resource is None and inside[: len(whole)] == whole:
                    return removed
                if endpoint.resource == address.resource and inside == whole:
                    return removed
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What kind of plan is wanted.

    `imports` are objects to take over, with their ids, instead of those that
    `import` blocks name.  `explains` asks for the cause of every change.
    """

    mode: PlanMode = PlanMode.NORMAL
    refresh: bool = True
    targets: tuple[TargetAddress, ...] = ()
    replace: tuple[AbsResourceInstance, ...] = ()
    imports: tuple[tuple[AbsResourceInstance, str], ...] = ()
    explains: bool = False


def _text(resource: ConfigResource) -> str:
    return resource.text
