"""Arguments whose whole value is `"${…}"`, without the quotes.

Inside of the quotes newlines mean nothing; outside they end the argument.  A
value of several lines gets parentheses for that.  All the layers that a value
is wrapped in go at once, and each token is looked at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Final

from cotta.hcl import tokens as t
from cotta.hcl.format_tokens import DEPTH_CHANGE

_SEQUENCE_ENDS: Final = frozenset({t.INTERPOLATION, t.TEMPLATE_END})


def unwrap(
    kinds: list[int], texts: list[str], *, has_comment: bool, ends_line: bool
) -> tuple[list[int], list[str]]:
    """Return the kinds and texts of a value's tokens without the quotes around them all.

    `has_comment` says whether a comment follows the value, `ends_line` whether
    nothing but comments does before the next line.
    """
    value = _Wrapped(kinds, texts)
    fits_heredoc = ends_line and not has_comment
    while value.is_wrapped():
        value.remove_layer()
        if value.needs_parentheses(fits_heredoc if value.ends_heredoc() else ends_line):
            return value.result(in_parentheses=True)
        value.pass_comments()
    return value.result(in_parentheses=False)


class _Wrapped:
    """A value that is losing its layers; what is left of it is `[start, end)`."""

    __slots__ = ("breaks", "end", "kept", "kinds", "layer", "pieces", "start", "texts")

    def __init__(self, kinds: list[int], texts: list[str]) -> None:
        self.kinds = kinds
        self.texts = texts
        self.start = 0
        self.end = len(kinds)
        self.layer = 0
        self.kept = [True] * len(kinds)
        self.pieces = _count_pieces(kinds)
        self.breaks = _find_line_ends(kinds, texts)

    def is_wrapped(self) -> bool:
        """Say whether what is left is one lone interpolation in quotes."""
        start, end = self.start, self.end
        return (
            self.kinds[start : start + 2] == [t.QUOTE_OPEN, t.INTERPOLATION]
            and self.kinds[end - 2 : end] == [t.TEMPLATE_END, t.QUOTE_CLOSE]
            and self.pieces[self.layer + 1] == 2
        )

    def remove_layer(self) -> None:
        """Leave out the quotes, and newlines right inside them."""
        start, end = self.start + 2, self.end - 2
        while self.kinds[start] == t.NEWLINE:
            start += 1
        while self.kinds[end - 1] == t.NEWLINE:
            end -= 1
        self.kept[self.start : start] = [False] * (start - self.start)
        self.kept[end : self.end] = [False] * (self.end - end)
        self.start, self.end = start, end
        self.layer += 1

    def ends_heredoc(self) -> bool:
        """Say whether what is left ends with a heredoc, behind which only a newline may be."""
        return self.kinds[self.end - 1] == t.HEREDOC_CLOSE

    def needs_parentheses(self, ends_line: bool) -> bool:
        """Say whether a newline would end the value too early, or might seem to."""
        kinds, start, last = self.kinds, self.start, self.end - 1
        if not ends_line and (self.ends_heredoc() or self.texts[last].endswith("\n")):
            return True
        # Any newline at all is reason enough for Terraform, without a look at
        # the brackets around it.  Inner layers have none that the first hasn't.
        if (
            self.layer == 1
            and (kinds[start], kinds[last]) != (t.OPEN_PAREN, t.CLOSE_PAREN)
            and t.NEWLINE in kinds[start:last]
        ):
            return True
        # The line of the last token may end, and comments may follow.
        while kinds[last] == t.COMMENT:
            last -= 1
        return any(start <= at < last for at in self.breaks[self.layer])

    def pass_comments(self) -> None:
        """Go on with what is between the comments at both ends, which are kept."""
        while self.kinds[self.start] == t.COMMENT:
            self.start += 1
        while self.kinds[self.end - 1] == t.COMMENT:
            self.end -= 1

    def result(self, *, in_parentheses: bool) -> tuple[list[int], list[str]]:
        """Return the tokens that are kept."""
        kept, start, end = self.kept, self.start, self.end
        if in_parentheses and self.ends_heredoc():
            kept[end] = True  # nothing else may follow on the line
            end += 1
        indexes = [at for at, is_kept in enumerate(kept) if is_kept]
        kinds, texts = [self.kinds[at] for at in indexes], [self.texts[at] for at in indexes]
        if in_parentheses:
            opening, closing = sum(kept[:start]), sum(kept[:end])
            kinds[opening:closing] = [t.OPEN_PAREN, *kinds[opening:closing], t.CLOSE_PAREN]
            texts[opening:closing] = ["(", *texts[opening:closing], ")"]
        return kinds, texts


def _count_pieces(kinds: list[int]) -> Counter[int]:
    """Return of how many tokens templates are made, by how many quotes are open.

    A quoted template that is one lone interpolation has two: where it begins and ends.
    """
    pieces: Counter[int] = Counter()
    templates: list[int] = []
    depth = 0
    for kind in kinds:
        if kind in (t.QUOTE_OPEN, t.HEREDOC_OPEN):
            templates.append(kind)
            depth += kind == t.QUOTE_OPEN
        elif kind in (t.QUOTE_CLOSE, t.HEREDOC_CLOSE):
            templates.pop()
            depth -= kind == t.QUOTE_CLOSE
        elif kind in _SEQUENCE_ENDS or (kind == t.TEXT and templates[-1] == t.QUOTE_OPEN):
            pieces[depth] += 1
    return pieces


def _find_line_ends(kinds: list[int], texts: list[str]) -> defaultdict[int, list[int]]:
    """Return the tokens that lines end with, by how many brackets are open there."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    depth = 0
    for at, kind in enumerate(kinds):
        depth += DEPTH_CHANGE.get(kind, 0)
        if kind in (t.NEWLINE, t.COMMENT) and texts[at].endswith("\n"):
            found[depth].append(at)
    return found
