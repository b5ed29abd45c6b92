"""`[for …]` and `{for …}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.diagnostics.source import SourceRange
from cotta.hcl import tokens as t
from cotta.hcl.ast import For, Invalid
from cotta.values.value import make_string

if TYPE_CHECKING:
    from cotta.hcl.ast import Expression
    from cotta.hcl.expressions import Cursor


def parse_for(cursor: Cursor, closer: int) -> Expression:
    """Parse `[for …]` or `{for …}`."""
    opened = cursor.range_at(cursor.i)
    cursor.i += 2
    names = parse_for_names(cursor, opened)
    if names is None:
        return Invalid(opened)
    collection = cursor.expression()
    if cursor.failed:
        return collection
    if cursor.kinds[cursor.i] != t.COLON:
        return _bad_for(cursor, "A colon is needed after the collection.", opened)
    cursor.i += 1
    mistakes = cursor.mistakes
    key: Expression | None = None
    value = cursor.expression()
    if cursor.failed:
        return value
    if cursor.kinds[cursor.i] == t.ARROW:
        cursor.i += 1
        key, value = value, cursor.expression()
        if cursor.failed:
            return value
    elif closer == t.CLOSE_BRACE:
        # After a mistake inside what was read the arrow may be in there.
        cursor.failed = cursor.mistakes > mistakes
        return _bad_for(
            cursor,
            "A for expression in braces makes an object, which needs a key and a value with "
            "an arrow (=>) between. Use brackets to make a tuple.",
            opened,
            value.range,
        )
    ellipsis = cursor.range_at(cursor.i) if cursor.kinds[cursor.i] == t.ELLIPSIS else None
    if ellipsis is not None:
        cursor.i += 1
    is_object_only = key is not None or ellipsis is not None
    if is_object_only and closer == t.CLOSE_BRACKET:
        _report_object_parts(cursor, key, ellipsis, opened)
    condition: Expression | None = None
    if cursor.kinds[cursor.i] == t.IDENT and cursor.token_text() == "if":
        cursor.i += 1
        condition = cursor.expression()
        if cursor.failed:
            return condition
    if cursor.kinds[cursor.i] != closer:
        what = "brace" if closer == t.CLOSE_BRACE else "bracket"
        return _bad_for(cursor, f"Nothing more is expected before the closing {what}.", opened)
    closed = cursor.range_at(cursor.i)
    cursor.i += 1
    whole = cursor.range_from(opened.start)
    if is_object_only and closer == t.CLOSE_BRACKET:
        return Invalid(whole)
    return For(
        range=whole,
        key_name=names[0],
        value_name=names[1],
        collection=collection,
        key_result=key,
        value_result=value,
        condition=condition,
        grouping=ellipsis is not None,
        open_range=opened,
        close_range=closed,
    )


def _report_object_parts(
    cursor: Cursor, key: Expression | None, ellipsis: SourceRange | None, opened: SourceRange
) -> None:
    """Tell what doesn't belong into the `for` of a tuple."""
    context = SourceRange(cursor.source, opened.start, cursor.ends[cursor.i])
    if key is not None:
        cursor.diags.error(
            "Invalid 'for' expression",
            "A for expression in brackets makes a tuple, whose items have no keys. Use braces "
            "to make an object.",
            key.range,
            context=context,
        )
    if ellipsis is not None:
        cursor.diags.error(
            "Invalid 'for' expression",
            "Only objects can be grouped with an ellipsis (...).",
            ellipsis,
            context=context,
        )


def parse_for_names(cursor: Cursor, opened: SourceRange) -> tuple[str | None, str] | None:
    """Take one or two names and `in`; None, with the cursor failed, if they aren't there."""
    if cursor.kinds[cursor.i] != t.IDENT:
        _bad_for(cursor, "A name is needed after 'for'.", opened)
        return None
    first: str | None = None
    name = make_string(cursor.token_text())
    cursor.i += 1
    if cursor.kinds[cursor.i] == t.COMMA:
        cursor.i += 1
        if cursor.kinds[cursor.i] != t.IDENT:
            _bad_for(cursor, "A name is needed after the comma.", opened)
            return None
        first, name = name, make_string(cursor.token_text())
        cursor.i += 1
    if cursor.kinds[cursor.i] != t.IDENT or cursor.token_text() != "in":
        _bad_for(cursor, "The word 'in' is needed after the names.", opened)
        return None
    cursor.i += 1
    return first, name


def _bad_for(
    cursor: Cursor, detail: str, opened: SourceRange, subject: SourceRange | None = None
) -> Invalid:
    context = SourceRange(cursor.source, opened.start, cursor.ends[cursor.i])
    what = (
        "directive"
        if cursor.kinds[cursor.i - 1] == t.DIRECTIVE or opened.text == "for"
        else "expression"
    )
    return cursor.fail(f"Invalid 'for' {what}", detail, subject, context)
