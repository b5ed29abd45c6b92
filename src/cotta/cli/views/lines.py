"""Lines that come from elsewhere, shown so that they can do nothing to a terminal."""

from __future__ import annotations


def plain_line(text: str) -> str:
    """Return a text on one line, with everything that is no visible character escaped."""
    if text.isprintable():
        return text
    return "".join(_plain(character) for character in text)


def _plain(character: str) -> str:
    if character.isprintable():
        return character
    if character == "\t":
        return "    "
    return character.encode("unicode_escape").decode("ascii")
