"""The order in which the official provider goes through a set: by checksums of its elements.

It shows where a set becomes a list, as in a policy's principals.  Pure.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def in_set_order(elements: Sequence[Any], sets: Collection[str] = ()) -> list[Any]:
    """Return the elements of a set (strings, or objects as dicts) in the official order.

    `sets` names the attributes of the elements that are sets as well.
    """
    # The checksums are compared as texts: 10 comes before 9.
    return sorted(elements, key=lambda element: str(checksum(_summed(element, sets))))


def checksum(text: str) -> int:
    """Return the number by which the official provider knows a text; also the id of a document."""
    return zlib.crc32(text.encode())


def _summed(element: Any, sets: Collection[str]) -> str:
    """Return an element as the text of which the checksum is taken."""
    if not isinstance(element, dict):
        return _text(element, is_set=False)
    parts = (f"{name}:{_text(each, is_set=name in sets)}" for name, each in sorted(element.items()))
    return "".join(parts)


def _text(value: Any, *, is_set: bool) -> str:
    if isinstance(value, bool):
        return "1;" if value else "0;"
    if isinstance(value, list):
        ordered = in_set_order(value) if is_set else value
        inside = "".join(_text(each, is_set=False) for each in ordered)
        return f"{{{inside}}};" if is_set else f"({inside});"
    # What is not set has the zero of its type there.
    return f"{'' if value is None else value};"
