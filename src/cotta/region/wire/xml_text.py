"""Text inside XML."""

from __future__ import annotations

import re
from typing import Final

_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
)

# What XML 1.0 can't hold at all, not even escaped.
_IMPOSSIBLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_ALTERED: Final = re.compile(f'[&<>"\r]|{_IMPOSSIBLE.pattern}')


def escape(text: str) -> str:
    """Return text as it stands between tags; characters that XML can't hold become `?`."""
    if _ALTERED.search(text) is None:
        return text
    return _IMPOSSIBLE.sub("?", text).translate(_ESCAPES)
