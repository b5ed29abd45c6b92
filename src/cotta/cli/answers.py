"""One line of a console to its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl import tokens as t
from cotta.hcl.ast import Call, Parentheses
from cotta.hcl.evaluate import evaluate
from cotta.hcl.lexer import tokenize
from cotta.hcl.parser import parse_expression, read_source
from cotta.hcl.references import calls_in
from cotta.values.functions import Function, Parameter
from cotta.values.types import DYNAMIC
from cotta.values.value import type_of

if TYPE_CHECKING:
    from cotta.cli.bare_scope import Names
    from cotta.diagnostics.diagnostics import Diagnostic
    from cotta.hcl.ast import Expression
    from cotta.values.types import Type
    from cotta.values.value import Value

INPUT_NAME: Final = "<console-input>"


@dataclass(frozen=True, slots=True)
class ValueAnswer:
    """What the expression means."""

    value: Value


@dataclass(frozen=True, slots=True)
class TypeAnswer:
    """What `type(…)` was asked for."""

    type: Type


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer."""

    diagnostics: tuple[Diagnostic, ...]


Answer: TypeAlias = ValueAnswer | TypeAnswer | Refusal

# The console's own function.  Here it only hands its argument on; `answer`
# prints the type instead of the value.
TYPE_FUNCTION: Final = Function(
    name="type",
    description="Shows the type of a value; only in the console.",
    parameters=(Parameter("value", DYNAMIC, null=True, unknown=True, dynamic=True, marked=True),),
    result=DYNAMIC,
    implementation=lambda value: value,
    nullable=True,
)
_TYPE_NAMES: Final = ("type", "core::type")
TYPE_FUNCTIONS: Final = dict.fromkeys(_TYPE_NAMES, TYPE_FUNCTION)


def answer(expression: bytes, names: Names, *, line: int = 1) -> Answer:
    """Return the answer to an expression whose text begins at `line` of the input.

    Never raises for any input.
    """
    expression = expression.strip()
    if b"<<" in expression:
        expression += b"\n"  # the end of a heredoc is a whole line
    found = _answer(expression, names)
    if isinstance(found, Refusal) and line > 1:
        # Only a refusal says where: asking again with the lines before is
        # cheaper than carrying them along for every answer.
        return _answer(b"\n" * (line - 1) + expression, names)
    return found


def _answer(text: bytes, names: Names) -> Answer:
    diags = Diagnostics()
    source = read_source(text, INPUT_NAME, diags)
    if diags.has_errors:
        return Refusal(tuple(diags))
    node = parse_expression(source, diags)
    if not diags.has_errors:
        names.check(node, diags)
    if diags.has_errors:
        return Refusal(tuple(diags))
    asked = _asked_type(node)
    if any(call.name in _TYPE_NAMES for call in calls_in(node) if call is not asked):
        diags.error(
            "Invalid use of type function",
            'The function "type" shows a type and has no value: it can only stand alone.',
            next(c.range for c in calls_in(node) if c.name in _TYPE_NAMES and c is not asked),
        )
        return Refusal(tuple(diags))
    value = evaluate(node, names.scope, diags)
    if diags.has_errors:
        return Refusal(tuple(diags))
    return TypeAnswer(type_of(value)) if asked is not None else ValueAnswer(value)


def _asked_type(node: Expression) -> Call | None:
    """Return the call of `type` that the whole expression is, if it is one."""
    while isinstance(node, Parentheses):
        node = node.inner
    return node if isinstance(node, Call) and node.name in _TYPE_NAMES else None


_OPENERS: Final = frozenset(
    {t.OPEN_BRACE, t.OPEN_BRACKET, t.OPEN_PAREN, t.INTERPOLATION, t.DIRECTIVE}
)
_CLOSERS: Final = frozenset({t.CLOSE_BRACE, t.CLOSE_BRACKET, t.CLOSE_PAREN, t.TEMPLATE_END})


def is_unfinished(text: str) -> bool:
    """Say whether more lines belong to `text`: a bracket, heredoc or comment is open.

    A quoted string that is not closed on its line is a mistake, not unfinished.
    """
    diags = Diagnostics()
    source = read_source(f"{text}\n".encode("utf-8", "surrogatepass"), INPUT_NAME, diags)
    tokens = tokenize(source, diags)
    if any(found.summary == "Unterminated template string" for found in diags):
        return True  # a heredoc: only that is told before the parser has a look
    if tokens.kinds[-3:] == [t.SLASH, t.STAR, t.END] and tokens.ends[-3] == tokens.starts[-2]:
        return True  # what a comment without an end is read as
    depth = 0
    for kind in tokens.kinds:
        if kind in _OPENERS:
            depth += 1
        elif kind in _CLOSERS:
            depth -= 1
        elif kind == t.INVALID:
            return False
    return depth > 0
