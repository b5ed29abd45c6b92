"""Which elements of two sets go together, where some are not known yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.values.sets import identity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotta.values.value import Value


def uncorrelated(
    one: Sequence[Value], other: Sequence[Value], fit: Callable[[Value, Value], bool]
) -> tuple[list[Value], list[Value]]:
    """Return the elements of either side that none of the other side fits.

    Equal elements go together at once, so only what differs costs the
    product of the two lengths.
    """
    in_both = {identity(each) for each in one} & {identity(each) for each in other}
    in_both.discard(None)
    left = [each for each in one if identity(each) not in in_both]
    right = [each for each in other if identity(each) not in in_both]
    taken: set[int] = set()
    alone: list[Value] = []
    for each in left:
        fitting = {at for at, candidate in enumerate(right) if fit(each, candidate)}
        taken |= fitting
        if not fitting and not any(fit(each, candidate) for candidate in other):
            alone.append(each)
    rest = [
        candidate
        for at, candidate in enumerate(right)
        if at not in taken and not any(fit(each, candidate) for each in one)
    ]
    return alone, rest
