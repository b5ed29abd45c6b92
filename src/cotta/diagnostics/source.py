"""Places in source files: offsets inside, lines and columns for people.

Nodes and diagnostics carry half-open ranges of character offsets, which cost
two integers each.  Lines, columns and bytes are worked out only when somebody
looks: a line table per file, made once.  Columns count grapheme clusters and
bytes count UTF-8, both as HCL's own positions do.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, order=True)
class Pos:
    """A place in a file: `line` and `column` from 1, `byte` from 0."""

    line: int
    column: int
    byte: int


class SourceFile:
    """A file's name as people know it, and its text.

    Two files are equal when both agree.  The line table is made at the first
    question and kept.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def __repr__(self) -> str:
        return f"SourceFile({self.name!r}, {len(self.text)} characters)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SourceFile):
            return NotImplemented
        return self.name == other.name and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.name)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    @cached_property
    def _line_bytes(self) -> list[int]:
        """The byte at which each line begins."""
        if self.text.isascii():
            return self._line_starts
        total = 0
        begins = []
        for line in self._raw_lines():
            begins.append(total)
            total += len(line.encode("utf-8", "surrogatepass"))
        return begins

    def _raw_lines(self) -> Iterator[str]:
        starts = [*self._line_starts, len(self.text)]
        for start, end in pairwise(starts):
            yield self.text[start:end]

    @property
    def line_count(self) -> int:
        """How many lines there are; a final newline begins one more."""
        return len(self._line_starts)

    def line(self, number: int) -> str:
        """Return line `number` (from 1) without its line ending; "" past the end."""
        starts = self._line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def line_start(self, number: int) -> int:
        """Return the offset at which line `number` (from 1) begins."""
        return self._line_starts[number - 1]

    def line_of(self, offset: int) -> int:
        """Return the number (from 1) of the line that holds `offset`."""
        return bisect_right(self._line_starts, offset)

    def position(self, offset: int) -> Pos:
        """Return line, column and byte of the character at `offset`."""
        line = self.line_of(offset)
        start = self._line_starts[line - 1]
        before = self.text[start:offset]
        if before.isascii():
            return Pos(line, len(before) + 1, self._line_bytes[line - 1] + len(before))
        width = len(before.encode("utf-8", "surrogatepass"))
        return Pos(line, count_graphemes(before) + 1, self._line_bytes[line - 1] + width)


class SourceRange:
    """The half-open range of characters `[start, end)` of a file.

    A plain class with slots, not a dataclass: the parser makes one per node
    and per block, and this is three times as quick to make.
    """

    __slots__ = ("end", "file", "start")

    def __init__(self, file: SourceFile, start: int, end: int) -> None:
        self.file = file
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"SourceRange({self.describe()})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SourceRange):
            return NotImplemented
        return (self.start, self.end, self.file) == (other.start, other.end, other.file)

    def __hash__(self) -> int:
        return hash((self.start, self.end, self.file.name))

    @property
    def text(self) -> str:
        """The characters of the range."""
        return self.file.text[self.start : self.end]

    @property
    def first(self) -> Pos:
        """Where the range begins."""
        return self.file.position(self.start)

    @property
    def last(self) -> Pos:
        """Where the range ends: the place just after its last character."""
        return self.file.position(self.end)

    def to(self, other: SourceRange) -> SourceRange:
        """Return the range from the beginning of this one to the end of `other`."""
        return SourceRange(self.file, self.start, max(self.end, other.end))

    def describe(self) -> str:
        """Return `name:line,column-line,column` (the second line only if it differs)."""
        first, last = self.first, self.last
        if first.line == last.line:
            return f"{self.file.name}:{first.line},{first.column}-{last.column}"
        return f"{self.file.name}:{first.line},{first.column}-{last.line},{last.column}"


def count_graphemes(text: str) -> int:
    """Return how many grapheme clusters (Unicode annex 29) `text` has."""
    if text.isascii() and "\r\n" not in text:
        return len(text)
    # Imported here because it costs 20 ms, and most files are ASCII.
    import regex

    return len(regex.findall(r"\X", text))
