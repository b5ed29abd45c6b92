"""Tokens to expressions, by precedence climbing.

`Cursor` walks the tokens.  The first mistake of a construct is told and puts
the cursor into `failed`, in which nothing more is told until somebody has
found a place to go on from: the next item of a bracket, or of the body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.diagnostics.source import SourceRange
from cotta.hcl import tokens as t
from cotta.hcl.ast import (
    AttributeStep,
    Binary,
    Conditional,
    Index,
    IndexStep,
    Invalid,
    Literal,
    Parentheses,
    RelativeTraversal,
    Splat,
    SplatItem,
    Template,
    Unary,
    Variable,
)
from cotta.hcl.brackets import parse_call, parse_object, parse_tuple
from cotta.hcl.templates import parse_heredoc, parse_quoted
from cotta.values.numbers import BigFloat, is_whole, parse_number
from cotta.values.value import ANY_NULL, make_string

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Expression, Step
    from cotta.hcl.tokens import Tokens
    from cotta.values.value import Value

# Deeper than anybody writes, and safely within Python's own limit of 1,000
# calls, of which a level of brackets takes six.
MAX_DEPTH: Final = 100
MAX_CHAIN: Final = 250

_KEYWORDS: Final[dict[str, Value]] = {"true": True, "false": False, "null": ANY_NULL}
_OPENERS: Final = frozenset(
    {t.OPEN_BRACE, t.OPEN_BRACKET, t.OPEN_PAREN, t.INTERPOLATION, t.DIRECTIVE}
)
_CLOSERS: Final = frozenset({t.CLOSE_BRACE, t.CLOSE_BRACKET, t.CLOSE_PAREN, t.TEMPLATE_END})
_AFTER_TERM: Final = frozenset({t.DOT, t.OPEN_BRACKET})


class Cursor:
    """A place in the tokens of a file, and what is built from there on."""

    __slots__ = (
        "depth",
        "diags",
        "ends",
        "failed",
        "i",
        "is_hopeless",
        "kinds",
        "mistakes",
        "source",
        "starts",
        "text",
        "tokens",
    )

    def __init__(self, tokens: Tokens, diags: Diagnostics) -> None:
        self.tokens = tokens
        self.kinds = tokens.kinds
        self.starts = tokens.starts
        self.ends = tokens.ends
        self.source = tokens.source
        self.text = tokens.source.text
        self.diags = diags
        self.i = 0
        self.depth = 0
        self.failed = False
        self.is_hopeless = False
        # How often it has failed, whether anything was told or not.
        self.mistakes = 0

    # --- places and mistakes --------------------------------------------------

    def range_at(self, index: int) -> SourceRange:
        """Return the range of one token."""
        return SourceRange(self.source, self.starts[index], self.ends[index])

    def range_from(self, start: int) -> SourceRange:
        """Return the range from an offset to the end of the last token taken."""
        return SourceRange(self.source, start, max(self.ends[self.i - 1], start))

    def token_text(self) -> str:
        """Return the text of the current token."""
        return self.text[self.starts[self.i] : self.ends[self.i]]

    def fail(
        self,
        summary: str,
        detail: str,
        subject: SourceRange | None = None,
        context: SourceRange | None = None,
    ) -> Invalid:
        """Tell a mistake, at the current token unless elsewhere, and fail until recovered.

        Nothing is told at a token that the lexer has complained of, nor while
        failing already.
        """
        here = self.range_at(self.i)
        if self.kinds[self.i] == t.STRING:
            # Of a string in the wrong place, the quote is enough to point at.
            here = SourceRange(self.source, here.start, here.start + 1)
        if not self.failed and (self.kinds[self.i] != t.INVALID or subject is not None):
            if self.is_unclosed_comment():
                detail = 'There is no "*/" to end this comment before the end of the file.'
            self.diags.error(summary, detail, subject or here, context=context)
        self.failed = True
        self.mistakes += 1
        return Invalid(here)

    def is_unclosed_comment(self) -> bool:
        """Say whether the current token is part of a comment that has no end."""
        first = self.i if self.kinds[self.i] == t.SLASH else self.i - 1
        return (
            self.kinds[first : first + 3] == [t.SLASH, t.STAR, t.END]
            and self.ends[first] == self.starts[first + 1]
        )

    def too_deep(self) -> Invalid:
        """Tell that the nesting has no reasonable end; nothing more is read then."""
        node = self.fail(
            "Nesting too deep",
            f"Expressions and blocks may be nested {MAX_DEPTH} levels deep. Give the inner parts "
            "names of their own, for example as local values.",
        )
        self.i = len(self.kinds) - 1
        self.is_hopeless = True
        return node

    def skip_item(self, *stops: int) -> bool:
        """Go to the next of `stops`, or closing bracket, at this level; say whether it was there.

        Brackets opened on the way are skipped whole.  Found, the failure is over.
        """
        depth = 0
        kinds = self.kinds
        while True:
            kind = kinds[self.i]
            if kind == t.END:
                return False
            if depth == 0 and (kind in stops or kind in _CLOSERS):
                self.failed = False
                return True
            if kind in _OPENERS:
                depth += 1
            elif kind in _CLOSERS:
                depth -= 1
            self.i += 1

    def skip_newlines(self) -> None:
        """Go past newlines."""
        while self.kinds[self.i] == t.NEWLINE:
            self.i += 1

    # --- operators ------------------------------------------------------------

    def expression(self) -> Expression:
        """Parse an expression; conditionals bind loosest and nest to the right."""
        if self.depth >= MAX_DEPTH:
            return self.too_deep()
        self.depth += 1
        node = self.binary(1)
        if self.kinds[self.i] == t.QUESTION and not self.failed:
            node = self.conditional(node)
        self.depth -= 1
        return node

    def conditional(self, condition: Expression) -> Expression:
        """Parse `? a : b` after a condition, and any further ones after `b`."""
        chosen: list[tuple[Expression, Expression]] = []
        node = condition
        while self.kinds[self.i] == t.QUESTION:
            if len(chosen) >= MAX_CHAIN:
                return self.too_deep()
            self.i += 1
            true_result = self.expression()
            if self.failed:
                return true_result
            if self.kinds[self.i] != t.COLON:
                return self.no_false_result(condition)
            self.i += 1
            chosen.append((node, true_result))
            node = self.binary(1)
            if self.failed:
                return node
        for test, true_result in reversed(chosen):
            place = SourceRange(self.source, test.range.start, node.range.end)
            node = Conditional(place, test, true_result, node)
        return node

    def no_false_result(self, condition: Expression) -> Invalid:
        """Fail where the colon of a conditional should be."""
        at_end = self.kinds[self.i] == t.END
        node = self.fail(
            "Missing false expression in conditional",
            "After the true result, a conditional (… ? … : …) needs a colon and the false result.",
            context=self.from_node(condition),
        )
        # At the end of the file nothing is left to skip: whoever waits for a
        # bracket there may tell that as well.
        self.failed = not at_end
        self.mistakes -= at_end
        return node

    def from_node(self, node: Expression) -> SourceRange:
        """Return the range from the beginning of a node to the end of the current token."""
        return SourceRange(self.source, node.range.start, self.ends[self.i])

    def binary(self, tightest: int) -> Expression:
        """Parse operands joined by operators that bind at least as tightly as asked."""
        left = self.unary()
        kinds = self.kinds
        while True:
            at = self.i
            strength = t.PRECEDENCE.get(kinds[at], 0)
            if strength < tightest or self.failed:
                return left
            self.i = at + 1
            right = self.binary(strength + 1)
            if self.failed:
                return right
            operator = self.range_at(at)
            place = SourceRange(self.source, left.range.start, right.range.end)
            left = Binary(place, operator.text, left, right, operator)

    def unary(self) -> Expression:
        """Parse an operand with the signs before it."""
        kind = self.kinds[self.i]
        if kind not in (t.NOT, t.MINUS):
            return self.term()
        signs: list[int] = []
        while self.kinds[self.i] in (t.NOT, t.MINUS):
            if len(signs) >= MAX_CHAIN:
                return self.too_deep()
            signs.append(self.i)
            self.i += 1
        node = self.term()
        if self.failed:
            return node
        for at in reversed(signs):
            operator = self.range_at(at)
            place = SourceRange(self.source, operator.start, node.range.end)
            node = Unary(place, operator.text, node, operator)
        return node

    # --- terms ----------------------------------------------------------------

    def term(self) -> Expression:
        """Parse one operand with the steps after it."""
        at = self.i
        kind = self.kinds[at]
        node: Expression
        if kind == t.IDENT:
            after = self.kinds[at + 1]
            if after in (t.OPEN_PAREN, t.DOUBLE_COLON):
                node = parse_call(self)
            else:
                place = self.range_at(at)
                name = place.text
                self.i = at + 1
                if name in _KEYWORDS:
                    node = Literal(place, _KEYWORDS[name])
                else:
                    node = Variable(place, make_string(name), place, ())
        elif kind == t.STRING:
            node = self.simple_string()
        elif kind == t.NUMBER:
            node = self.number()
        elif kind == t.QUOTE_OPEN:
            node = parse_quoted(self)
        elif kind == t.OPEN_BRACKET:
            node = parse_tuple(self)
        elif kind == t.OPEN_BRACE:
            node = parse_object(self)
        elif kind == t.OPEN_PAREN:
            node = self.parentheses()
        elif kind == t.HEREDOC_OPEN:
            node = parse_heredoc(self)
        else:
            return self.no_term()
        if self.kinds[self.i] in _AFTER_TERM and not self.failed:
            return self.steps(node)
        return node

    def no_term(self) -> Expression:
        """Say that no operand can begin here."""
        if self.kinds[self.i] == t.END:
            return self.fail(
                "Missing expression", "An expression is needed here, but the file ends."
            )
        if self.kinds[self.i] == t.NEWLINE:
            return self.fail(
                "Invalid expression", "An expression is needed here, but the line ends."
            )
        return self.fail(
            "Invalid expression", f"An expression can't begin with {self.token_text()!r}."
        )

    def simple_string(self) -> Expression:
        """Take a quoted string with nothing special in it."""
        at = self.i
        self.i = at + 1
        start, end = self.starts[at], self.ends[at]
        value = self.text[start + 1 : end - 1]
        if not value.isascii():
            value = make_string(value)
        source = self.source
        piece = Literal(SourceRange(source, start + 1, end - 1), value)
        return Template(SourceRange(source, start, end), (piece,))

    def number(self) -> Expression:
        """Take a number."""
        place = self.range_at(self.i)
        try:
            value = parse_number(place.text)
        except ValueError as error:
            return self.fail("Invalid number literal", f"This can't be a number: {error}.")
        self.i += 1
        return Literal(place, value)

    def parentheses(self) -> Expression:
        """Parse `(inner)`."""
        start = self.starts[self.i]
        self.i += 1
        inner = self.expression()
        if self.failed:
            return inner
        if self.kinds[self.i] != t.CLOSE_PAREN:
            return self.fail(
                "Unbalanced parentheses",
                "A closing parenthesis is needed here.",
                context=SourceRange(self.source, start, self.ends[self.i]),
            )
        self.i += 1
        return Parentheses(self.range_from(start), inner)

    # --- steps ----------------------------------------------------------------

    def steps(self, node: Expression) -> Expression:
        """Parse attributes, indices and splats after an operand."""
        steps: list[Step] = []
        nodes = 0
        while True:
            if nodes > MAX_CHAIN:
                return self.too_deep()
            kind = self.kinds[self.i]
            if kind == t.DOT:
                if self.kinds[self.i + 1] == t.STAR:
                    node = self.legacy_splat(self.with_steps(node, steps))
                    steps = []
                    nodes += 1
                elif not self.dot(steps):
                    return Invalid(node.range)
            elif kind == t.OPEN_BRACKET:
                if self.kinds[self.i + 1] == t.STAR:
                    return self.full_splat(self.with_steps(node, steps))
                made = self.bracket(node, steps)
                if self.failed:
                    return made
                if made is not node:
                    node, steps = made, []
                    nodes += 1
            else:
                return self.with_steps(node, steps)

    def with_steps(self, node: Expression, steps: list[Step]) -> Expression:
        """Return the node with literal steps added to it."""
        if not steps:
            return node
        place = SourceRange(self.source, node.range.start, steps[-1].range.end)
        if type(node) is Variable:
            return Variable(place, node.name, node.name_range, (*node.steps, *steps))
        if type(node) is RelativeTraversal:
            return RelativeTraversal(place, node.source, (*node.steps, *steps))
        return RelativeTraversal(place, node, tuple(steps))

    def dot(self, steps: list[Step], after: SourceRange | None = None) -> bool:
        """Take `.name` or the legacy `.0`; say whether that was there.

        A legacy splat gives itself as `after`, at which a wrong name is told.
        """
        dot = self.i
        start = self.starts[dot]
        kind = self.kinds[dot + 1]
        self.i = dot + 1
        if kind == t.IDENT:
            name = self.text[self.starts[dot + 1] : self.ends[dot + 1]]
            self.i = dot + 2
            place = SourceRange(self.source, start, self.ends[dot + 1])
            steps.append(AttributeStep(place, make_string(name)))
            return True
        if kind == t.NUMBER:
            return self.legacy_index(start, steps, after)
        if kind == t.STAR:
            self.fail(
                "Nested splat expression not allowed",
                "A splat (*) can't be used inside another attribute-only splat.",
            )
            return False
        self.fail(
            "Invalid attribute name",
            "The name of an attribute is needed after a dot.",
            after,
        )
        return False

    def legacy_index(self, start: int, steps: list[Step], after: SourceRange | None) -> bool:
        """Take the number of `.0`."""
        text = self.token_text()
        try:
            index = parse_number(text)
        except ValueError:
            index = BigFloat(1, -1)
        if "." in text or not is_whole(index):
            self.fail(
                "Invalid legacy index syntax",
                "An index after a dot is one whole number. Write indices in brackets: [0][1].",
                after,
            )
            return False
        self.i += 1
        steps.append(IndexStep(self.range_from(start), index))
        return True

    def legacy_splat(self, source: Expression) -> Expression:
        """Parse `.*` and the attributes after it."""
        start = self.starts[self.i]
        self.i += 2
        marker = self.range_from(start)
        star = self.range_at(self.i - 1)
        item = SplatItem(marker)
        steps: list[Step] = []
        while self.kinds[self.i] == t.DOT:
            if not self.dot(steps, star):
                return Invalid(source.range)
        each = self.with_steps(item, steps)
        return Splat(self.range_from(source.range.start), source, item, each, marker)

    def full_splat(self, source: Expression) -> Expression:
        """Parse `[*]` and every step after it."""
        start = self.starts[self.i]
        self.i += 2
        if self.kinds[self.i] != t.CLOSE_BRACKET:
            return self.fail(
                "Missing close bracket on splat index",
                'The star of a splat must be followed at once by a closing bracket ("]").',
                self.range_at(min(self.i + 1, len(self.kinds) - 1)),
            )
        self.i += 1
        marker = self.range_from(start)
        item = SplatItem(marker)
        if self.depth >= MAX_DEPTH:
            return self.too_deep()
        self.depth += 1
        each = self.steps(item)
        self.depth -= 1
        if self.failed:
            return each
        return Splat(self.range_from(source.range.start), source, item, each, marker)

    def bracket(self, node: Expression, steps: list[Step]) -> Expression:
        """Take `[key]`: a literal key is added to `steps`, another makes a new node."""
        start = self.starts[self.i]
        self.i += 1
        key = self.expression()
        if self.failed:
            return key
        if self.kinds[self.i] != t.CLOSE_BRACKET:
            return self.fail(
                "Missing close bracket on index",
                'An index must end with a closing bracket ("]").',
            )
        self.i += 1
        place = self.range_from(start)
        if type(key) is Literal:
            steps.append(IndexStep(place, key.value))
            return node
        if type(key) is Template and len(key.parts) == 1 and type(key.parts[0]) is Literal:
            steps.append(IndexStep(place, key.parts[0].value))
            return node
        collection = self.with_steps(node, steps)
        return Index(self.range_from(node.range.start), collection, key, place)
