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
    key: Expression | None = None
    value = cursor.expression()
    if cursor.failed:
        return value
    if cursor.kinds[cursor.i] == t.ARROW:
        if closer != t.CLOSE_BRACE:
            return _bad_for(
                cursor,
                "A for expression in brackets makes a tuple, whose items have no keys. Use "
                "braces to make an object.",
                opened,
                value.range,
            )
        cursor.i += 1
        key, value = value, cursor.expression()
        if cursor.failed:
            return value
    elif closer == t.CLOSE_BRACE:
        return _bad_for(
            cursor,
            "A for expression in braces makes an object, which needs a key and a value with "
            "an arrow (=>) between. Use brackets to make a tuple.",
            opened,
            value.range,
        )
    grouping = cursor.kinds[cursor.i] == t.ELLIPSIS
    if grouping:
        if closer != t.CLOSE_BRACE:
            return _bad_for(cursor, "Only objects can be grouped with an ellipsis (...).", opened)
        cursor.i += 1
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
    return For(
        range=cursor.range_from(opened.start),
        key_name=names[0],
        value_name=names[1],
        collection=collection,
        key_result=key,
        value_result=value,
        condition=condition,
        grouping=grouping,
        open_range=opened,
        close_range=closed,
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
