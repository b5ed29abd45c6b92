"""`{{ }}` read into a tree: texts, actions, `if`, `range`, `with`, pipelines.

The rules are those of Go's text/template.  Named templates (`define`, `block`,
`template`) and `break`/`continue` are left out: an option is one text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from cotta.builder.model import RenderError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Constant:
    """A string, number, `true`, `false` or `nil`."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Field:
    """`.A.B`, `$x.A`, or `.` alone: names from the dot, a variable, or what `start` gives."""

    names: tuple[str, ...]
    variable: str | None = None
    start: Pipeline | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    name: str
    arguments: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each given the result of the one before as its last argument.

    With `variable`, the result is also what that is from now on.
    """

    commands: tuple[Operand, ...]
    variable: str | None = None
    # A range may name the key too: `$k, $v := …`.
    key_variable: str | None = None


Operand: TypeAlias = Constant | Field | Call | Pipeline


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, `with` or `range`, by `word`."""

    word: str
    pipeline: Pipeline
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...]


Node: TypeAlias = str | Pipeline | Branch

# A space is a token of its own where two operands must be kept apart.
_TOKEN: Final = re.compile(
    r"""\s+|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'|:=|[|(),=]
    |0x[0-9a-fA-F]+|[-+]?\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?
    |\$[A-Za-z0-9_]*|\.[A-Za-z_][A-Za-z0-9_]*|\.|[A-Za-z_][A-Za-z0-9_]*""",
    re.VERBOSE,
)
_SPACES: Final = " \t\r\n"
_WORDS: Final = frozenset({"if", "else", "end", "range", "with"})
_LEFT_OUT: Final = frozenset({"define", "block", "template", "break", "continue"})


def parse_layer(text: str) -> tuple[Node, ...]:
    """Return the nodes of a text; raises `RenderError` with a sentence about what is wrong."""
    parser = _Parser(_split(text))
    nodes = parser.nodes(outermost=True)
    return tuple(nodes)


# --- texts and actions --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Action:
    """What stands between the braces, as tokens; `shown` is it as it was written."""

    tokens: tuple[str, ...]
    shown: str


def _split(text: str) -> list[str | _Action]:
    """Return the texts and actions, spaces trimmed where `{{-` and `-}}` say so."""
    pieces: list[str | _Action] = []
    at = 0
    trims = False
    while True:
        start = text.find("{{", at)
        plain = text[at:] if start < 0 else text[at:start]
        if trims:
            plain = plain.lstrip(_SPACES)
        if start < 0:
            if plain:
                pieces.append(plain)
            return pieces
        inside = start + 2
        if text.startswith("-", inside) and text[inside + 1 : inside + 2] in _BLANKS:
            plain = plain.rstrip(_SPACES)
            inside += 1
        if plain:
            pieces.append(plain)
        tokens, at, trims = _read_action(text, inside)
        if tokens:
            pieces.append(_Action(tuple(tokens), text[start:at]))


_BLANKS: Final = frozenset(_SPACES)


def _read_action(text: str, at: int) -> tuple[list[str], int, bool]:
    """Return the tokens up to `}}`, the place behind it, and whether spaces there go."""
    comment = re.compile(r"\s*/\*.*?\*/\s*(-?)\}\}", re.DOTALL).match(text, at)
    if comment is not None:
        return [], comment.end(), bool(comment[1])
    tokens: list[str] = []
    while True:
        if text.startswith("}}", at):
            return _without_ends(tokens), at + 2, False
        if text.startswith("-}}", at) and text[at - 1] in _BLANKS:
            return _without_ends(tokens), at + 3, True
        found = _TOKEN.match(text, at)
        if found is None:
            if at >= len(text):
                raise RenderError('A "{{" is never closed: "}}" is missing.')
            raise RenderError(f'Between "{{{{" and "}}}}", {text[at]!r} means nothing.')
        tokens.append(" " if found[0].isspace() else found[0])
        at = found.end()


def _without_ends(tokens: list[str]) -> list[str]:
    while tokens and tokens[0] == " ":
        tokens.pop(0)
    while tokens and tokens[-1] == " ":
        tokens.pop()
    if not tokens:
        raise RenderError('There is nothing between "{{" and "}}".')
    return tokens


# --- the tree -----------------------------------------------------------------


class _Parser:
    def __init__(self, pieces: Sequence[str | _Action]) -> None:
        self._pieces = pieces
        self._at = 0
        # What ended the nodes read last: "end", or "else" with what follows it.
        self._ended_by: tuple[str, ...] = ()

    def nodes(self, *, outermost: bool = False) -> list[Node]:
        nodes: list[Node] = []
        while self._at < len(self._pieces):
            piece = self._pieces[self._at]
            self._at += 1
            if isinstance(piece, str):
                nodes.append(piece)
                continue
            word = piece.tokens[0]
            if word in ("end", "else"):
                if outermost:
                    raise RenderError(f"{piece.shown} belongs to no if, range or with.")
                self._ended_by = piece.tokens
                return nodes
            if word in ("if", "range", "with"):
                nodes.append(self._branch(word, piece.tokens[1:], piece.shown))
            elif word in _LEFT_OUT:
                raise RenderError(f'"{word}" is not supported in {{{{ }}}}.')
            else:
                nodes.append(_pipeline(piece.tokens))
        if not outermost:
            raise RenderError("An if, range or with is never closed: {{ end }} is missing.")
        return nodes

    def _branch(self, word: str, tokens: tuple[str, ...], shown: str) -> Branch:
        if not tokens:
            raise RenderError(f"{shown} needs a value.")
        pipeline = _pipeline(tokens, is_range=word == "range")
        then = tuple(self.nodes())
        ended = tuple(each for each in self._ended_by if each.strip())
        otherwise: tuple[Node, ...] = ()
        if ended[0] == "else" and len(ended) > 1:
            if ended[1] not in ("if", "with"):
                raise RenderError(f'"else {ended[1]}" means nothing.')
            at = self._ended_by.index(ended[1])
            otherwise = (self._branch(ended[1], self._ended_by[at + 1 :], shown),)
        elif ended[0] == "else":
            otherwise = tuple(self.nodes())
            if self._ended_by[0] != "end":
                raise RenderError(f"{shown} has more than one else.")
        return Branch(word, pipeline, then, otherwise)


def _pipeline(tokens: Sequence[str], *, is_range: bool = False) -> Pipeline:
    reader = _Reader(tokens)
    found = reader.pipeline(is_range=is_range)
    if reader.left:
        raise RenderError(f'"{reader.left[0]}" is one too many in {{{{ {"".join(tokens)} }}}}.')
    return found


class _Reader:
    """Reads operands and pipelines from the tokens of one action."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = list(tokens)
        self._at = 0

    @property
    def left(self) -> list[str]:
        return self._tokens[self._at :]

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _skip_space(self) -> None:
        while self._peek() == " ":
            self._at += 1

    def pipeline(self, *, is_range: bool = False) -> Pipeline:
        self._skip_space()
        names = self._declared()
        if len(names) == 2 and not is_range:
            raise RenderError("Two variables can be named in a range only.")
        commands = [self._command()]
        self._skip_space()
        while self._peek() == "|":
            self._at += 1
            commands.append(self._command())
            self._skip_space()
        return Pipeline(
            tuple(commands),
            names[-1] if names else None,
            names[0] if len(names) == 2 else None,
        )

    def _declared(self) -> list[str]:
        """Return the variables before `:=` (or `=`), and go past it; [] if there are none."""
        start = self._at
        names: list[str] = []
        while self._peek().startswith("$"):
            names.append(self._peek())
            self._at += 1
            self._skip_space()
            if self._peek() in (":=", "="):
                self._at += 1
                return names
            if self._peek() != ",":
                break
            self._at += 1
            self._skip_space()
        self._at = start
        return []

    def _command(self) -> Operand:
        self._skip_space()
        token = self._peek()
        if _is_name(token) and token not in _CONSTANTS:
            self._at += 1
            arguments: list[Operand] = []
            while self._peek() == " ":
                self._skip_space()
                if self._peek() in ("", "|", ")"):
                    break
                arguments.append(self._operand())
            return Call(token, tuple(arguments))
        return self._operand()

    def _operand(self) -> Operand:
        word = self._peek()
        self._at += 1
        if word == "(":
            inner = self.pipeline()
            self._skip_space()
            if self._peek() != ")":
                raise RenderError('A "(" is never closed.')
            self._at += 1
            names = self._names()
            return Field(names, start=inner) if names else inner
        if word.startswith("$"):
            return Field(self._names(), variable=word)
        if word == ".":
            return Field(())
        if word.startswith("."):
            return Field((word[1:], *self._names()))
        if word in _CONSTANTS:
            return Constant(_CONSTANTS[word])
        if _is_name(word):
            if word in _WORDS:
                raise RenderError(f'"{word}" stands where a value is expected.')
            return Call(word, ())
        return _literal(word)

    def _names(self) -> tuple[str, ...]:
        names = []
        while len(self._peek()) > 1 and self._peek().startswith("."):
            names.append(self._peek()[1:])
            self._at += 1
        return tuple(names)


_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "nil": None}
_ESCAPES: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", '"': '"', "'": "'",
}  # fmt: skip
_ESCAPED: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL
)


def _is_name(token: str) -> bool:
    return token[:1].isalpha() or token[:1] == "_"


def _literal(token: str) -> Constant:
    if token.startswith("`"):
        return Constant(token[1:-1])
    if token.startswith('"'):
        return Constant(_unquoted(token[1:-1]))
    if token.startswith("'"):
        return Constant(ord(_unquoted(token[1:-1])[:1]))
    try:
        return Constant(int(token.replace("_", ""), 0))
    except ValueError:
        pass
    try:
        return Constant(float(token))
    except ValueError:
        what = f'"{token}"' if token else "the end"
        raise RenderError(f"A value is expected where {what} stands.") from None


def _unquoted(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        digits = found[1] or found[2] or found[3]
        if digits:
            return chr(int(digits, 16))
        if found[4]:
            return chr(int(found[4], 8))
        if found[5] not in _ESCAPES:
            raise RenderError(f'"\\{found[5]}" means nothing in a quoted text.')
        return _ESCAPES[found[5]]

    return _ESCAPED.sub(one, text)
