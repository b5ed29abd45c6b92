"""JSON text and the tree it stands for, agreeing with Go's encoder to the byte.

A tree (`Json`) is what Python's `json` makes of a text, except that a number
which is no plain integer keeps its text, as `JsonNumber`: numbers never pass
through a float.
"""

from __future__ import annotations

import json
import re
from typing import Final, TypeAlias, cast


class JsonError(ValueError):
    """A text is not JSON; the message is a clause that says why."""


class JsonNumber:
    """A number in a tree that Python's own int can't stand for, as its JSON text."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"JsonNumber({self.text})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JsonNumber) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


Json: TypeAlias = "bool | int | str | JsonNumber | list[Json] | dict[str, Json] | None"

# Go escapes these inside strings, so that JSON can stand in HTML and JavaScript.
# They occur nowhere else in JSON, so the whole text can be searched at once.
_ESCAPES: Final = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)


class _NeedsOwnWriterError(Exception):
    """The tree holds a number that Python's encoder can't write."""


def _refuse(_part: object) -> object:
    raise _NeedsOwnWriterError


_compact = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), check_circular=False, default=_refuse
).encode
_quote: Final = json.encoder.encode_basestring


def write_json(tree: Json, *, indent: int | None = None) -> str:
    """Return the tree as Go writes it: compact, or with `indent` spaces a level.

    Keys stand in the order they have in the tree.
    """
    if indent is not None:
        text = _write_indented(tree, " " * indent, "\n")
    else:
        try:
            text = _compact(tree)
        except _NeedsOwnWriterError:
            text = _write(tree)
    for character, escape in _ESCAPES:
        if character in text:
            text = text.replace(character, escape)
    return text


def _write(tree: Json) -> str:
    if isinstance(tree, dict):
        return "{" + ",".join(f"{_quote(k)}:{_write(v)}" for k, v in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(map(_write, tree)) + "]"
    return tree.text if isinstance(tree, JsonNumber) else _compact(tree)


def _write_indented(tree: Json, step: str, line: str) -> str:
    inner = line + step
    if isinstance(tree, dict) and tree:
        parts = [f"{_quote(k)}: {_write_indented(v, step, inner)}" for k, v in tree.items()]
        return "{" + inner + ("," + inner).join(parts) + line + "}"
    if isinstance(tree, list) and tree:
        parts = [_write_indented(v, step, inner) for v in tree]
        return "[" + inner + ("," + inner).join(parts) + line + "]"
    if isinstance(tree, str):
        return _quote(tree)
    return _write(tree)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _parse_int(text: str) -> int | JsonNumber:
    # "-0" is a number of its own, and Python refuses to read very long ones.
    return int(text) if len(text) < 150 and text != "-0" else JsonNumber(text)


decoder: Final = json.JSONDecoder(
    parse_float=JsonNumber, parse_int=_parse_int, parse_constant=_refuse_constant
)
_space: Final = re.compile(r"[ \t\n\r]*")
_surrogate: Final = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(text: str) -> Json:
    """Return the tree of a JSON text; raise `JsonError` if it is none, or nested too deep.

    As with Go's decoder, closing brackets after the end are not looked at,
    and half a surrogate pair is read as U+FFFD.
    """
    try:
        start = skip_space(text, 0)
        if start == len(text):
            raise JsonError("the text is empty")
        tree, end = decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise JsonError(f"{error.msg[:1].lower()}{error.msg[1:]} on {where}") from None
    except RecursionError:
        raise JsonError("it is nested too deep") from None
    except ValueError as error:
        raise JsonError(str(error)) from None
    rest = skip_space(text, end)
    if rest < len(text) and text[rest] not in "]}":
        raise JsonError("something follows after the end of the JSON value")
    return without_halves(tree) if _surrogate.search(text) else cast("Json", tree)


def skip_space(text: str, at: int) -> int:
    """Return where the next part of a JSON text begins, from `at` on."""
    match = _space.match(text, at)
    return match.end() if match else at


def without_halves(tree: Json) -> Json:
    """Return the tree with every half of a surrogate pair replaced."""
    if isinstance(tree, str):
        return tree.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(tree, list):
        return [without_halves(part) for part in tree]
    if isinstance(tree, dict):
        return {str(without_halves(k)): without_halves(v) for k, v in tree.items()}
    return tree
