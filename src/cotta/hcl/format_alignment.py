"""Lines: how far they are indented, and what stands below what.

A line has up to three cells: what leads, an assignment from its equals sign
on, and a comment.  Neighbouring lines that have an assignment get their equals
signs in one column, those that have a comment their comments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.source import count_graphemes
from cotta.hcl import tokens as t
from cotta.hcl.format_spacing import set_spaces
from cotta.hcl.format_tokens import DEPTH_CHANGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cotta.hcl.format_tokens import MovableTokens

_INDENT: Final = 2

# One very long line among very many short ones would make a file of a megabyte
# one of gigabytes.  Lines whose blanks would be more than this many times
# their text are left unaligned; no hand-written file comes near it.
_MOST_BLANKS_PER_CHARACTER: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of a line: tokens `[start, assign)`, `[assign, comment)`, `[comment, end)`."""

    start: int
    assign: int
    comment: int
    end: int

    @property
    def has_assignment(self) -> bool:
        """Whether the second cell has anything in it."""
        return self.assign < self.comment

    @property
    def has_comment(self) -> bool:
        """Whether the third cell has anything in it."""
        return self.comment < self.end


def lay_out(tokens: MovableTokens) -> None:
    """Set every gap as the canonical style has it."""
    lines = list(_split_lines(tokens))
    _indent(tokens, lines)
    known: dict[tuple[int, int], bool] = {}
    for line in lines:
        set_spaces(tokens, line.start, line.assign, known)
        set_spaces(tokens, line.assign, line.comment, known)
    for chain in _chains(lines, [line.has_assignment for line in lines]):
        _align(tokens, [(line.start, line.assign) for line in chain])
    for chain in _chains(lines, [line.has_comment for line in lines]):
        _align(tokens, [(line.start, line.comment) for line in chain])


def _split_lines(tokens: MovableTokens) -> Iterator[Line]:
    """Yield the lines; a heredoc is on the line that it begins on."""
    count = len(tokens.kinds)
    start = 0
    for at in range(count):
        if tokens.ends_line(at) or at == count - 1:
            yield _split_cells(tokens, start, at + 1)
            start = at + 1


def _split_cells(tokens: MovableTokens, start: int, end: int) -> Line:
    kinds = tokens.kinds
    comment = end - 1 if end - start > 1 and kinds[end - 1] == t.COMMENT else end
    for at in range(start + 1, comment):
        if kinds[at] == t.ASSIGN:
            # What is open at the end of the line goes on below: no cell of its own.
            if _net_depth(kinds[at:comment]) == 0:
                return Line(start, at, comment, end)
            break
    return Line(start, comment, comment, end)


def _net_depth(kinds: Iterable[int]) -> int:
    return sum(DEPTH_CHANGE.get(kind, 0) for kind in kinds)


def _indent(tokens: MovableTokens, lines: list[Line]) -> None:
    """Set the gap before each line.

    A line that opens more brackets than it closes indents what follows by one
    step, however many they are; the step ends when as many have been closed.
    """
    kinds, gaps = tokens.kinds, tokens.gaps
    opened: list[int] = []
    for line in lines:
        if kinds[line.start] == t.NEWLINE:
            gaps[line.start] = 0
            continue
        change = _net_depth(_before_heredoc(kinds, line))
        if change > 0:
            gaps[line.start] = _INDENT * len(opened)
            opened.append(change)
            continue
        closed = -change
        while closed > 0 and opened:
            step = min(closed, opened[-1])
            closed -= step
            opened[-1] -= step
            if opened[-1] == 0:
                opened.pop()
        gaps[line.start] = _INDENT * len(opened)


def _before_heredoc(kinds: list[int], line: Line) -> Iterator[int]:
    for at in range(line.start, line.comment):
        if kinds[at] == t.HEREDOC_OPEN:
            return
        yield kinds[at]


def _chains(lines: list[Line], has_cell: list[bool]) -> Iterator[list[Line]]:
    """Yield the runs of neighbouring lines that have a cell."""
    chain: list[Line] = []
    for line, has in zip(lines, has_cell, strict=True):
        if has:
            chain.append(line)
        elif chain:
            yield chain
            chain = []
    if chain:
        yield chain


def _align(tokens: MovableTokens, cells: list[tuple[int, int]]) -> None:
    """Set the gap before the tokens that end `cells` so that they stand in one column.

    Each cell is the tokens `[start, end)` to the left of the column.
    """
    widths = [_columns(tokens, start, end) for start, end in cells]
    column = max(widths)
    blanks = sum(column - width for width in widths)
    if blanks > _MOST_BLANKS_PER_CHARACTER * sum(_characters(tokens, *cell) for cell in cells):
        widths = [column] * len(cells)
    for (_, end), width in zip(cells, widths, strict=True):
        tokens.gaps[end] = column - width + 1


def _columns(tokens: MovableTokens, start: int, end: int) -> int:
    """Return the width of some tokens with the gap before each."""
    return sum(tokens.gaps[start:end]) + sum(map(count_graphemes, tokens.texts[start:end]))


def _characters(tokens: MovableTokens, start: int, end: int) -> int:
    return sum(map(len, tokens.texts[start:end]))
