"""Lists compared: which elements stayed, which came and went, which changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.values.value import MapValue, ObjectValue, same, unmark, unmark_deep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.values.value import Value

# Past this many comparisons the middle is taken as replaced: a plan must stay linear.
_MOST_COMPARISONS = 4_000_000


def pair_elements(
    before: Sequence[Value], after: Sequence[Value]
) -> list[tuple[int | None, int | None]]:
    """Return pairs of indices: both for what stayed or changed, one for what came or went.

    What stayed is a longest common subsequence.  Between its elements an
    object that went and one that came are one object that changed.
    """
    left = [unmark_deep(value)[0] for value in before]
    right = [unmark_deep(value)[0] for value in after]
    pairs: list[tuple[int | None, int | None]] = []
    one = other = 0
    for stays in [*common(left, right), (len(left), len(right))]:
        while one < stays[0] and other < stays[1]:
            if not (_is_object(left[one]) and _is_object(right[other])):
                break
            pairs.append((one, other))
            one, other = one + 1, other + 1
        pairs += [(at, None) for at in range(one, stays[0])]
        pairs += [(None, at) for at in range(other, stays[1])]
        if stays[0] < len(left):
            pairs.append(stays)
        one, other = stays[0] + 1, stays[1] + 1
    return pairs


def common(left: Sequence[Value], right: Sequence[Value]) -> list[tuple[int, int]]:
    """Return the index pairs of a longest common subsequence."""
    start = 0
    while start < min(len(left), len(right)) and same(left[start], right[start]):
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and same(left[-1 - end], right[-1 - end]):
        end += 1
    middle = _middle(left[start : len(left) - end], right[start : len(right) - end])
    return [
        *((at, at) for at in range(start)),
        *((one + start, other + start) for one, other in middle),
        *((len(left) - at, len(right) - at) for at in range(end, 0, -1)),
    ]


def _middle(left: Sequence[Value], right: Sequence[Value]) -> list[tuple[int, int]]:
    if not left or not right or len(left) * len(right) > _MOST_COMPARISONS:
        return []
    lengths = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for one in range(len(left) - 1, -1, -1):
        row, below = lengths[one], lengths[one + 1]
        for other in range(len(right) - 1, -1, -1):
            if same(left[one], right[other]):
                row[other] = below[other + 1] + 1
            else:
                row[other] = max(below[other], row[other + 1])
    pairs = []
    one = other = 0
    while one < len(left) and other < len(right):
        if same(left[one], right[other]):
            pairs.append((one, other))
            one, other = one + 1, other + 1
        elif lengths[one + 1][other] >= lengths[one][other + 1]:
            one += 1
        else:
            other += 1
    return pairs


def _is_object(value: Value) -> bool:
    return isinstance(unmark(value)[0], ObjectValue | MapValue)
