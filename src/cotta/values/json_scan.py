"""A JSON text read part by part, so that of a large one only a part is in memory as a tree.

It also finds the place of a part, for messages about it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from cotta.values.json_text import JsonError, decoder, skip_space, without_halves

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cotta.values.json_text import Json


class JsonPlaceError(JsonError):
    """A text is not JSON from the character `at` on."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class JsonScanner:
    """Stands before a value of the text: take it whole, or go inside.

    Whoever iterates `members` or `elements` takes each value before the next
    step.  Everything raises `JsonPlaceError` where the text is not JSON.
    """

    __slots__ = ("_has_halves", "at", "text")

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at
        self._has_halves = "\\ud" in text or "\\uD" in text

    def peek(self) -> str:
        """Return the first character of the value; "" at the end of the text."""
        self.at = skip_space(self.text, self.at)
        return self.text[self.at : self.at + 1]

    def value(self) -> Json:
        """Take the whole value."""
        self.at = skip_space(self.text, self.at)
        if self.at == len(self.text):
            raise JsonPlaceError("the text ends where a value is expected", self.at)
        try:
            tree, self.at = decoder.raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            raise JsonPlaceError(
                f"{error.msg[:1].lower()}{error.msg[1:].removesuffix(' starting at')}", error.pos
            ) from None
        except RecursionError:
            raise JsonPlaceError("it is nested too deep", self.at) from None
        except ValueError as error:
            raise JsonPlaceError(str(error), self.at) from None
        return without_halves(tree) if self._has_halves else cast("Json", tree)

    def members(self) -> Iterator[str]:
        """Yield each key of an object; the scanner then stands before its value."""
        self._expect("{")
        if self.peek() == "}":
            self.at += 1
            return
        while True:
            if self.peek() != '"':
                raise JsonPlaceError("a name in double quotes is expected", self.at)
            key = self.value()
            self._expect(":")
            yield cast("str", key)
            if self._is_last("}"):
                return

    def elements(self) -> Iterator[int]:
        """Yield where each element of an array begins; the scanner then stands before it."""
        self._expect("[")
        if self.peek() == "]":
            self.at += 1
            return
        while True:
            self.peek()
            yield self.at
            if self._is_last("]"):
                return

    def end(self) -> None:
        """Refuse anything that follows."""
        if self.peek():
            raise JsonPlaceError("something follows after the end", self.at)

    def _expect(self, character: str) -> None:
        if self.peek() != character:
            raise JsonPlaceError(f"{character!r} is expected", self.at)
        self.at += 1

    def _is_last(self, closing: str) -> bool:
        found = self.peek()
        if found not in (",", closing) or not found:
            raise JsonPlaceError(f"a comma or {closing!r} is expected", self.at)
        self.at += 1
        return found == closing


def find_part(text: str, at: int, steps: Sequence[str | int]) -> tuple[int, int]:
    """Return where a part of the value at `at` begins and ends.

    Where a step leads nowhere, it is the place of the last part that exists.
    The text must be JSON there.
    """
    scanner = JsonScanner(text, at)
    for step in steps:
        start = scanner.at
        if not _enter(scanner, step):
            scanner.at = start
            break
    scanner.peek()
    start = scanner.at
    scanner.value()
    return start, scanner.at


def _enter(scanner: JsonScanner, step: str | int) -> bool:
    """Go to the part under `step`; return whether there is one."""
    opening = scanner.peek()
    if isinstance(step, str) and opening == "{":
        for key in scanner.members():
            if key == step:
                return True
            scanner.value()
    elif isinstance(step, int) and opening == "[":
        for index, _ in enumerate(scanner.elements()):
            if index == step:
                return True
            scanner.value()
    return False
