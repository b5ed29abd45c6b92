"""What a name in an expression refers to: the subject, and the steps from there.

`parse_reference` reads a traversal by Terraform's rules.  It looks at nothing
but the traversal: whether the subject exists is for `configs/static.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.addrs.resources import InstanceKey, Mode, Resource, render_key
from cotta.addrs.traversals import NAMED_MODES, step_key
from cotta.hcl.ast import AttributeStep, IndexStep
from cotta.hcl.references import variables_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Expression, Step, Variable


@dataclass(frozen=True, slots=True)
class VariableSubject:
    """`var.name`."""

    name: str

    def __str__(self) -> str:
        return f"var.{self.name}"


@dataclass(frozen=True, slots=True)
class LocalSubject:
    """`local.name`."""

    name: str

    def __str__(self) -> str:
        return f"local.{self.name}"


@dataclass(frozen=True, slots=True)
class ModuleSubject:
    """`module.name`, or one instance of it if there is a key."""

    name: str
    key: InstanceKey = None

    def __str__(self) -> str:
        return f"module.{self.name}{render_key(self.key)}"


@dataclass(frozen=True, slots=True)
class ModuleOutputSubject:
    """`module.name.output`, with a key if there is one."""

    call: ModuleSubject
    name: str

    def __str__(self) -> str:
        return f"{self.call}.{self.name}"


@dataclass(frozen=True, slots=True)
class ResourceSubject:
    """A resource, or one instance of it if there is a key."""

    resource: Resource
    key: InstanceKey = None

    def __str__(self) -> str:
        return f"{self.resource}{render_key(self.key)}"


@dataclass(frozen=True, slots=True)
class AttributeSubject:
    """An attribute of one of the small objects: `count.index`, `each.key`, `path.module`."""

    object: str
    name: str

    def __str__(self) -> str:
        return f"{self.object}.{self.name}"


@dataclass(frozen=True, slots=True)
class SelfSubject:
    """`self`."""

    def __str__(self) -> str:
        return "self"


Subject: TypeAlias = (
    VariableSubject
    | LocalSubject
    | ModuleSubject
    | ModuleOutputSubject
    | ResourceSubject
    | AttributeSubject
    | SelfSubject
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A subject, where it is named, and the steps that follow it."""

    subject: Subject
    range: SourceRange
    steps: tuple[Step, ...]


RESERVED: Final = frozenset({"template", "lazy", "arg"})
_SMALL_OBJECTS: Final = frozenset({"count", "each", "path", "terraform"})
_FIRST_NAMES: Final = {
    "data": "the data source type",
    "ephemeral": "the ephemeral resource type",
    "resource": "the resource type",
}


def references_in(expression: Expression, diags: Diagnostics) -> list[Reference]:
    """Return every reference of an expression that can be read, in source order."""
    return parse_references(variables_in(expression), diags)


def parse_references(traversals: Iterable[Variable], diags: Diagnostics) -> list[Reference]:
    """Return the references that can be read."""
    found = (parse_reference(traversal, diags) for traversal in traversals)
    return [reference for reference in found if reference is not None]


def parse_reference(traversal: Variable, diags: Diagnostics) -> Reference | None:
    """Return what a traversal refers to; None, with a diagnostic, if it can't be anything."""
    name, steps = traversal.name, traversal.steps
    if name in ("var", "local") or name in _SMALL_OBJECTS:
        return _attribute(traversal, diags)
    if name == "self":
        return Reference(SelfSubject(), traversal.name_range, steps)
    if name == "module":
        return _module(traversal, diags)
    if name in NAMED_MODES:
        if len(steps) < 2:
            diags.error(
                "Invalid reference",
                f'After "{name}" come two names: {_FIRST_NAMES[name]} and the name of the'
                " resource.",
                traversal.range,
            )
            return None
        return _resource(NAMED_MODES[name], traversal, steps[0], steps[1:], diags)
    if name in RESERVED:
        diags.error(
            "Reserved symbol name",
            f'The name "{name}" is reserved. If it is the type of a resource, write'
            f' "resource.{name}".',
            traversal.name_range,
        )
        return None
    first = AttributeStep(traversal.name_range, name)
    return _resource(Mode.MANAGED, traversal, first, steps, diags)


def _attribute(traversal: Variable, diags: Diagnostics) -> Reference | None:
    """Read `object.name`."""
    if not traversal.steps:
        diags.error(
            "Invalid reference",
            f'"{traversal.name}" can\'t be used by itself: one of its attributes must be named.',
            traversal.range,
        )
        return None
    step = traversal.steps[0]
    if not isinstance(step, AttributeStep):
        diags.error(
            "Invalid reference",
            f'"{traversal.name}" is followed by a dot and a name, not by an index.',
            step.range,
        )
        return None
    subject: Subject
    match traversal.name:
        case "var":
            subject = VariableSubject(step.name)
        case "local":
            subject = LocalSubject(step.name)
        case _:
            subject = AttributeSubject(traversal.name, step.name)
    return Reference(subject, traversal.name_range.to(step.range), traversal.steps[1:])


def _module(traversal: Variable, diags: Diagnostics) -> Reference | None:
    steps = traversal.steps
    first = _attribute(traversal, diags)
    if first is None:
        return None
    assert isinstance(first.subject, AttributeSubject)
    call, place = ModuleSubject(first.subject.name), first.range
    rest = steps[1:]
    if rest and isinstance(rest[0], IndexStep):
        key = _key(rest[0], diags)
        if key is None:
            return None
        call, place = ModuleSubject(call.name, key), place.to(rest[0].range)
        rest = rest[1:]
    if not rest:
        return Reference(call, place, ())
    output = rest[0]
    if not isinstance(output, AttributeStep):
        diags.error(
            "Invalid reference",
            "The instance of a module is followed by a dot and the name of an output.",
            output.range,
        )
        return None
    return Reference(ModuleOutputSubject(call, output.name), place.to(output.range), rest[1:])


def _resource(
    mode: Mode, traversal: Variable, type_: Step, steps: tuple[Step, ...], diags: Diagnostics
) -> Reference | None:
    if not isinstance(type_, AttributeStep):
        diags.error(
            "Invalid reference",
            f'"{traversal.name}" is followed by a dot and a name, not by an index.',
            type_.range,
        )
        return None
    if not steps:
        diags.error(
            "Invalid reference",
            "A reference to a resource type must be followed by the name of a resource.",
            traversal.range,
        )
        return None
    name = steps[0]
    if not isinstance(name, AttributeStep):
        diags.error(
            "Invalid reference",
            f'"{type_.name}" is followed by a dot and the name of a resource, not by an index.',
            name.range,
        )
        return None
    resource = Resource(mode, type_.name, name.name)
    place = traversal.name_range.to(name.range)
    rest = steps[1:]
    if rest and isinstance(rest[0], IndexStep):
        key = _key(rest[0], diags)
        if key is None:
            return None
        return Reference(ResourceSubject(resource, key), place.to(rest[0].range), rest[1:])
    return Reference(ResourceSubject(resource), place, rest)


def _key(step: IndexStep, diags: Diagnostics) -> int | str | None:
    key = step_key(step.key)
    if key is None:
        diags.error(
            "Invalid index key",
            "The key of an instance is a whole number or a string.",
            step.range,
        )
    return key
