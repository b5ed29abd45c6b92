"""Whether two tokens on a line have a space between them.

Which kinds they are decides, but for two words that need a look at what is
before them: a minus binds to what follows where there is nothing to subtract
from, and the `in` of a `for` is no name to be indexed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.hcl import tokens as t
from cotta.hcl.format_tokens import CLOSERS, OPENERS

if TYPE_CHECKING:
    from cotta.hcl.format_tokens import MovableTokens

_TEXT_STARTS: Final = frozenset({t.TEXT, t.QUOTE_OPEN, t.HEREDOC_OPEN})
_TEXT_ENDS: Final = frozenset({t.TEXT, t.QUOTE_CLOSE, t.HEREDOC_CLOSE})
_SEQUENCES: Final = frozenset({t.INTERPOLATION, t.DIRECTIVE})
_INDEXABLE: Final = CLOSERS | {t.IDENT, t.NUMBER}
_TIGHT_PAIRS: Final = frozenset(
    {
        (t.IDENT, t.OPEN_PAREN),  # of a call
        (t.IDENT, t.DOUBLE_COLON),
        (t.DOUBLE_COLON, t.IDENT),
    }
)
# What no name is parted from, but the `in` of a `for` is.
_NEVER_AFTER_NAMES: Final = (CLOSERS - {t.CLOSE_BRACE}) | {t.OPEN_BRACKET}

# After these, and at the start of a cell, a minus negates.
_BEFORE_NEGATION: Final = frozenset(
    {
        *(t.OPEN_PAREN, t.OPEN_BRACE, t.OPEN_BRACKET, t.ASSIGN, t.COLON, t.COMMA, t.QUESTION),
        *(t.PLUS, t.MINUS, t.STAR, t.SLASH, t.PERCENT, t.AND, t.OR, t.NOT),
        *(t.EQUAL, t.NOT_EQUAL, t.GREATER, t.GREATER_EQUAL, t.LESS, t.LESS_EQUAL),
    }
)


def set_spaces(
    tokens: MovableTokens, start: int, end: int, known: dict[tuple[int, int], bool]
) -> None:
    """Set the gaps between the tokens `[start, end)`, but not the one before the first.

    `known` remembers answers about kinds from one call to the next.
    """
    kinds, gaps = tokens.kinds, tokens.gaps
    for at in range(start, end - 1):
        kind, after = pair = kinds[at], kinds[at + 1]
        spaced = known.get(pair)
        if spaced is None:
            spaced = known[pair] = _is_spaced(kind, after)
        if kind == t.MINUS:
            if spaced and (at == start or kinds[at - 1] in _BEFORE_NEGATION):
                spaced = False
        elif kind == t.IDENT and after in _NEVER_AFTER_NAMES and at > start:
            spaced = kinds[at - 1] == t.IDENT and tokens.texts[at] == "in"
        gaps[at + 1] = int(spaced)


def _is_spaced(kind: int, after: int) -> bool:
    """Say whether there is a space between tokens of these kinds, a minus subtracting."""
    if after == t.NEWLINE or (kind, after) in _TIGHT_PAIRS or t.DOT in (kind, after):
        return False
    if after in (t.COMMA, t.ELLIPSIS):
        return False
    if kind == t.COMMA:
        return True
    if kind in _TEXT_STARTS or after in _TEXT_ENDS:
        return False
    if (after == t.OPEN_BRACKET and kind in _INDEXABLE) or kind == t.NOT:
        return False
    if kind == t.MINUS:
        return True
    if kind == t.OPEN_BRACE or after == t.CLOSE_BRACE:
        return (kind, after) != (t.OPEN_BRACE, t.CLOSE_BRACE)
    # An object right inside an interpolation is kept apart from its braces.
    if (kind in _SEQUENCES and after == t.OPEN_BRACE) or (
        kind == t.CLOSE_BRACE and after == t.TEMPLATE_END
    ):
        return True
    if kind == t.TEMPLATE_END and after in _SEQUENCES:
        return False
    return kind not in OPENERS and after not in CLOSERS
