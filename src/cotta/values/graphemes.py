"""What a reader counts as one character: Unicode's extended grapheme clusters."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@lru_cache(maxsize=1)
def _cluster() -> Any:
    import regex

    return regex.compile(r"\X")


def clusters(text: str) -> Sequence[str]:
    """Return the characters of `text`, in order."""
    # In ASCII only a carriage return before a line feed makes one of two.
    if text.isascii() and "\r" not in text:
        return text
    found: list[str] = _cluster().findall(text)
    return found


def count_clusters(text: str) -> int:
    """Return the number of characters in `text`."""
    return len(clusters(text))
