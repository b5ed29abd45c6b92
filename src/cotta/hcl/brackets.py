"""Calls, tuples and objects: items between brackets.

After a mistake in an item of a tuple or object the next item is tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.diagnostics.source import SourceRange
from cotta.hcl import tokens as t
from cotta.hcl.ast import Call, Invalid, ObjectExpression, ObjectItem, ObjectKey, TupleExpression
from cotta.hcl.for_syntax import parse_for

if TYPE_CHECKING:
    from cotta.hcl.ast import Expression
    from cotta.hcl.expressions import Cursor


def parse_call(cursor: Cursor) -> Expression:
    """Parse `name(…)` or `name::space::name(…)`."""
    start = cursor.starts[cursor.i]
    name = cursor.token_text()
    cursor.i += 1
    while cursor.kinds[cursor.i] == t.DOUBLE_COLON:
        cursor.i += 1
        if cursor.kinds[cursor.i] != t.IDENT:
            return cursor.fail(
                "Missing function name",
                "The name of a function is needed after the double colon.",
            )
        name += f"::{cursor.token_text()}"
        cursor.i += 1
    name_range = cursor.range_from(start)
    if cursor.kinds[cursor.i] != t.OPEN_PAREN:
        return cursor.fail(
            "Missing open parenthesis",
            "The name of a function in a namespace must be followed by its arguments in "
            "parentheses.",
        )
    opened = cursor.range_at(cursor.i)
    mistakes = cursor.mistakes
    cursor.i += 1
    arguments: list[Expression] = []
    expands = False
    while cursor.kinds[cursor.i] != t.CLOSE_PAREN:
        arguments.append(cursor.expression())
        if cursor.failed:
            return arguments[-1]
        kind = cursor.kinds[cursor.i]
        if kind == t.COMMA:
            cursor.i += 1
        elif kind == t.ELLIPSIS:
            expands = True
            cursor.i += 1
            if cursor.kinds[cursor.i] != t.CLOSE_PAREN:
                return cursor.fail(
                    "Missing closing parenthesis",
                    "An expanded argument (with ...) must be the last one.",
                    cursor.range_at(cursor.i - 1),
                    context=SourceRange(cursor.source, start, cursor.ends[cursor.i]),
                )
        elif kind != t.CLOSE_PAREN:
            return _missing_separator(cursor, start, name_range.to(opened), mistakes)
    closed = cursor.range_at(cursor.i)
    cursor.i += 1
    return Call(
        cursor.range_from(start), name, name_range, tuple(arguments), expands, opened, closed
    )


def _missing_separator(
    cursor: Cursor, start: int, opening: SourceRange, mistakes: int
) -> Expression:
    if cursor.kinds[cursor.i] == t.END:
        return _unterminated(
            cursor,
            mistakes,
            "Unterminated function call",
            "There is no closing parenthesis for this call before the end of the file. "
            "Some bracket inside it may not be closed.",
            opening,
        )
    return cursor.fail(
        "Missing argument separator",
        "A comma is needed between the arguments of a function.",
        context=SourceRange(cursor.source, start, cursor.ends[cursor.i]),
    )


def _unterminated(
    cursor: Cursor, mistakes: int, summary: str, detail: str, opening: SourceRange
) -> Expression:
    """Fail at the end of the file.

    Nothing is told after a mistake inside the bracket, when there were only
    `mistakes` at its opening: that may well have swallowed its end.
    """
    if cursor.mistakes == mistakes:
        return cursor.fail(summary, detail, opening)
    cursor.failed = True
    return Invalid(opening)


def _begins_for(cursor: Cursor) -> bool:
    return cursor.kinds[cursor.i + 1] == t.IDENT and (
        cursor.text[cursor.starts[cursor.i + 1] : cursor.ends[cursor.i + 1]] == "for"
    )


def parse_tuple(cursor: Cursor) -> Expression:
    """Parse `[…]`, a tuple or a `for`."""
    if _begins_for(cursor):
        return parse_for(cursor, t.CLOSE_BRACKET)
    opened = cursor.range_at(cursor.i)
    mistakes = cursor.mistakes
    cursor.i += 1
    items: list[Expression] = []
    while cursor.kinds[cursor.i] != t.CLOSE_BRACKET:
        items.append(cursor.expression())
        if not cursor.failed and cursor.kinds[cursor.i] == t.COMMA:
            cursor.i += 1
            continue
        if not cursor.failed and cursor.kinds[cursor.i] != t.CLOSE_BRACKET:
            _no_item_end(cursor, opened, mistakes)
        if cursor.failed:
            if not cursor.skip_item(t.COMMA) or cursor.kinds[cursor.i] not in (
                t.COMMA,
                t.CLOSE_BRACKET,
            ):
                cursor.failed = True
                return Invalid(opened)
            if cursor.kinds[cursor.i] == t.COMMA:
                cursor.i += 1
    cursor.i += 1
    return TupleExpression(cursor.range_from(opened.start), tuple(items), opened)


def _no_item_end(cursor: Cursor, opened: SourceRange, mistakes: int) -> None:
    if cursor.kinds[cursor.i] == t.END:
        _unterminated(
            cursor,
            mistakes,
            "Unterminated tuple constructor expression",
            "There is no bracket to close this tuple before the end of the file.",
            opened,
        )
        return
    cursor.fail(
        "Missing item separator",
        "A comma is needed before the next item.",
        context=SourceRange(cursor.source, opened.start, cursor.ends[cursor.i]),
    )


def parse_object(cursor: Cursor) -> Expression:
    """Parse `{…}`, an object or a `for`."""
    if _begins_for(cursor):
        return parse_for(cursor, t.CLOSE_BRACE)
    opened = cursor.range_at(cursor.i)
    mistakes = cursor.mistakes
    cursor.i += 1
    items: list[ObjectItem] = []
    while True:
        cursor.skip_newlines()
        if cursor.kinds[cursor.i] == t.CLOSE_BRACE:
            break
        item = _object_item(cursor, opened, mistakes)
        if item is not None:
            items.append(item)
            if cursor.kinds[cursor.i] == t.COMMA:
                cursor.i += 1
            continue
        if not cursor.skip_item(t.COMMA, t.NEWLINE) or cursor.kinds[cursor.i] not in (
            t.COMMA,
            t.NEWLINE,
            t.CLOSE_BRACE,
        ):
            cursor.failed = True
            return Invalid(opened)
        if cursor.kinds[cursor.i] != t.CLOSE_BRACE:
            cursor.i += 1
    cursor.i += 1
    return ObjectExpression(cursor.range_from(opened.start), tuple(items), opened)


def _object_item(cursor: Cursor, opened: SourceRange, mistakes: int) -> ObjectItem | None:
    """Parse `key = value` up to its separator; None, with the cursor failed, if it isn't one."""
    in_parentheses = cursor.kinds[cursor.i] == t.OPEN_PAREN
    key = cursor.expression()
    if cursor.failed:
        return None
    if cursor.kinds[cursor.i] not in (t.ASSIGN, t.COLON):
        _no_key_end(cursor, opened, mistakes)
        return None
    cursor.i += 1
    value = cursor.expression()
    if cursor.failed:
        return None
    if cursor.kinds[cursor.i] not in (t.COMMA, t.NEWLINE, t.CLOSE_BRACE):
        if cursor.kinds[cursor.i] == t.END:
            _unterminated(
                cursor,
                mistakes,
                "Unterminated object constructor expression",
                "There is no brace to close this object before the end of the file.",
                opened,
            )
        else:
            cursor.fail(
                "Missing attribute separator",
                "A comma or a newline is needed before the next attribute.",
                context=SourceRange(cursor.source, opened.start, cursor.ends[cursor.i]),
            )
        return None
    return ObjectItem(ObjectKey(key.range, key, in_parentheses), value)


def _no_key_end(cursor: Cursor, opened: SourceRange, mistakes: int) -> None:
    kind = cursor.kinds[cursor.i]
    context = SourceRange(cursor.source, opened.start, cursor.ends[cursor.i])
    if kind in (t.NEWLINE, t.COMMA):
        cursor.fail(
            "Missing attribute value",
            'After a key there must be an equals sign ("=") and a value.',
            context=context,
        )
    elif kind == t.END:
        _unterminated(
            cursor,
            mistakes,
            "Unterminated object constructor expression",
            "There is no brace to close this object before the end of the file.",
            opened,
        )
    else:
        cursor.fail(
            "Missing key/value separator",
            'An equals sign ("=") is needed between a key and its value.',
            context=context,
        )
