"""Times and ratios; medians, as these machines are noisy."""

from __future__ import annotations

import os
import platform
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

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


_PAGE: Final = """\
# Performance

Measured by `python -m bench --full --page`, which wrote this page, on {date},
{machine}.
Both programs did the same work in the same run, as whole processes from start to end. What others
did on the machine at that time is in the seconds; CPU seconds and ratios have less of it.

| What | Cotta | Peer | Wanted |
|---|---|---|---|
{rows}
"""


def render_page(figures: list[Figure]) -> str:
    """Return the figures as a page of the documentation."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    machine = (
        f"on a machine with {os.cpu_count()} cores (Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, load {load})"
    )
    rows = [f"| {f.what} | {f.ours} | {f.peer} | {f.wanted} |" for f in figures]
    return _PAGE.format(
        date=datetime.now(UTC).date().isoformat(), machine=machine, rows="\n".join(rows)
    )


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
