"""The syntax tree of HCL: every node, with its place; no behaviour.

Both syntaxes end here.  The native one gives a `Body` of attributes and
blocks.  JSON can't tell the two apart before somebody names a schema, so it
gives a `JsonBody` of members whose values are ordinary expressions, and
`bodies.py` reads either.

Every node's `range` covers exactly its source text, parentheses and quotes
included.  Nodes compare by identity: two equal-looking expressions at
different places are different expressions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.diagnostics.source import SourceFile, SourceRange
    from cotta.values.value import Value

# --- expressions --------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Literal:
    """A number, `true`, `false`, `null`, or a piece of literal template text."""

    range: SourceRange
    value: Value


@dataclass(slots=True, eq=False)
class Template:
    """A quoted or heredoc template; its value is the parts joined as a string.

    Literal pieces are `Literal` strings with escapes resolved, indentation
    and `~` trimming applied.  A template that is nothing but literal text is
    a `Template` too, of one part or none.  `%{ if }` is a `Conditional` of
    two templates (an absent else is an empty one), `%{ for }` a
    `TemplateJoin` of a `For`.
    """

    range: SourceRange
    parts: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class TemplateWrap:
    """A quoted template that is one lone `${…}`: the value inside, type kept."""

    range: SourceRange
    wrapped: Expression


@dataclass(slots=True, eq=False)
class TemplateJoin:
    """The result of `%{ for }`: the strings of a tuple, one after another."""

    range: SourceRange
    items: Expression


@dataclass(slots=True, eq=False)
class AttributeStep:
    """`.name`; the range begins at the dot."""

    range: SourceRange
    name: str


@dataclass(slots=True, eq=False)
class IndexStep:
    """`[key]` with a literal key, or the legacy `.0`; the range covers both brackets."""

    range: SourceRange
    key: Value


Step: TypeAlias = AttributeStep | IndexStep


@dataclass(slots=True, eq=False)
class Variable:
    """A name in scope and the literal steps that follow it: `var.a["b"].c`."""

    range: SourceRange
    name: str
    name_range: SourceRange
    steps: tuple[Step, ...]


@dataclass(slots=True, eq=False)
class RelativeTraversal:
    """Literal steps from the value of any other expression: `f(x).a[0]`."""

    range: SourceRange
    source: Expression
    steps: tuple[Step, ...]


@dataclass(slots=True, eq=False)
class Index:
    """`collection[key]` with a key that is not a literal; `bracket_range` is `[key]`."""

    range: SourceRange
    collection: Expression
    key: Expression
    bracket_range: SourceRange


@dataclass(slots=True, eq=False)
class SplatItem:
    """Stands for the current element inside `Splat.each`."""

    range: SourceRange


@dataclass(slots=True, eq=False)
class Splat:
    """`source[*]…` or the legacy `source.*…`: `each` for every `item` of `source`.

    `each` is `item` itself or steps from it.  After a full splat, index
    brackets belong to `each`; after a legacy one they apply to the result.
    `marker_range` is the `[*]` or `.*`.
    """

    range: SourceRange
    source: Expression
    item: SplatItem
    each: Expression
    marker_range: SourceRange


@dataclass(slots=True, eq=False)
class Call:
    """`name(arguments…)`; `name` may be namespaced: `provider::aws::arn_parse`.

    `expand_final` says that the last argument was followed by `...`.
    `open_range` and `close_range` are the parentheses.
    """

    range: SourceRange
    name: str
    name_range: SourceRange
    arguments: tuple[Expression, ...]
    expand_final: bool
    open_range: SourceRange
    close_range: SourceRange


@dataclass(slots=True, eq=False)
class Conditional:
    """`condition ? true_result : false_result`."""

    range: SourceRange
    condition: Expression
    true_result: Expression
    false_result: Expression


@dataclass(slots=True, eq=False)
class Binary:
    """`left operator right`; the operator as written, e.g. "&&"."""

    range: SourceRange
    operator: str
    left: Expression
    right: Expression
    operator_range: SourceRange


@dataclass(slots=True, eq=False)
class Unary:
    """`!operand` or `-operand`."""

    range: SourceRange
    operator: str
    operand: Expression
    operator_range: SourceRange


@dataclass(slots=True, eq=False)
class For:
    """`[for …]` (no `key_result`) or `{for … => …}`.

    `key_name` is the first of two names, if there are two.  `grouping` says
    that the value was followed by `...`.
    """

    range: SourceRange
    key_name: str | None
    value_name: str
    collection: Expression
    key_result: Expression | None
    value_result: Expression
    condition: Expression | None
    grouping: bool
    open_range: SourceRange
    close_range: SourceRange


@dataclass(slots=True, eq=False)
class TupleExpression:
    """`[a, b]`."""

    range: SourceRange
    items: tuple[Expression, ...]
    open_range: SourceRange


@dataclass(slots=True, eq=False)
class ObjectKey:
    """A key of an object expression.

    A bare name means itself, so `wrapped` is a `Variable` and yet not looked
    up, unless `in_parentheses`.
    """

    range: SourceRange
    wrapped: Expression
    in_parentheses: bool


@dataclass(slots=True, eq=False)
class ObjectItem:
    """`key = value` or `key: value` inside braces."""

    key: ObjectKey
    value: Expression


@dataclass(slots=True, eq=False)
class ObjectExpression:
    """`{a = 1, (k) = 2}`; keys may repeat, the last one wins."""

    range: SourceRange
    items: tuple[ObjectItem, ...]
    open_range: SourceRange


@dataclass(slots=True, eq=False)
class Parentheses:
    """`(inner)`."""

    range: SourceRange
    inner: Expression


@dataclass(slots=True, eq=False)
class JsonString:
    """A string of the JSON syntax.

    Where expressions are evaluated it means `template`; where a literal, a
    reference or a type is expected it means its `text`.  `mistakes` are what
    is wrong with it as a template, told only when it is evaluated as one.
    """

    range: SourceRange
    text: str
    template: Expression
    mistakes: tuple[Diagnostic, ...] = ()


@dataclass(slots=True, eq=False)
class Invalid:
    """An expression that could not be parsed; a diagnostic says why.

    Evaluates to an unknown value of any type, without another diagnostic.
    """

    range: SourceRange


Expression: TypeAlias = (
    Literal
    | Template
    | TemplateWrap
    | TemplateJoin
    | Variable
    | RelativeTraversal
    | Index
    | SplatItem
    | Splat
    | Call
    | Conditional
    | Binary
    | Unary
    | For
    | TupleExpression
    | ObjectExpression
    | ObjectKey
    | Parentheses
    | JsonString
    | Invalid
)

# --- structure ----------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Attribute:
    """`name = expression` in a body."""

    range: SourceRange
    name: str
    name_range: SourceRange
    equals_range: SourceRange
    expression: Expression


@dataclass(slots=True, eq=False)
class Block:
    """`type "label" { body }`; `close_range` is empty where the brace is missing.

    `header_range` runs from the type to the last label.
    """

    range: SourceRange
    type: str
    type_range: SourceRange
    labels: tuple[str, ...]
    label_ranges: tuple[SourceRange, ...]
    open_range: SourceRange
    close_range: SourceRange
    body: Body | JsonBody

    @property
    def header_range(self) -> SourceRange:
        """From the block's type to its last label; in JSON, the brace that opens it."""
        if isinstance(self.body, JsonBody):
            return self.open_range
        last = self.label_ranges[-1] if self.label_ranges else self.type_range
        return self.type_range.to(last)


@dataclass(slots=True, eq=False)
class Body:
    """The inside of a file or block of the native syntax, in source order.

    The first of two attributes of one name is kept; a diagnostic names the
    second.  `end_range` is where something missing is told: the opening brace,
    or the beginning of the file.
    """

    range: SourceRange
    attributes: dict[str, Attribute]
    blocks: list[Block]
    end_range: SourceRange


@dataclass(slots=True, eq=False)
class JsonMember:
    """`"name": value` of a JSON object that is read as a body."""

    range: SourceRange
    name: str
    name_range: SourceRange
    value: Expression


@dataclass(slots=True, eq=False)
class JsonBody:
    """A JSON object (or an array of them) read as a body; names may repeat."""

    range: SourceRange
    members: tuple[JsonMember, ...]
    end_range: SourceRange


@dataclass(slots=True, eq=False)
class File:
    """A parsed file of either syntax."""

    source: SourceFile
    body: Body | JsonBody
