"""The kinds of token, and the tokens of a file as parallel lists.

A file of a megabyte has a quarter of a million tokens.  A list of kinds and
two of offsets hold them at a tenth of what objects would cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cotta.diagnostics.source import SourceFile

END: Final = 0
IDENT: Final = 1
NEWLINE: Final = 2
STRING: Final = 3  # a whole quoted string without escapes or templates
NUMBER: Final = 4
COMMENT: Final = 5  # without the newline that ends it; only where asked for
INVALID: Final = 6  # a diagnostic has been given

# Templates.
QUOTE_OPEN: Final = 10
QUOTE_CLOSE: Final = 11
HEREDOC_OPEN: Final = 12  # <<NAME and its newline
HEREDOC_CLOSE: Final = 13  # the line with the name, up to the name
TEXT: Final = 14  # literal text, escapes unread; in a heredoc never beyond one line
INTERPOLATION: Final = 15  # ${ or ${~
DIRECTIVE: Final = 16  # %{ or %{~
TEMPLATE_END: Final = 17  # } or ~} that closes either

# Operators and punctuation.
OPEN_BRACE: Final = 20
CLOSE_BRACE: Final = 21
OPEN_BRACKET: Final = 22
CLOSE_BRACKET: Final = 23
OPEN_PAREN: Final = 24
CLOSE_PAREN: Final = 25
ASSIGN: Final = 26
ARROW: Final = 27
COMMA: Final = 28
DOT: Final = 29
ELLIPSIS: Final = 30
COLON: Final = 31
DOUBLE_COLON: Final = 32
QUESTION: Final = 33
NOT: Final = 34
OR: Final = 40
AND: Final = 41
EQUAL: Final = 42
NOT_EQUAL: Final = 43
GREATER: Final = 44
GREATER_EQUAL: Final = 45
LESS: Final = 46
LESS_EQUAL: Final = 47
PLUS: Final = 48
MINUS: Final = 49
STAR: Final = 50
SLASH: Final = 51
PERCENT: Final = 52

PUNCTUATION: Final[dict[str, int]] = {
    "{": OPEN_BRACE,
    "}": CLOSE_BRACE,
    "[": OPEN_BRACKET,
    "]": CLOSE_BRACKET,
    "(": OPEN_PAREN,
    ")": CLOSE_PAREN,
    "=": ASSIGN,
    "=>": ARROW,
    ",": COMMA,
    ".": DOT,
    "...": ELLIPSIS,
    ":": COLON,
    "::": DOUBLE_COLON,
    "?": QUESTION,
    "!": NOT,
    "||": OR,
    "&&": AND,
    "==": EQUAL,
    "!=": NOT_EQUAL,
    ">": GREATER,
    ">=": GREATER_EQUAL,
    "<": LESS,
    "<=": LESS_EQUAL,
    "+": PLUS,
    "-": MINUS,
    "*": STAR,
    "/": SLASH,
    "%": PERCENT,
}

# Binding strength of the binary operators; the tighter the larger.
PRECEDENCE: Final[dict[int, int]] = {
    OR: 1,
    AND: 2,
    EQUAL: 3,
    NOT_EQUAL: 3,
    GREATER: 4,
    GREATER_EQUAL: 4,
    LESS: 4,
    LESS_EQUAL: 4,
    PLUS: 5,
    MINUS: 5,
    STAR: 6,
    SLASH: 6,
    PERCENT: 6,
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a file, the last one END at its end.

    Token `i` is the text `[starts[i], ends[i])` of `source`.
    """

    source: SourceFile
    kinds: list[int]
    starts: list[int]
    ends: list[int]

    def text(self, index: int) -> str:
        """Return the text of one token."""
        return self.source.text[self.starts[index] : self.ends[index]]
