"""Lists compared: which elements stayed, which came and went, which changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.values.json_parts import known_part
from cotta.values.json_text import write_json
from cotta.values.value import MapValue, ObjectValue, unmark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotta.values.value import Value

    # The index on each side; None where nothing is.
    Pair = tuple[int | None, int | None]

# Past this many comparisons the middle is taken as replaced: a plan must stay linear.
_MOST_COMPARISONS = 4_000_000


def pair_elements(before: Sequence[Value], after: Sequence[Value]) -> list[Pair]:
    """Return the pairs of two lists of values; objects can change into one another.

    As in Terraform, elements are the same if their JSON is, and what is
    unknown is null.
    """
    return pair_texts(
        [write_json(known_part(element)) for element in before],
        [write_json(known_part(element)) for element in after],
        may_change=lambda one, other: _is_object(before[one]) and _is_object(after[other]),
    )


def pair_texts(
    left: Sequence[str],
    right: Sequence[str],
    may_change: Callable[[int, int], bool] = lambda _one, _other: False,
) -> list[Pair]:
    """Return pairs of indices: both for what stayed or changed, one for what came or went.

    In a list that stays as long as it was and loses something, each element
    changed in its place.  Otherwise a longest common subsequence stayed, and
    between its elements one that went and one that came are one that changed,
    if it `may_change`.
    """
    if len(left) == len(right) and not set(left) <= set(right):
        return [(at, at) for at in range(len(left))]
    pairs: list[Pair] = []
    one = other = 0
    for stays in [*common(left, right), None]:
        while one < len(left) and left[one] != stays:
            if other < len(right) and right[other] != stays and may_change(one, other):
                pairs.append((one, other))
                other += 1
            else:
                pairs.append((one, None))
            one += 1
        while other < len(right) and right[other] != stays:
            pairs.append((None, other))
            other += 1
        if stays is not None:
            pairs.append((one, other))
            one, other = one + 1, other + 1
    return pairs


def common(left: Sequence[str], right: Sequence[str]) -> list[str]:
    """Return a longest common subsequence: of several, the one that Terraform finds."""
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and left[-1 - end] == right[-1 - end]:
        end += 1
    middle = _middle(left[start : len(left) - end], right[start : len(right) - end])
    return [*left[:start], *middle, *left[len(left) - end :]]


def _middle(left: Sequence[str], right: Sequence[str]) -> list[str]:
    if not left or not right or len(left) * len(right) > _MOST_COMPARISONS:
        return []
    # How much the beginnings of both have in common, by their lengths.
    lengths = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for one, text in enumerate(left):
        above, row = lengths[one], lengths[one + 1]
        for other, candidate in enumerate(right):
            if text == candidate:
                row[other + 1] = above[other] + 1
            else:
                row[other + 1] = max(above[other + 1], row[other])
    found: list[str] = []
    one, other = len(left), len(right)
    while one and other:
        if left[one - 1] == right[other - 1]:
            found.append(left[one - 1])
            one, other = one - 1, other - 1
        elif lengths[one][other - 1] >= lengths[one - 1][other]:
            other -= 1
        else:
            one -= 1
    return found[::-1]


def _is_object(value: Value) -> bool:
    return isinstance(unmark(value)[0], ObjectValue | MapValue)
