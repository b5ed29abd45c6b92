"""The text of an address, taken apart: names after dots, literal keys in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.source import SourceRange
from cotta.values.value import make_string

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceFile


@dataclass(frozen=True, slots=True)
class Name:
    """A name: the first of the address, or one after a dot."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Key:
    """`[0]` or `["name"]`; a fraction is left to the reader to refuse."""

    value: int | float | str
    start: int
    end: int


AddressStep = Name | Key

_NAME: Final = re.compile(r"[^\W\d][\w-]*")
_NUMBER: Final = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")
_QUOTED: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\(.)|\$\$\{|%%\{")
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class _MistakeError(Exception):
    """The text is no address from `at` on."""

    def __init__(self, summary: str, detail: str, at: int) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.at = at


def split_address(source: SourceFile, diags: Diagnostics) -> list[AddressStep] | None:
    """Return the steps of an address, at least one; None, with a diagnostic, if it is none."""
    text = source.text
    try:
        steps: list[AddressStep] = [_name(text, 0, "Variable name required", "Begin with a name.")]
        while steps[-1].end < len(text):
            at = steps[-1].end
            if text[at] == ".":
                steps.append(_after_dot(text, at + 1))
            elif text[at] == "[":
                steps.append(_key(text, at))
            else:
                raise _MistakeError(
                    "Invalid character", "A dot or an index in brackets is expected here.", at
                )
    except _MistakeError as mistake:
        place = SourceRange(source, mistake.at, min(mistake.at + 1, len(text)))
        diags.error(mistake.summary, mistake.detail, place)
        return None
    return steps


def _name(text: str, at: int, summary: str, detail: str) -> Name:
    match = _NAME.match(text, at)
    if match is None:
        raise _MistakeError(summary, detail, at)
    return Name(match.group(), at, match.end())


def _after_dot(text: str, at: int) -> AddressStep:
    """Read what follows a dot; a number there is the old way to write an index."""
    match = re.compile(r"\d+").match(text, at)
    if match is not None:
        return Key(int(match.group()), at, match.end())
    return _name(text, at, "Attribute name required", "A dot must be followed by a name.")


def _key(text: str, at: int) -> Key:
    inside = at + 1
    if text.startswith("*", inside):
        raise _MistakeError(
            "Attribute name required", "An address names one thing: [*] can't be used.", inside
        )
    value: int | float | str
    quoted = _QUOTED.match(text, inside)
    if quoted is not None:
        value, end = _unquote(quoted.group(1), inside + 1), quoted.end()
    else:
        number = _NUMBER.match(text, inside)
        if number is None:
            raise _MistakeError(
                "Index value required",
                "Brackets must hold a whole number or a name in quotes.",
                inside,
            )
        is_whole = number.group(1) is None and number.group(2) is None
        value, end = int(number.group()) if is_whole else float(number.group()), number.end()
    if not text.startswith("]", end):
        raise _MistakeError(
            "Unclosed index brackets", "The index must be followed by a closing bracket.", end
        )
    return Key(value, at, end + 1)


def _unquote(text: str, at: int) -> str:
    def replace(match: re.Match[str]) -> str:
        short, long, letter = match.groups()
        if short or long:
            return _character(short or long, at + match.start())
        if letter is None:
            return match.group()[1:]
        if letter not in _LETTERS:
            raise _MistakeError(
                "Invalid escape sequence",
                f"A backslash before {letter!r} has no meaning.",
                at + match.start(),
            )
        return _LETTERS[letter]

    plain = re.search(r"(?<!\$)\$\{|(?<!%)%\{", text)
    if plain is not None:
        raise _MistakeError(
            "Invalid template interpolation", "A key can't be computed here.", at + plain.start()
        )
    return make_string(_ESCAPE.sub(replace, text))


def _character(digits: str, at: int) -> str:
    code = int(digits, 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise _MistakeError("Invalid escape sequence", f"There is no character {digits}.", at)
    return chr(code)
