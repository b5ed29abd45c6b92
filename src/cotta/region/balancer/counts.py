"""How many requests target groups were sent, and how many came to nothing, as HAProxy counts."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests, and those that were answered with 5xx, by a target or for want of one."""

    requests: int = 0
    failed: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Return the sum."""
        return Counts(self.requests + other.requests, self.failed + other.failed)

    def since(self, earlier: Counts) -> Counts:
        """Return what has come since; all of it where HAProxy has begun to count anew."""
        if self.requests < earlier.requests:
            return self
        return Counts(self.requests - earlier.requests, self.failed - earlier.failed)


def parse_counts(statistics: str) -> Mapping[str, Counts]:
    """Return counts by the names of target groups, of what `show stat` says of backends."""
    found: dict[str, Counts] = defaultdict(Counts)
    for row in csv.DictReader(statistics.removeprefix("# ").splitlines()):
        if row["svname"] == "BACKEND":
            name = row["pxname"].partition(":")[0]
            found[name] += Counts(int(row["req_tot"] or 0), int(row["hrsp_5xx"] or 0))
    return found
