"""Files to trees: bodies, arguments and blocks, and going on after a mistake.

After a mistake in an argument or block header the parser goes on at the next
line of the same body.  Where an unclosed bracket has swallowed the rest of
the file, it reads the rest afresh from the next line instead, so that one
forgotten bracket costs one diagnostic.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.source import SourceFile, SourceRange
from cotta.hcl import tokens as t
from cotta.hcl.ast import Attribute, Block, Body, File, Literal, Template
from cotta.hcl.expressions import MAX_DEPTH, Cursor
from cotta.hcl.lexer import tokenize, tokenize_template
from cotta.hcl.templates import parse_bare, parse_quoted
from cotta.hcl.tokens import Tokens
from cotta.values.value import make_string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cotta.hcl.ast import Expression

# Each costs a pass over the rest of the file, so there must be an end to them.
_MOST_FRESH_STARTS: Final = 20

_CLOSER_OF: Final = {
    t.OPEN_BRACE: t.CLOSE_BRACE,
    t.OPEN_BRACKET: t.CLOSE_BRACKET,
    t.OPEN_PAREN: t.CLOSE_PAREN,
    t.INTERPOLATION: t.TEMPLATE_END,
    t.DIRECTIVE: t.TEMPLATE_END,
}
_CLOSERS: Final = frozenset(_CLOSER_OF.values())

# A file with more mistakes than these has been told enough.
_MOST_MISTAKES: Final = 100


def parse_file(content: bytes, name: str, diags: Diagnostics) -> File:
    """Return the tree of a file in the native syntax; what can't be read is left out."""
    return parse_source(read_source(content, name, diags), diags)


def read_source(content: bytes, name: str, diags: Diagnostics) -> SourceFile:
    """Return a file's text; bytes that are no UTF-8 are a mistake and become U+FFFD."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        text = content.decode("utf-8", "replace")
        source = SourceFile(name, text)
        at = len(content[: error.start].decode("utf-8"))
        diags.error(
            "Invalid character encoding",
            "Files must be UTF-8 throughout. Save this one in that encoding.",
            SourceRange(source, at, min(at + 1, len(text))),
        )
        return source
    text = text.removeprefix("\ufeff")
    return SourceFile(name, text)


def parse_source(source: SourceFile, diags: Diagnostics) -> File:
    """Return the tree of a text in the native syntax."""
    found = Diagnostics()
    with collector_paused():
        parser = _BodyParser(Cursor(tokenize(source, found), found))
        body = parser.body(t.END, SourceRange(source, 0, 0))
    mistakes = sorted(found, key=_place)
    diags.extend(mistakes[:_MOST_MISTAKES])
    return File(source, body)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the cycle collector from walking a growing tree again and again.

    A tree has no cycles to find, and looking for them takes as long as parsing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _place(diagnostic: object) -> int:
    subject: SourceRange | None = getattr(diagnostic, "subject", None)
    return subject.start if subject is not None else 0


def parse_expression(
    source: SourceFile, diags: Diagnostics, *, start: int = 0, end: int | None = None
) -> Expression:
    """Return the one expression that `source[start:end]` is; newlines in it don't matter."""
    with collector_paused():
        return _parse_expression(tokenize(source, diags, start=start, end=end), diags)


def _parse_expression(tokens: Tokens, diags: Diagnostics) -> Expression:
    significant = [i for i, kind in enumerate(tokens.kinds) if kind != t.NEWLINE]
    tokens = Tokens(
        tokens.source,
        [tokens.kinds[i] for i in significant],
        [tokens.starts[i] for i in significant],
        [tokens.ends[i] for i in significant],
    )
    cursor = Cursor(tokens, diags)
    node = cursor.expression()
    if not cursor.failed and cursor.kinds[cursor.i] != t.END:
        return cursor.fail(
            "Extra characters after expression",
            "This is a whole expression, but more follows it.",
        )
    return node


def parse_template(
    source: SourceFile, diags: Diagnostics, *, start: int = 0, end: int | None = None
) -> Expression:
    """Return `source[start:end]` as a template without quotes; backslashes are only text."""
    with collector_paused():
        return parse_bare(Cursor(tokenize_template(source, diags, start=start, end=end), diags))


class _BodyParser:
    """Bodies and what is in them, on a cursor shared with the expressions."""

    __slots__ = ("cursor", "depth", "fresh_starts")

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.depth = 0
        self.fresh_starts = 0

    def body(self, closer: int, opened: SourceRange) -> Body:
        """Parse items up to `closer`, which is left to the caller, or the end of the file."""
        cursor = self.cursor
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        while True:
            kind = cursor.kinds[cursor.i]
            if kind == t.NEWLINE:
                cursor.i += 1
            elif kind == t.IDENT:
                at, tokens = cursor.i, cursor.tokens
                self.item(attributes, blocks)
                if cursor.failed:
                    # Something inside may have begun afresh, with other tokens.
                    self.recover(at if cursor.tokens is tokens else cursor.i)
            elif kind in (closer, t.END):
                break
            else:
                self.no_item(kind)
                self.recover(cursor.i)
        place = SourceRange(cursor.source, opened.start, cursor.ends[cursor.i])
        return Body(place, attributes, blocks, opened)

    def item(self, attributes: dict[str, Attribute], blocks: list[Block]) -> None:
        """Parse one argument or block with the newline after it."""
        cursor = self.cursor
        at = cursor.i
        after = cursor.kinds[at + 1]
        if after == t.ASSIGN:
            attribute = self.attribute()
            if cursor.failed:
                return
            self.add(attribute, attributes)
            if cursor.kinds[cursor.i] == t.NEWLINE:
                cursor.i += 1
            elif cursor.kinds[cursor.i] != t.END:
                self.no_newline_after_argument(attribute)
        elif after in (t.OPEN_BRACE, t.STRING, t.QUOTE_OPEN, t.IDENT):
            block = self.block()
            if block is not None:
                blocks.append(block)
        else:
            cursor.fail(
                "Argument or block definition required",
                "This is neither an argument nor a block. An argument is set with an equals "
                'sign ("=").',
            )
            cursor.i += 1

    def add(self, attribute: Attribute, attributes: dict[str, Attribute]) -> None:
        first = attributes.get(attribute.name)
        if first is None:
            attributes[attribute.name] = attribute
            return
        self.cursor.diags.error(
            "Attribute redefined",
            f'The argument "{attribute.name}" was set already at {first.name_range.describe()}. '
            "Each argument can be set once.",
            attribute.name_range,
        )

    def attribute(self) -> Attribute:
        """Parse `name = expression`, without the newline."""
        cursor = self.cursor
        name_range = cursor.range_at(cursor.i)
        equals = cursor.range_at(cursor.i + 1)
        cursor.i += 2
        expression = cursor.expression()
        name = make_string(name_range.text)
        place = SourceRange(cursor.source, name_range.start, expression.range.end)
        return Attribute(place, name, name_range, equals, expression)

    def no_newline_after_argument(self, attribute: Attribute) -> None:
        cursor = self.cursor
        context = SourceRange(cursor.source, attribute.range.start, cursor.ends[cursor.i])
        if cursor.kinds[cursor.i] == t.COMMA:
            cursor.fail(
                "Unexpected comma after argument",
                "Arguments are ended by newlines, not by commas.",
                context=context,
            )
            return
        cursor.fail(
            "Missing newline after argument",
            "An argument ends with its line. Put what follows on a line of its own.",
            context=context,
        )

    def no_item(self, kind: int) -> None:
        cursor = self.cursor
        if kind in (t.STRING, t.QUOTE_OPEN):
            cursor.fail("Invalid argument name", "The name of an argument has no quotes.")
            return
        cursor.fail(
            "Argument or block definition required",
            "An argument or a block is needed here.",
        )

    # --- blocks ---------------------------------------------------------------

    def block(self) -> Block | None:
        """Parse a block with the newline after it; None, the cursor failed, if it isn't one."""
        cursor = self.cursor
        type_range = cursor.range_at(cursor.i)
        cursor.i += 1
        labels: list[str] = []
        label_ranges: list[SourceRange] = []
        while cursor.kinds[cursor.i] != t.OPEN_BRACE:
            start = cursor.starts[cursor.i]
            label = self.label(type_range)
            if label is None:
                return None
            labels.append(label)
            label_ranges.append(cursor.range_from(start))
        opened = cursor.range_at(cursor.i)
        if self.depth >= MAX_DEPTH:
            cursor.too_deep()
            return None
        mistakes = cursor.mistakes
        cursor.i += 1
        self.depth += 1
        if cursor.kinds[cursor.i] in (t.NEWLINE, t.CLOSE_BRACE, t.END):
            body = self.body(t.CLOSE_BRACE, opened)
        else:
            body = self.one_line_body(opened)
        self.depth -= 1
        closed = SourceRange(cursor.source, cursor.starts[cursor.i], cursor.starts[cursor.i])
        if not cursor.failed:
            if cursor.kinds[cursor.i] == t.CLOSE_BRACE:
                closed = cursor.range_at(cursor.i)
                cursor.i += 1
                self.end_of_block(type_range)
            elif cursor.mistakes == mistakes:
                self.unclosed(opened)
        return Block(
            SourceRange(cursor.source, type_range.start, closed.end),
            make_string(type_range.text),
            type_range,
            tuple(labels),
            tuple(label_ranges),
            opened,
            closed,
            body,
        )

    def label(self, type_range: SourceRange) -> str | None:
        """Take one label of a block; None, with the cursor failed, if there is none."""
        cursor = self.cursor
        kind = cursor.kinds[cursor.i]
        if kind == t.IDENT:
            cursor.i += 1
            return make_string(cursor.text[cursor.starts[cursor.i - 1] : cursor.ends[cursor.i - 1]])
        if kind == t.STRING:
            cursor.i += 1
            at = cursor.i - 1
            return make_string(cursor.text[cursor.starts[at] + 1 : cursor.ends[at] - 1])
        if kind == t.QUOTE_OPEN:
            return self.quoted_label()
        context = SourceRange(cursor.source, type_range.start, cursor.ends[cursor.i])
        if kind == t.ASSIGN:
            detail = 'The equals sign ("=") sets an argument. A block has none.'
        elif kind in (t.NEWLINE, t.END):
            detail = 'The body of a block, "{" … "}", begins on the line of its type and labels.'
        else:
            detail = 'A quoted label or an opening brace ("{") is needed here.'
        cursor.fail("Invalid block definition", detail, context=context)
        return None

    def quoted_label(self) -> str | None:
        cursor = self.cursor
        at = cursor.i
        while cursor.kinds[at] in (t.QUOTE_OPEN, t.TEXT):
            at += 1
        if cursor.kinds[at] in (t.INTERPOLATION, t.DIRECTIVE):
            cursor.fail(
                "Invalid string literal",
                "A label is plain text: templates can't be used here.",
                cursor.range_at(at),
            )
            return None
        match parse_quoted(cursor, unclosed="Unterminated string literal"):
            case Template(parts=(Literal(value=str() as text),)):
                return text
            case _:
                cursor.failed = True
                return None

    def end_of_block(self, type_range: SourceRange) -> None:
        cursor = self.cursor
        kind = cursor.kinds[cursor.i]
        if kind == t.NEWLINE:
            cursor.i += 1
        elif kind != t.END:
            cursor.fail(
                "Missing newline after block definition",
                "A block ends with its line. Put what follows on a line of its own.",
                context=SourceRange(cursor.source, type_range.start, cursor.ends[cursor.i]),
            )

    def unclosed(self, opened: SourceRange) -> None:
        """Tell that a block has no end.

        Not after a mistake inside it, which may well have swallowed its end;
        so of nested blocks without an end only the innermost is told.
        """
        self.cursor.mistakes += 1
        self.cursor.diags.error(
            "Unclosed configuration block",
            "There is no closing brace for this block before the end of the file. A brace "
            "inside it may be missing or one too many.",
            opened,
        )

    def one_line_body(self, opened: SourceRange) -> Body:
        """Parse the only argument of a block on one line."""
        cursor = self.cursor
        attributes: dict[str, Attribute] = {}
        at = cursor.i
        if cursor.kinds[at] != t.IDENT:
            self.no_item(t.INVALID)
        elif cursor.kinds[at + 1] != t.ASSIGN:
            self.not_an_argument(at)
        else:
            attribute = self.attribute()
            if not cursor.failed:
                attributes[attribute.name] = attribute
                if cursor.kinds[cursor.i] not in (t.CLOSE_BRACE, t.END):
                    self.more_than_one_line()
        place = SourceRange(cursor.source, opened.start, cursor.ends[cursor.i])
        return Body(place, attributes, [], opened)

    def not_an_argument(self, at: int) -> None:
        cursor = self.cursor
        name = cursor.range_at(at)
        cursor.i = at + 1
        if cursor.kinds[at + 1] in (t.IDENT, t.STRING, t.QUOTE_OPEN, t.OPEN_BRACE):
            cursor.fail(
                "Argument definition required",
                "A block on one line holds one argument. To set "
                f'"{name.text}", use an equals sign; to write a block inside a block, give it '
                "lines of its own.",
                name.to(cursor.range_at(at + 1)),
            )
            return
        cursor.fail(
            "Argument or block definition required",
            "This is neither an argument nor a block. An argument is set with an equals "
            'sign ("=").',
            name,
        )

    def more_than_one_line(self) -> None:
        kind = self.cursor.kinds[self.cursor.i]
        if kind == t.COMMA:
            detail = (
                "A block on one line holds one argument. Give several a line each, and the "
                "closing brace too."
            )
        elif kind == t.NEWLINE:
            detail = (
                "A block whose first argument stands on the line of its brace must end on that "
                "line too."
            )
        else:
            detail = "A block on one line ends with a brace right after its argument."
        self.cursor.fail("Invalid single-argument block definition", detail)

    # --- going on -------------------------------------------------------------

    def recover(self, item: int) -> None:
        """Go to the line after a failed item, or to the brace that closes this body.

        Brackets are matched from the token that the item begins with.
        """
        cursor = self.cursor
        if cursor.is_hopeless:
            cursor.i = len(cursor.kinds) - 1
            return
        kinds = cursor.kinds
        failed_at = cursor.i
        opened: list[int] = []
        at = item
        while (kind := kinds[at]) != t.END:
            if kind in _CLOSER_OF:
                opened.append(_CLOSER_OF[kind])
            elif kind == t.NEWLINE and not opened and at >= failed_at:
                cursor.i = at + 1
                cursor.failed = False
                return
            elif kind in _CLOSERS:
                if kind in opened:
                    while opened.pop() != kind:
                        pass
                elif kind == t.CLOSE_BRACE and self.depth > 0 and at >= failed_at:
                    cursor.i = at
                    cursor.failed = False
                    return
            at += 1
        cursor.failed = False
        self.start_afresh(cursor.starts[failed_at])

    def start_afresh(self, failed_at: int) -> None:
        """Read the rest of the file again from the line after a mistake with no end."""
        cursor = self.cursor
        source = cursor.source
        next_line = source.text.find("\n", failed_at)
        self.fresh_starts += 1
        if next_line < 0 or self.fresh_starts > _MOST_FRESH_STARTS:
            cursor.i = len(cursor.kinds) - 1
            return
        tokens = tokenize(source, cursor.diags, start=next_line + 1)
        cursor.tokens = tokens
        cursor.kinds, cursor.starts, cursor.ends = tokens.kinds, tokens.starts, tokens.ends
        cursor.i = 0
