"""What rules look at: the blocks of a configuration, what is planned, the facts of a template."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from cotta.addrs.resources import ConfigResource, Mode
from cotta.engine.dependencies import configuration_graph
from cotta.engine.nodes import Kind, Node
from cotta.hcl.references import variables_in
from cotta.practices.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cotta.addrs.providers import ProviderConfig
    from cotta.configs.model import Configuration, ResourceBlock
    from cotta.diagnostics.source import SourceFile, SourceRange
    from cotta.hcl.ast import Expression
    from cotta.practices.reading import Valuer


@dataclass(frozen=True, slots=True)
class Subject:
    """A `resource` or `data` block of some module."""

    address: ConfigResource
    block: ResourceBlock
    body: Reading

    @property
    def node(self) -> Node:
        """The block in the graph of the configuration."""
        return Node(Kind.RESOURCE, self.address.module, str(self.address.resource))

    def lifecycle_flag(self, name: str) -> bool | None:
        """Return `create_before_destroy` or `prevent_destroy`: None if unknown, False if unset."""
        expression = getattr(self.block.lifecycle, name)
        if expression is None:
            return False
        value = self.body.value_of(self.address.module, expression)
        return value if isinstance(value, bool) else None


@dataclass(frozen=True)
class Configured:
    """A whole configuration as the rules see it.

    `pinned` are the data sources whose image is pinned, by their addresses.
    """

    root: Configuration
    value_of: Valuer
    provider_of: Callable[..., ProviderConfig]
    pinned: frozenset[str] = frozenset()

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Every block, modules in the order of their calls."""
        return tuple(self._read())

    def of_type(self, *types: str, mode: Mode = Mode.MANAGED) -> list[Subject]:
        """Return the blocks of some types, in source order."""
        return [
            one
            for one in self.subjects
            if one.block.address.mode is mode and one.block.address.type in types
        ]

    @cached_property
    def needs(self) -> Mapping[Node, set[Node]]:
        """What each node of the configuration refers to."""
        return configuration_graph(self.root, self.provider_of).needs

    @cached_property
    def files(self) -> Mapping[str, SourceFile]:
        """Every source file, by its name."""
        return {name: file for here in self.root.walk() for name, file in here.module.files.items()}

    def resources_behind(self, subject: Subject) -> set[Node]:
        """Return the resources that a block refers to, over locals, variables and modules too."""
        found, pending, seen = set[Node](), [subject.node], {subject.node}
        while pending:
            for needed in self.needs.get(pending.pop(), ()):
                if needed in seen or needed.kind in _NOT_FOLLOWED:
                    continue
                seen.add(needed)
                pending.append(needed)
                if needed.kind is Kind.RESOURCE:
                    found.add(needed)
        return found

    def behind(self, subject: Subject, expression: Expression) -> list[Expression]:
        """Return an expression of a block, and those of the locals that it refers to."""
        here = self.root.descendant(subject.address.module)
        found, seen = [expression], set[str]()
        for one in found:
            for traversal in variables_in(one):
                name = getattr(traversal.steps[0], "name", "") if traversal.steps else ""
                if here is None or traversal.name != "local" or name in seen:
                    continue
                seen.add(name)
                if name in here.module.locals:
                    found.append(here.module.locals[name].expression)
        return found

    def _read(self) -> Iterator[Subject]:
        for here in self.root.walk():
            for resource, block in here.module.resources.items():
                reading = Reading(block.body, here.path, self.value_of, block.range)
                yield Subject(ConfigResource(here.path, resource), block, reading)


# Edges that say only that something comes later.
_NOT_FOLLOWED = frozenset({Kind.PROVIDER, Kind.WAIT, Kind.MODULE, Kind.CALL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file or folder that a template puts into the image."""

    source: str
    destination: str
    place: SourceRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Shell text that a template runs in the machine it builds from."""

    text: str
    place: SourceRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """One build of a template, as far as practices go; secrets are named by their variables.

    `lookup` is the base image's filter: (names, owners, most_recent); None where it is named by id.
    `written` are the texts that come into the image, with what in them is sensitive.
    """

    name: str
    kind: str
    place: SourceRange | None = None
    names: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    has_lookup: bool = False
    lookup_place: SourceRange | None = None
    tags: frozenset[str] = frozenset()
    has_tags: bool = False
    uploads: tuple[Upload, ...] = ()
    commands: tuple[Command, ...] = ()
    secrets: tuple[tuple[str, SourceRange | None], ...] = ()
    files: Mapping[str, SourceFile] = field(default_factory=dict)
