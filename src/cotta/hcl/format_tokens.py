"""The tokens of a file as the formatter moves them.

Formatting changes blanks, not texts, so a file is a list of texts and a list
of widths before them.  Comments are among the tokens; one that ends with its
line holds the newline too, as it is what ends the line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl import tokens as t
from cotta.hcl.lexer import tokenize

if TYPE_CHECKING:
    from cotta.diagnostics.source import SourceFile

OPENERS: Final = frozenset(
    {t.OPEN_BRACE, t.OPEN_BRACKET, t.OPEN_PAREN, t.INTERPOLATION, t.DIRECTIVE}
)
CLOSERS: Final = frozenset({t.CLOSE_BRACE, t.CLOSE_BRACKET, t.CLOSE_PAREN, t.TEMPLATE_END})

# How many brackets each kind of token opens; closing counts down.
DEPTH_CHANGE: Final = {**dict.fromkeys(OPENERS, 1), **dict.fromkeys(CLOSERS, -1)}


@dataclass(slots=True)
class MovableTokens:
    """Tokens in order; `gaps[i]` is how many blanks go before token `i`.

    `starts` are the offsets in the file at which they begin; they are empty
    once tokens have been replaced.  `tail` is how many blanks end the file.
    """

    kinds: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    tail: int = 0

    def ends_line(self, index: int) -> bool:
        """Say whether a line of code ends with this token."""
        kind = self.kinds[index]
        return kind == t.NEWLINE or (kind == t.COMMENT and self.texts[index].endswith("\n"))

    def write(self) -> str:
        """Return the text that the tokens and the blanks before them make."""
        pieces: list[str] = []
        for gap, text in zip(self.gaps, self.texts, strict=True):
            if gap:
                pieces.append(" " * gap)
            pieces.append(text)
        pieces.append(" " * self.tail)
        return "".join(pieces)


def read_tokens(source: SourceFile) -> MovableTokens:
    """Return the tokens of a file that has been parsed without a mistake."""
    found = tokenize(source, Diagnostics(), keep_trivia=True)
    text = source.text
    movable = MovableTokens()
    kinds, texts, starts = movable.kinds, movable.texts, movable.starts
    last_end = 0
    in_comment = False
    for kind, start, end in zip(found.kinds, found.starts, found.ends, strict=True):
        if kind == t.END:
            break
        if kind == t.NEWLINE and in_comment:
            texts[-1] += text[start:end]
            in_comment = False
            last_end = end
            continue
        in_comment = kind == t.COMMENT and not text.startswith("/*", start)
        # Blanks after the name that ends a heredoc belong to the heredoc.
        last_end = _pass_blanks(text, end) if kind == t.HEREDOC_CLOSE else end
        kinds.append(kind)
        texts.append(text[start:last_end])
        starts.append(start)
    movable.gaps = [0] * len(kinds)
    movable.tail = len(text) - last_end
    return movable


def _pass_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in {"\t", " "}:
        at += 1
    return at
