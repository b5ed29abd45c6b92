"""What a template declares, before anything in it has a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Block, Expression
    from cotta.hcl.type_expressions import Defaults
    from cotta.values.types import Type
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """A rule that a variable's value must keep."""

    condition: Expression
    error_message: Expression
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A `variable` block, or a line of `variables`; without a default it must be given a value.

    `takes_text` says that a value from the command line or the environment is a
    text as it stands, not an expression.
    """

    name: str
    type: Type
    defaults: Defaults | None
    default: Value | None
    takes_text: bool
    is_sensitive: bool
    description: str
    validations: tuple[Validation, ...]
    range: SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A local value, of `locals` or of a `local` block."""

    name: str
    expression: Expression
    is_sensitive: bool
    range: SourceRange


@dataclass(frozen=True, slots=True)
class Plugin:
    """An entry of `required_plugins`."""

    name: str
    source: str
    version: str
    range: SourceRange


@dataclass(frozen=True, slots=True)
class Typed:
    """A block with a type and a name: `source` or `data`; `key` is the two joined by a dot."""

    block: Block

    @property
    def type(self) -> str:
        """The first label."""
        return self.block.labels[0]

    @property
    def name(self) -> str:
        """The second label."""
        return self.block.labels[1]

    @property
    def key(self) -> str:
        """How it is referred to: `amazon-ebs.app`."""
        return f"{self.type}.{self.name}"

    @property
    def range(self) -> SourceRange:
        """The place that stands for the block."""
        return self.block.header_range


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Everything that a template's files declare, in their order."""

    variables: Mapping[str, Variable] = field(default_factory=dict)
    locals: Mapping[str, Local] = field(default_factory=dict)
    data: Mapping[str, Typed] = field(default_factory=dict)
    sources: Mapping[str, Typed] = field(default_factory=dict)
    builds: tuple[Block, ...] = ()
    plugins: tuple[Plugin, ...] = ()
