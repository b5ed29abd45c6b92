"""Blocks read against their schemas, before they become the model.

An override file changes a block of another file argument by argument, so
merging works on what the blocks hold, not on what it means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.source import SourceFile
from cotta.hcl.ast import (
    Body,
    Invalid,
    JsonString,
    Literal,
    ObjectExpression,
    Template,
    TupleExpression,
)
from cotta.hcl.bodies import AttributeSchema, BodySchema, content, partial_content
from cotta.hcl.evaluate import evaluate
from cotta.hcl.parser import parse_expression
from cotta.hcl.places import start_range
from cotta.hcl.references import calls_in, variables_in
from cotta.hcl.scope import Scope
from cotta.hcl.traversals import as_keyword, as_traversal, parse_quoted
from cotta.values.convert import ConversionError, convert
from cotta.values.types import BOOL, STRING
from cotta.values.value import is_known, is_null, unmark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Attribute, Block, Expression, ObjectItem, Variable
    from cotta.hcl.bodies import AnyBody
    from cotta.values.types import Type
    from cotta.values.value import Value


@dataclass(frozen=True, slots=True)
class Read:
    """What a block holds: the arguments and blocks of its schema, and the body of the rest.

    `changed_at` is the last block of an override file that changed it.
    """

    block: Block
    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]
    rest: AnyBody
    changed_at: SourceRange | None = None

    @property
    def range(self) -> SourceRange:
        """The place that stands for the block: its type and labels."""
        return self.block.header_range

    def expression(self, name: str) -> Expression | None:
        """Return what an argument is set to; None if it isn't."""
        attribute = self.attributes.get(name)
        return attribute.expression if attribute is not None else None

    def of_type(self, type_: str) -> list[Block]:
        """Return the nested blocks of one type."""
        return [block for block in self.blocks if block.type == type_]


def read_block(
    block: Block,
    schema: BodySchema,
    diags: Diagnostics,
    *,
    is_partial: bool = False,
    is_override: bool = False,
) -> Read:
    """Return what a block holds.

    What the schema doesn't know is an error, or the `rest` if `is_partial`.
    Nothing is required in an override.
    """
    if is_override:
        schema = BodySchema(
            tuple(replace(wanted, required=False) for wanted in schema.attributes), schema.blocks
        )
    if is_partial:
        found, rest = partial_content(block.body, schema, diags)
    else:
        found = content(block.body, schema, diags)
        rest = Body(block.range, {}, [], found.end_range)
    return Read(block, found.attributes, tuple(found.blocks), rest)


def schema(*attributes: str, required: tuple[str, ...] = ()) -> tuple[AttributeSchema, ...]:
    """Return the schemas of arguments by their names."""
    return (
        *(AttributeSchema(name, required=True) for name in required),
        *(AttributeSchema(name) for name in attributes),
    )


# --- names ----------------------------------------------------------------------

_IDENTIFIER: Final = re.compile(r"(?:[^\W\d_]|_)[\w-]*")
BAD_IDENTIFIER: Final = (
    "A name begins with a letter or an underscore, and goes on with letters, digits,"
    " underscores and dashes."
)


def is_identifier(name: str) -> bool:
    """Say whether a name can be used in references."""
    return _IDENTIFIER.fullmatch(name) is not None


def check_identifier(name: str, summary: str, place: SourceRange, diags: Diagnostics) -> None:
    """Report a name that can't be used in references."""
    if not is_identifier(name):
        diags.error(summary, BAD_IDENTIFIER, place)


# --- literals -------------------------------------------------------------------

_NOWHERE: Final = Scope()


def evaluate_literal(expression: Expression, diags: Diagnostics) -> Value | None:
    """Return the value of an expression that may not refer to anything; None if it fails."""
    if isinstance(expression, Literal):
        return expression.value
    expression = _as_text(expression)
    has_names = False
    for variable in variables_in(expression):
        diags.error("Variables not allowed", "No reference is allowed here.", variable.name_range)
        has_names = True
        break
    if not has_names:
        for call in calls_in(expression):
            diags.error("Function calls not allowed", "No function is allowed here.", call.range)
            has_names = True
            break
    before = len(diags)
    if has_names or isinstance(expression, Invalid):
        return None
    value = evaluate(expression, _NOWHERE, diags)
    return value if len(diags) == before else None


def _as_text(expression: Expression) -> Expression:
    """Return the expression with every string of the JSON syntax taken as it is.

    Where nothing can be referred to, such strings are texts, not templates.
    """
    match expression:
        case JsonString():
            return Literal(expression.range, expression.text)
        case TupleExpression(items=items):
            return replace(expression, items=tuple(map(_as_text, items)))
        case ObjectExpression(items=members) if any(
            isinstance(member.key.wrapped, JsonString) for member in members
        ):
            return replace(
                expression,
                items=tuple(replace(member, value=_as_text(member.value)) for member in members),
            )
        case _:
            return expression


def decode_literal(expression: Expression, wanted: Type, diags: Diagnostics) -> Value | None:
    """Return a literal as one of a primitive type; None, with a diagnostic, if it is none."""
    if isinstance(expression, Invalid):
        return None
    value = evaluate_literal(expression, diags)
    reason = "its value must be known"
    if value is not None:
        try:
            converted, _marks = unmark(convert(value, wanted))
        except ConversionError as error:
            reason = str(error)
        else:
            if is_null(converted):
                reason = "null is not allowed"
            elif is_known(converted):
                return converted
    diags.error(
        "Unsuitable value type",
        f"This value can't be used here: {reason}.",
        start_range(expression),
        context=expression.range,
    )
    return None


def decode_text(read: Read, name: str, diags: Diagnostics, default: str = "") -> str:
    """Return an argument that is literal text."""
    expression = read.expression(name)
    if expression is None:
        return default
    value = decode_literal(expression, STRING, diags)
    return value if isinstance(value, str) else default


def decode_flag(read: Read, name: str, diags: Diagnostics, *, default: bool = False) -> bool:
    """Return an argument that is literally true or false."""
    expression = read.expression(name)
    if expression is None:
        return default
    value = decode_literal(expression, BOOL, diags)
    return value if isinstance(value, bool) else default


# --- static lists, maps and references --------------------------------------------


def static_list(expression: Expression, diags: Diagnostics) -> tuple[Expression, ...]:
    """Return the items of a list that is written out."""
    if isinstance(expression, TupleExpression):
        return expression.items
    if not isinstance(expression, Invalid):
        diags.error(
            "Invalid expression",
            "A list in brackets, written out, is needed here.",
            start_range(expression),
            context=expression.range,
        )
    return ()


def static_map(expression: Expression, diags: Diagnostics) -> tuple[ObjectItem, ...] | None:
    """Return the items of a map that is written out; None if it isn't."""
    if isinstance(expression, ObjectExpression):
        return expression.items
    if not isinstance(expression, Invalid):
        diags.error(
            "Invalid expression",
            "A map in braces, written out, is needed here.",
            start_range(expression),
            context=expression.range,
        )
    return None


def quoted_text(expression: Expression) -> str | None:
    """Return the text of a native quoted string without templates; None for anything else."""
    match expression:
        case Template(parts=(Literal(value=str() as text),)) if _is_quoted(expression):
            return text
        case Template(parts=()) if _is_quoted(expression):
            return ""
    return None


def _is_quoted(expression: Template) -> bool:
    place = expression.range
    return place.file.text[place.start : place.start + 1] == '"'


def reference_of(expression: Expression, diags: Diagnostics) -> Variable | None:
    """Return an expression read as a reference; in quotes, as once, with a warning."""
    if quoted_text(expression) is not None:
        found = parse_quoted(expression.range, diags)
        if found is not None:
            diags.warning(
                "Quoted references are deprecated",
                "A reference is written without quotes. Remove the quotes around this one.",
                expression.range,
            )
        return found
    if isinstance(expression, Invalid):
        return None
    return as_traversal(expression, diags)


def references_of(expression: Expression, diags: Diagnostics) -> tuple[Variable, ...]:
    """Return a list of references that is written out."""
    found = [reference_of(item, diags) for item in static_list(expression, diags)]
    return tuple(reference for reference in found if reference is not None)


def keyword_of(expression: Expression, diags: Diagnostics) -> str | None:
    """Return the word that an expression is; in quotes, as once, with a warning."""
    text = quoted_text(expression)
    if text is not None:
        diags.warning(
            "Quoted keywords are deprecated",
            "A keyword is written without quotes. Remove the quotes around this one.",
            expression.range,
        )
        return text
    match expression:
        case JsonString(text=text):
            return text
        case Literal():
            return None
    return as_keyword(expression)


def unquoted_json(item: Expression, diags: Diagnostics) -> Expression:
    """Return what a string of the JSON syntax holds, read as an expression; others as they are."""
    if not isinstance(item, JsonString):
        return item
    place = item.range
    if place.text[1:-1] == item.text:
        return parse_expression(place.file, diags, start=place.start + 1, end=place.end - 1)
    return parse_expression(SourceFile(place.file.name, item.text), diags)
