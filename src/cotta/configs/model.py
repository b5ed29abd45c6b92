"""A configuration as typed data: what each block says, expressions not yet evaluated.

A `Module` is one directory, merged from its files; a `Configuration` is the
tree of module calls below the root.  Places stay on everything that a
diagnostic may want to point at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cotta.addrs.parse import Target
    from cotta.addrs.providers import ProviderSource
    from cotta.addrs.resources import ConfigResource, ModulePath, Resource
    from cotta.diagnostics.source import SourceFile, SourceRange
    from cotta.hcl.ast import Expression
    from cotta.hcl.ast import Variable as Traversal
    from cotta.hcl.bodies import AnyBody
    from cotta.hcl.type_expressions import Defaults
    from cotta.values.types import Type
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRule:
    """`validation`, `precondition`, `postcondition` or `assert`."""

    condition: Expression
    error_message: Expression
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class InputVariable:
    """A `variable` block.  `default` is None if it must be given; it has the type already.

    `defaults` are those that `optional` in the type expression gives to attributes.
    """

    name: str
    type: Type
    defaults: Defaults | None = None
    default: Value | None = None
    description: str = ""
    is_sensitive: bool = False
    is_ephemeral: bool = False
    is_nullable: bool = True
    is_literal_parsed: bool = False
    validations: tuple[CheckRule, ...] = ()
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalValue:
    """One name of a `locals` block."""

    name: str
    expression: Expression
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputValue:
    """An `output` block."""

    name: str
    expression: Expression
    description: str = ""
    is_sensitive: bool = False
    is_ephemeral: bool = False
    depends_on: tuple[Traversal, ...] = ()
    preconditions: tuple[CheckRule, ...] = ()
    range: SourceRange


@dataclass(frozen=True, slots=True)
class ProviderRef:
    """A provider configuration as a module calls it: local name and alias."""

    name: str
    alias: str | None
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRequirement:
    """An entry of `required_providers`."""

    name: str
    source: ProviderSource
    constraint: str = ""
    constraint_range: SourceRange | None = None
    aliases: tuple[ProviderRef, ...] = ()
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderBlock:
    """A `provider` block; `body` is read against the provider's schema."""

    name: str
    alias: str | None
    body: AnyBody
    range: SourceRange


class OnFailure(Enum):
    """What a failed provisioner does to its resource."""

    FAIL = "fail"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioner:
    """A `provisioner` block; `is_destroy` is `when = destroy`."""

    type: str
    type_range: SourceRange
    body: AnyBody
    connection: AnyBody | None = None
    is_destroy: bool = False
    on_failure: OnFailure = OnFailure.FAIL
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """A `lifecycle` block.

    `create_before_destroy` and `prevent_destroy` are expressions, beyond
    Terraform: variables are allowed in them.  `ignore_changes` is None for
    `all`.
    """

    create_before_destroy: Expression | None = None
    prevent_destroy: Expression | None = None
    ignore_changes: tuple[Traversal, ...] | None = ()
    replace_triggered_by: tuple[Expression, ...] = ()
    preconditions: tuple[CheckRule, ...] = ()
    postconditions: tuple[CheckRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceBlock:
    """A `resource`, `data` or `ephemeral` block.

    `body` is what is left for the provider's schema.  `provider_ref` is None
    where the type's own prefix decides.  `container` is the `check` block
    that a scoped data source stands in.
    """

    address: Resource
    body: AnyBody
    count: Expression | None = None
    for_each: Expression | None = None
    provider_ref: ProviderRef | None = None
    depends_on: tuple[Traversal, ...] = ()
    lifecycle: Lifecycle
    connection: AnyBody | None = None
    provisioners: tuple[Provisioner, ...] = ()
    container: str | None = None
    range: SourceRange

    @property
    def local_provider(self) -> tuple[str, str | None]:
        """The local name and alias of the provider configuration that it uses."""
        if self.provider_ref is not None:
            return self.provider_ref.name, self.provider_ref.alias
        return self.address.type.split("_", 1)[0], None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleCall:
    """A `module` block; `body` holds the arguments for the module's variables.

    `providers` leads from the module's own names for provider configurations
    to the caller's, `provider_ranges` to where the module's are written.
    """

    name: str
    source: str
    source_range: SourceRange | None = None
    version: str = ""
    count: Expression | None = None
    for_each: Expression | None = None
    depends_on: tuple[Traversal, ...] = ()
    providers: Mapping[tuple[str, str | None], ProviderRef] = field(default_factory=dict)
    provider_ranges: Mapping[tuple[str, str | None], SourceRange] = field(default_factory=dict)
    body: AnyBody
    range: SourceRange


@dataclass(frozen=True, slots=True)
class Moved:
    """A `moved` block: what the references say, and the addresses that they are."""

    from_: Traversal
    to: Traversal
    range: SourceRange
    from_address: Target
    to_address: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An `import` block; `to` may have instance keys that are expressions.

    `resource` is the block that `to` names, whatever the keys.
    """

    to: Expression
    resource: ConfigResource
    id: Expression
    for_each: Expression | None = None
    provider_ref: ProviderRef | None = None
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A `removed` block: forget the object, or destroy it if `destroys`.

    `address` is a resource, or a module call by its path.
    """

    from_: Traversal
    address: ConfigResource | ModulePath
    destroys: bool = True
    provisioners: tuple[Provisioner, ...] = ()
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckBlock:
    """A `check` block; its scoped data source is among the module's resources."""

    name: str
    data: Resource | None = None
    assertions: tuple[CheckRule, ...] = ()
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendBlock:
    """A `backend` or `cloud` block."""

    type: str
    body: AnyBody
    range: SourceRange


@dataclass(slots=True, kw_only=True)
class Module:
    """One directory: everything that its files declare, by name, in source order."""

    directory: str
    files: dict[str, SourceFile] = field(default_factory=dict)
    required_versions: list[tuple[str, SourceRange]] = field(default_factory=list)
    requirements: dict[str, ProviderRequirement] = field(default_factory=dict)
    backend: BackendBlock | None = None
    provider_metas: dict[str, BackendBlock] = field(default_factory=dict)
    providers: dict[tuple[str, str | None], ProviderBlock] = field(default_factory=dict)
    variables: dict[str, InputVariable] = field(default_factory=dict)
    locals: dict[str, LocalValue] = field(default_factory=dict)
    outputs: dict[str, OutputValue] = field(default_factory=dict)
    resources: dict[Resource, ResourceBlock] = field(default_factory=dict)
    calls: dict[str, ModuleCall] = field(default_factory=dict)
    checks: dict[str, CheckBlock] = field(default_factory=dict)
    moved: list[Moved] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)


@dataclass(slots=True)
class Configuration:
    """A module and those that it calls, each call a subtree of its own."""

    path: ModulePath
    module: Module
    children: dict[str, Configuration] = field(default_factory=dict)

    def walk(self) -> Iterator[Configuration]:
        """Yield this module and all below, parents first, calls in source order."""
        pending = [self]
        while pending:
            current = pending.pop()
            yield current
            pending.extend(reversed(current.children.values()))

    def descendant(self, path: ModulePath) -> Configuration | None:
        """Return the module at `path` below this one; None if nothing calls it."""
        current: Configuration | None = self
        for name in path:
            if current is None:
                return None
            current = current.children.get(name)
        return current
