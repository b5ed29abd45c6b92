"""Addresses that configurations write as references: in `moved`, `removed`, `import`.

`parse.py` reads the same from the text of command lines.  The rules and the
summaries are Terraform's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import (
    AbsResource,
    AbsResourceInstance,
    Mode,
    ModuleStep,
    Resource,
)
from cotta.hcl.ast import AttributeStep, IndexStep

if TYPE_CHECKING:
    from cotta.addrs.parse import Target
    from cotta.addrs.resources import InstanceKey, ModuleInstance
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Step, Variable
    from cotta.values.value import Value


NAMED_MODES: Final = {"data": Mode.DATA, "ephemeral": Mode.EPHEMERAL, "resource": Mode.MANAGED}
_KINDS: Final = {
    Mode.MANAGED: "resource type",
    Mode.DATA: "data source",
    Mode.EPHEMERAL: "ephemeral resource type",
}


# First words of references to other things than resources.
_OTHERS: Final = frozenset(
    {"var", "local", "path", "terraform", "each", "count", "self", "template", "lazy", "arg"}
)


def target_of(
    traversal: Variable, diags: Diagnostics, *, allows_reserved: bool = False
) -> Target | None:
    """Return what a reference names: a module, a resource or an instance.

    A type of resource that has the name of something else needs `resource.`
    before it, unless `allows_reserved`.
    """
    cursor = _Cursor(traversal, diags)
    module = cursor.module()
    if module is None:
        return None
    if cursor.is_at_end:
        return module
    if not allows_reserved and cursor.word in _OTHERS:
        diags.error(
            "Invalid address",
            f'"{cursor.word}" begins a reference to something else than a resource. If it is'
            f' the type of a resource, write "resource.{cursor.word}".',
            traversal.range,
        )
        return None
    instance = cursor.instance_in(module)
    if instance is None:
        return None
    return instance.of if instance.key is None else instance


def step_key(value: Value) -> int | str | None:
    """Return the instance key that an index stands for; None if it can't be one."""
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


class _Cursor:
    """A place among the names and indices of one reference."""

    def __init__(self, traversal: Variable, diags: Diagnostics) -> None:
        self.traversal = traversal
        self.diags = diags
        self.steps: list[Step] = [
            AttributeStep(traversal.name_range, traversal.name),
            *traversal.steps,
        ]
        self.at = 0

    @property
    def is_at_end(self) -> bool:
        return self.at >= len(self.steps)

    @property
    def word(self) -> str | None:
        """The next step, if it is a name."""
        step = self.steps[self.at]
        return step.name if isinstance(step, AttributeStep) else None

    def place(self) -> SourceRange:
        """Return where the next step is, or the last one if there is none."""
        return self.steps[min(self.at, len(self.steps) - 1)].range

    def fail(self, summary: str, detail: str, place: SourceRange | None = None) -> None:
        self.diags.error(summary, detail, place if place is not None else self.place())

    def module(self) -> ModuleInstance | None:
        """Read `module.name[key]` as often as it stands there."""
        found: list[ModuleStep] = []
        while not self.is_at_end:
            step = self.steps[self.at]
            if not isinstance(step, AttributeStep):
                self.fail(
                    "Invalid address operator",
                    "After a module's address come a dot and a name.",
                )
                return None
            if step.name != "module":
                break
            self.at += 1
            following = self.steps[self.at] if not self.is_at_end else None
            if not isinstance(following, AttributeStep):
                self.fail(
                    "Invalid address operator",
                    'After "module." the name of a module is needed.',
                    step.range if following is None else following.range,
                )
                return None
            self.at += 1
            key = self.key("Invalid address operator", "The key of a module")
            if key is _BAD:
                return None
            found.append(ModuleStep(following.name, key))
        return tuple(found)

    def key(self, summary: str, what: str) -> InstanceKey:
        """Read an instance key, if one is next; `_BAD` after a mistake."""
        if self.is_at_end:
            return None
        step = self.steps[self.at]
        if not isinstance(step, IndexStep):
            return None
        key = step_key(step.key)
        if key is None:
            self.fail(summary, f"{what} must be a whole number or a string.")
            return _BAD
        self.at += 1
        return key

    def instance_in(self, module: ModuleInstance) -> AbsResourceInstance | None:
        """Read a resource with or without an instance key, and nothing after."""
        resource = self.resource()
        if resource is None:
            return None
        key = self.key("Invalid address", "The key of a resource instance")
        if key is _BAD:
            return None
        if not self.is_at_end:
            step = self.steps[self.at]
            self.fail(
                "Invalid address",
                "An instance key is written in square brackets."
                if isinstance(step, AttributeStep) and key is None
                else "There is more after the end of this address.",
            )
            return None
        return AbsResource(module, resource).instance(key)

    def resource(self) -> Resource | None:
        first = self.steps[self.at]
        mode = Mode.MANAGED
        if isinstance(first, AttributeStep) and first.name in NAMED_MODES:
            mode = NAMED_MODES[first.name]
            self.at += 1
        rest = self.steps[self.at : self.at + 2]
        if len(rest) < 2:
            self.fail(
                "Invalid address",
                "A resource is named by its type and its name.",
                rest[0].range.to(rest[-1].range) if rest else first.range,
            )
            return None
        type_, name = rest
        if not isinstance(type_, AttributeStep):
            self.fail("Invalid address", f"The name of a {_KINDS[mode]} is needed.", type_.range)
            return None
        if not isinstance(name, AttributeStep):
            self.fail("Invalid address", "The name of a resource is needed.", name.range)
            return None
        self.at += 2
        return Resource(mode, type_.name, name.name)


# No key at all can be below zero in a configuration, and none is this text.
_BAD: Final = "\0"
