"""What must not be seen on a screen, in all the spellings in which it would be."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN: Final = "<sensitive>"
# A shorter line of a longer text, a brace say, is no secret, and hiding it hides everything else.
_SHORTEST_LINE: Final = 6


class Mask:
    """Hides secrets in texts."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {spelling for secret in secrets for spelling in spellings(secret)}
        # The longest first, so that no part of one is left over.
        self._spellings = sorted(found, key=lambda text: (-len(text), text))

    def hide(self, text: str) -> str:
        """Return the text with every secret hidden."""
        for spelling in self._spellings:
            text = text.replace(spelling, HIDDEN)
        return text


def spellings(secret: str) -> set[str]:
    """Return how a secret may be printed: as it is, quoted, in base64, or line by line."""
    if not secret:
        return set()
    lines = [line.strip() for line in secret.splitlines()]
    found = {secret, secret.strip() or secret}
    if len(lines) > 1:
        found |= {line for line in lines if len(line) >= _SHORTEST_LINE}
    return {
        *found,
        # By a shell that says what it runs, and in our own assignments of variables.
        *(text.replace("'", "'\"'\"'") for text in found),
        *(text.replace("'", "'\\''") for text in found),
        *(json.dumps(text)[1:-1] for text in found),
        *(json.dumps(text, ensure_ascii=False)[1:-1] for text in found),
        *(quote(text, safe="") for text in found),
        base64.b64encode(secret.encode()).decode(),
    }
