"""What formatting changes besides blanks: spellings that newer ones have replaced.

- `"${x}"` as the whole value of an argument becomes `x`;
- the `type` of a variable loses its quotes and gets its element type:
  `"list"` becomes `list(string)`, and `map` becomes `map(any)`;
- the labels of a block are quoted, and nothing else stands between them.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.hcl import tokens as t
from cotta.hcl.ast import Body
from cotta.hcl.format_tokens import MovableTokens
from cotta.hcl.format_unwrapping import unwrap

if TYPE_CHECKING:
    from cotta.hcl.ast import Attribute, Block, File

# How the first spellings of types are written now; an element was text then.
_TYPES: Final = {
    '"string"': ("string",),
    '"list"': ("list", "(", "string", ")"),
    '"map"': ("map", "(", "string", ")"),
    "list": ("list", "(", "any", ")"),
    "map": ("map", "(", "any", ")"),
    "set": ("set", "(", "any", ")"),
}

_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


@dataclass(frozen=True, slots=True)
class Replacement:
    """Other tokens in the place of the tokens `[start, end)`."""

    start: int
    end: int
    kinds: list[int]
    texts: list[str]


def rewrite(tokens: MovableTokens, file: File) -> MovableTokens:
    """Return the tokens of `file` with old spellings replaced."""
    assert isinstance(file.body, Body)
    finder = _Finder(tokens)
    finder.search(file.body, ())
    if not finder.found:
        return tokens
    kinds: list[int] = []
    texts: list[str] = []
    at = 0
    for one in sorted(finder.found, key=lambda found: found.start):
        kinds += tokens.kinds[at : one.start] + one.kinds
        texts += tokens.texts[at : one.start] + one.texts
        at = one.end
    kinds += tokens.kinds[at:]
    texts += tokens.texts[at:]
    return MovableTokens(kinds, texts, gaps=[0] * len(kinds), tail=tokens.tail)


class _Finder:
    """Goes through the bodies of a file and collects what is to be replaced."""

    __slots__ = ("found", "tokens")

    def __init__(self, tokens: MovableTokens) -> None:
        self.tokens = tokens
        self.found: list[Replacement] = []

    def search(self, body: Body, inside: tuple[str, ...]) -> None:
        for attribute in body.attributes.values():
            if inside == ("variable",) and attribute.name == "type":
                self.type_constraint(attribute)
            else:
                self.value(attribute)
        # No deeper than the parser lets blocks be nested.
        for block in body.blocks:
            self.labels(block)
            assert isinstance(block.body, Body)
            self.search(block.body, (*inside, block.type))

    def index_at(self, offset: int) -> int:
        """Return the first token that begins at `offset` or behind it."""
        return bisect_left(self.tokens.starts, offset)

    def type_constraint(self, attribute: Attribute) -> None:
        at = self.index_at(attribute.expression.range.start)
        if self.index_at(attribute.expression.range.end) != at + 1:
            return
        texts = _TYPES.get(self.tokens.texts[at])
        if texts is not None:
            kinds = [t.PUNCTUATION.get(text, t.IDENT) for text in texts]
            self.found.append(Replacement(at, at + 1, kinds, list(texts)))

    def value(self, attribute: Attribute) -> None:
        expression = attribute.expression.range
        start = self.index_at(expression.start)
        if self.tokens.kinds[start : start + 2] != [t.QUOTE_OPEN, t.INTERPOLATION]:
            return
        end = self.index_at(expression.end)
        after = end
        while after < len(self.tokens.kinds) and self.tokens.kinds[after] == t.COMMENT:
            after += 1
        kinds, texts = unwrap(
            self.tokens.kinds[start:end],
            self.tokens.texts[start:end],
            has_comment=after > end,
            ends_line=after == len(self.tokens.kinds)
            or self.tokens.ends_line(after)
            or (after > end and self.tokens.ends_line(after - 1)),
        )
        if len(kinds) != end - start:
            self.found.append(Replacement(start, end, kinds, texts))

    def labels(self, block: Block) -> None:
        if not block.labels:
            return
        start = self.index_at(block.type_range.end)
        end = self.index_at(block.label_ranges[-1].end)
        texts = [quote(label) for label in block.labels]
        if self.tokens.texts[start:end] != texts:
            self.found.append(Replacement(start, end, [t.STRING] * len(texts), texts))


def quote(label: str) -> str:
    """Return a label in quotes, with whatever can't stand in them escaped."""
    pieces = []
    for at, character in enumerate(label):
        if character in _ESCAPES:
            pieces.append(_ESCAPES[character])
        elif character in "$%" and label[at + 1 : at + 2] == "{":
            pieces.append(character * 2)
        elif character.isprintable():
            pieces.append(character)
        else:
            code = ord(character)
            pieces.append(f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}")
    return f'"{"".join(pieces)}"'
