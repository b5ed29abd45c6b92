"""Numbers in texts: pure."""

from __future__ import annotations

from typing import Final

# More digits than anything here has; Python refuses to read thousands of them.
_MOST_DIGITS: Final = 18


def parse_decimal(text: str) -> int | None:
    """Return the number that ASCII digits say; None for every other text.

    `str.isdecimal` takes digits of all scripts, which a firewall's rules, say, must not have.
    """
    if not (text.isascii() and text.isdecimal()) or len(text) > _MOST_DIGITS:
        return None
    return int(text)


def is_decimal(text: str, least: int, most: int) -> bool:
    """Say whether a text is a number from `least` to `most`."""
    number = parse_decimal(text)
    return number is not None and least <= number <= most
