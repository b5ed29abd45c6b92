"""What a reference may name from where it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cotta.addrs.references import (
    AttributeSubject,
    LocalSubject,
    ModuleOutputSubject,
    ModuleSubject,
    ResourceSubject,
    SelfSubject,
    VariableSubject,
)
from cotta.addrs.resources import Mode, Resource, render_module_path
from cotta.diagnostics.suggest import did_you_mean
from cotta.hcl.ast import AttributeStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cotta.addrs.references import Reference
    from cotta.configs.model import Configuration, ResourceBlock
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Expression
    from cotta.schemas.model import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an expression stands: which of the names that depend on it are there."""

    has_count: bool = False
    has_each: bool = False
    has_self: bool = False
    container: str | None = None

    def with_self(self) -> Place:
        """Return the same place where `self` is known, too."""
        return replace(self, has_self=True)


NOWHERE: Final = Place()


def place_of(
    count: Expression | None, for_each: Expression | None, *, container: str | None = None
) -> Place:
    """Return the place inside a block with these meta-arguments."""
    return Place(has_count=count is not None, has_each=for_each is not None, container=container)


_ATTRIBUTES: Final = {
    "count": ("index",),
    "each": ("key", "value"),
    "path": ("cwd", "module", "root"),
    "terraform": ("applying", "workspace"),
}
_ARTICLES: Final = {
    Mode.MANAGED: "A managed resource",
    Mode.DATA: "A data resource",
    Mode.EPHEMERAL: "An ephemeral resource",
}


class Whereabouts:
    """The names of one module."""

    def __init__(
        self,
        current: Configuration,
        schema_of: Callable[[ResourceBlock], Block | None] | None,
    ) -> None:
        self.module = current.module
        self.schema_of = schema_of
        self.text = render_module_path(current.path) or "the root module"

    # --- objects ----------------------------------------------------------------

    def check_object(
        self, reference: Reference, place: Place, diags: Diagnostics, *, is_indexed: bool = False
    ) -> None:
        """Report a resource, a module or a `self` that is not there.

        `is_indexed` says that keys may be left out: what is referred to is
        chosen by a key that is an expression.
        """
        match reference.subject:
            case SelfSubject() if not place.has_self:
                diags.error(
                    'Invalid "self" reference',
                    '"self" is known in provisioners, connections and postconditions only.',
                    reference.range,
                )
            case ResourceSubject(resource=resource, key=key):
                block = self.module.resources.get(resource)
                if block is None:
                    self._undeclared(resource, reference.range, diags)
                elif block.container is not None and block.container != place.container:
                    diags.error(
                        "Reference to scoped resource",
                        f"{resource} belongs to the check block {block.container}, and only that"
                        " may refer to it.",
                        reference.range,
                    )
                else:
                    if not is_indexed:
                        self._check_key(block, key is not None, reference, diags)
                    self._check_attribute(block, reference, diags)
            case ModuleSubject(name=name) | ModuleOutputSubject(call=ModuleSubject(name=name)):
                if name not in self.module.calls:
                    diags.error(
                        "Reference to undeclared module",
                        f'No module call "{name}" is in {self.text}.'
                        f"{did_you_mean(name, self.module.calls)}",
                        reference.range,
                    )

    def _undeclared(self, resource: Resource, place: SourceRange, diags: Diagnostics) -> None:
        hint = ""
        as_data = Resource(Mode.DATA, resource.type, resource.name)
        if resource.mode is Mode.MANAGED and as_data in self.module.resources:
            hint = f' Did you mean "{as_data}"?'
        else:
            alike = (
                other.name
                for other in self.module.resources
                if other.mode is resource.mode and other.type == resource.type
            )
            hint = did_you_mean(resource.name, alike)
        diags.error(
            "Reference to undeclared resource",
            f'{_ARTICLES[resource.mode]} "{resource.type}" "{resource.name}" has not been declared'
            f" in {self.text}.{hint}",
            place,
        )

    def _check_key(
        self, block: ResourceBlock, has_key: bool, reference: Reference, diags: Diagnostics
    ) -> None:
        repeats = "count" if block.count is not None else "for_each"
        is_repeated = block.count is not None or block.for_each is not None
        if has_key and not is_repeated:
            diags.error(
                "Unexpected resource instance key",
                f"{block.address} has neither count nor for_each, so it is one instance without"
                " a key. Remove the index.",
                reference.range,
            )
        steps = reference.steps
        if not has_key and is_repeated and steps and isinstance(steps[0], AttributeStep):
            key = "count.index" if repeats == "count" else "each.key"
            diags.error(
                "Missing resource instance key",
                f"{block.address} has {repeats}, so one of its instances must be chosen. For"
                f" example:\n    {block.address}[{key}]",
                reference.range,
            )

    def _check_attribute(
        self, block: ResourceBlock, reference: Reference, diags: Diagnostics
    ) -> None:
        steps = reference.steps
        if self.schema_of is None or not steps or not isinstance(steps[0], AttributeStep):
            return
        schema = self.schema_of(block)
        name = steps[0].name
        if schema is None or name in schema.attributes or name in schema.blocks:
            return
        known = (*schema.attributes, *schema.blocks)
        diags.error(
            "Unsupported attribute",
            f'A {block.address.type} has no argument, attribute or block "{name}".'
            f"{did_you_mean(name, known)}",
            steps[0].range,
        )

    # --- values -----------------------------------------------------------------

    def check_value(self, reference: Reference, place: Place, diags: Diagnostics) -> None:
        """Report a variable, a local value or an attribute of a small object that is not there."""
        match reference.subject:
            case VariableSubject(name=name) if name not in self.module.variables:
                hint = did_you_mean(name, self.module.variables)
                hint = hint or f' To declare it, write: variable "{name}" {{}}'
                diags.error(
                    "Reference to undeclared input variable",
                    f'No variable "{name}" is declared in {self.text}.{hint}',
                    reference.range,
                )
            case LocalSubject(name=name) if name not in self.module.locals:
                diags.error(
                    "Reference to undeclared local value",
                    f'No local value "{name}" is declared in {self.text}.'
                    f"{did_you_mean(name, self.module.locals)}",
                    reference.range,
                )
            case AttributeSubject(object=object_, name=name):
                self._check_small(object_, name, place, reference.range, diags)

    def _check_small(
        self, object_: str, name: str, place: Place, at: SourceRange, diags: Diagnostics
    ) -> None:
        known: Iterable[str] = _ATTRIBUTES[object_]
        if name not in known:
            diags.error(
                f'Invalid "{object_}" attribute',
                f'"{object_}" has no attribute "{name}".{did_you_mean(name, known)}',
                at,
            )
        elif object_ == "count" and not place.has_count:
            diags.error(
                'Reference to "count" in non-counted context',
                '"count" is known inside resource, data and module blocks that set count.',
                at,
            )
        elif object_ == "each" and not place.has_each:
            diags.error(
                "each.value cannot be used in this context"
                if name == "value"
                else 'Reference to "each" in context without for_each',
                '"each" is known inside resource, data and module blocks that set for_each.',
                at,
            )
