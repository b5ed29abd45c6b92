"""Times and ratios; medians, as these machines are noisy."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, ours, the peer's, and what is wanted."""

    what: str
    ours: str
    peer: str = ""
    wanted: str = ""


def median_seconds(work: Callable[[], object], runs: int = 5) -> float:
    """Return the median duration of `runs` calls."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def print_table(figures: list[Figure]) -> None:
    rows = [
        ("what", "ours", "peer", "wanted"),
        *((f.what, f.ours, f.peer, f.wanted) for f in figures),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
