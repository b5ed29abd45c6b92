"""Patterns of file names, as `fileset` takes them: `*`, `**`, `?`, `[a-z]`, `{a,b}`.

The rules, and when a malformed pattern is noticed, are those of the Go
package doublestar, version 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.hcl.functions.paths import base, join
from cotta.hcl.functions.paths import directory as parent

if TYPE_CHECKING:
    from cotta.hcl.functions.surroundings import FileReader, Kind

_SPECIAL: Final = frozenset("*?[{\\")


class PatternError(ValueError):
    """A pattern is malformed where a name had to be compared with it."""


def find_files(pattern: str, files: FileReader) -> dict[str, Kind]:
    """Return every path that the clean pattern matches, and what is there.

    A directory that can't be read holds nothing.
    """
    found: dict[str, Kind] = {}
    parts = _split(pattern, "/")
    start = "."
    if parts[0] == "":
        start, parts = "/", parts[1:]
    _search(start, parts, files, found)
    return found


def _search(directory: str, parts: list[str], files: FileReader, found: dict[str, Kind]) -> None:
    plain = 0
    while plain < len(parts) and not _SPECIAL & set(parts[plain]):
        plain += 1
    if plain == len(parts):
        path = join(directory, *parts)
        kind = _kind_of(path, files)
        if kind is not None:
            found[path] = kind
        return
    directory = join(directory, *parts[:plain])
    parts = parts[plain:]
    try:
        entries = sorted(files.entries(directory), key=lambda entry: entry[0])
    except OSError:
        return
    if parts[0] == "**":
        for name, kind in entries:
            path = join(directory, name)
            if len(parts) == 1 and kind != "nothing":
                found[path] = kind
            if kind == "directory":
                _search(path, parts, files, found)
        parts = parts[1:]
        if not parts:
            return
    for name, kind in entries:
        if not matches(parts[0], name):
            continue
        path = join(directory, name)
        if len(parts) == 1:
            found[path] = kind
        elif kind == "directory":
            _search(path, parts[1:], files, found)


def _kind_of(path: str, files: FileReader) -> Kind | None:
    """Return what the path leads to; None if there is no such name."""
    try:
        return dict(files.entries(parent(path))).get(base(path))
    except OSError:
        return None


def _split(text: str, separator: str) -> list[str]:
    """Return the parts between separators that have no backslash before them."""
    parts: list[str] = []
    start = 0
    while (at := _find(text, separator, start)) >= 0:
        parts.append(text[start:at])
        start = at + 1
    return [*parts, text[start:]]


def _find(text: str, character: str, start: int) -> int:
    """Return where the character stands without a backslash before it; -1 if nowhere."""
    at = text.find(character, start)
    while at > start and text[at - 1] == "\\":
        at = text.find(character, at + 1)
    return at


def matches(pattern: str, name: str) -> bool:
    """Say whether one part of a pattern matches a name; may raise `PatternError`."""
    return _matches(pattern, name, {})


def _matches(pattern: str, name: str, known: dict[tuple[str, str], bool]) -> bool:
    """Match as above; `known` keeps what stars have tried, so that time stays bounded."""
    while pattern and name:
        head, rest = pattern[0], pattern[1:]
        if head == "*":
            return _matches_star(rest, name, known)
        if head == "{":
            end = _find(rest, "}", 0)
            if end < 0:
                raise PatternError
            choices = _split(rest[:end], ",")
            return any(_matches(choice + rest[end + 1 :], name, known) for choice in choices)
        if head == "[":
            end = _find(rest, "]", 0)
            if end < 1:
                raise PatternError
            if not _in_class(rest[:end], name[0]):
                return False
            pattern, name = rest[end + 1 :], name[1:]
            continue
        if head == "\\":
            if not rest:
                raise PatternError
            head, rest = rest[0], rest[1:]
            if head != name[0]:
                return False
        elif head not in ("?", name[0]):
            return False
        pattern, name = rest, name[1:]
    return not name and pattern in ("", "*", "**")


def _matches_star(rest: str, name: str, known: dict[tuple[str, str], bool]) -> bool:
    """Say whether the rest of a pattern matches some end of the name, but not the empty one."""
    if not rest:
        return True
    for at in range(len(name)):
        tried = rest, name[at:]
        if tried not in known:
            try:
                known[tried] = _matches(*tried, known)
            except PatternError:
                # What can't be compared doesn't match: another end of the name may.
                known[tried] = False
        if known[tried]:
            return True
    return False


def _in_class(text: str, character: str) -> bool:
    """Say whether `[text]` holds the character."""
    is_negated = text[0] == "^"
    at = 1 if is_negated else 0
    is_inside = False
    while at < len(text):
        low, at = _class_member(text, at)
        high = low
        if text[at : at + 1] == "-":
            high, at = _class_member(text, at + 1)
        is_inside = is_inside or low <= character <= high
    return is_inside != is_negated


def _class_member(text: str, at: int) -> tuple[str, int]:
    """Return the character at a place in a class, and the next place."""
    if at >= len(text) or text[at] == "-":
        raise PatternError
    if text[at] == "\\":
        at += 1
        if at >= len(text):
            raise PatternError
    return text[at], at + 1
