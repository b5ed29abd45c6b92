"""The name that was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Further away than this, a name is more likely another word than a slip.
_FARTHEST: Final = 2


def suggest(given: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate nearest to `given`, if one is at most two slips away.

    A slip is a letter too many, too few or wrong.  Of equally near candidates
    the first is returned.
    """
    nearest = None
    limit = _FARTHEST
    for candidate in candidates:
        distance = _distance(given, candidate, limit)
        if distance is not None and (nearest is None or distance < limit):
            nearest, limit = candidate, distance
            if distance == 0:
                break
    return nearest


def did_you_mean(given: str, candidates: Iterable[str]) -> str:
    """Return the sentence that ends a detail, with a space before; "" without a suggestion."""
    nearest = suggest(given, candidates)
    return "" if nearest is None else f' Did you mean "{nearest}"?'


def _distance(one: str, other: str, limit: int) -> int | None:
    """Return Levenshtein's distance, or None if it is more than `limit`."""
    if abs(len(one) - len(other)) > limit:
        return None
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, against in enumerate(other, 1):
            diagonal, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, diagonal + (letter != against)),
            )
        if min(row) > limit:
            return None
    return row[-1] if row[-1] <= limit else None
