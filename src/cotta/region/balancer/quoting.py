"""Text in HAProxy's configuration, which knows neither quotes within quotes nor lines in texts."""

from __future__ import annotations

import re
from typing import Final

_SAFE: Final = re.compile(rb"[A-Za-z0-9_./:@,=-]+")

# Between parentheses, where the text is read again after numbers were replaced.
_READ_TWICE: Final = frozenset("'\"\\,)")


def quote(text: str) -> str:
    """Return a text as one word; bytes with a meaning of their own are written as numbers."""
    written = "".join(
        chr(byte) if _SAFE.fullmatch(bytes([byte])) else f"\\x{byte:02x}" for byte in text.encode()
    )
    return written or '""'


def quote_argument(text: str) -> str:
    """Return a text as what stands between the parentheses of `req.cook(…)`, read once more."""
    return quote("".join(f"\\{it}" if it in _READ_TWICE else it for it in text))


def quote_format(text: str) -> str:
    """Return a text as one word where HAProxy would replace `%…` in it."""
    return quote(text.replace("%", "%%"))


def regex_of(pattern: str) -> str:
    r"""Return the regular expression of a pattern of AWS's: `*`, `?`, and `\` before either."""
    written, characters = "", iter(pattern)
    for character in characters:
        if character == "*":
            written += ".*"
        elif character == "?":
            written += "."
        elif character == "\\":
            written += re.escape(next(characters, "\\"))
        else:
            written += re.escape(character)
    return written
