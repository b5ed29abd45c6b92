"""Versions and the constraints on them, as Terraform compares them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# The version whose language and files Cotta reads.
LANGUAGE_VERSION: Final = "1.11.4"

_VERSION: Final = re.compile(
    r"v?([0-9]+(?:\.[0-9]+)*)"
    r"(?:-([0-9]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*)|-?([A-Za-z\-~]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*))?"
    r"(?:\+([0-9A-Za-z\-~]+(?:\.[0-9A-Za-z\-~]+)*))?"
)
_CONSTRAINT: Final = re.compile(rf"\s*(=|!=|>|<|>=|<=|~>|)\s*({_VERSION.pattern})\s*")


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A version: its numbers, three at least, and what comes before the release.

    `given` is how many numbers were written.  Metadata after a plus doesn't count.
    """

    numbers: tuple[int, ...]
    prerelease: str
    given: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._order() == other._order()

    def __lt__(self, other: Version) -> bool:
        return self._order() < other._order()

    def __hash__(self) -> int:
        return hash(self._order())

    def __str__(self) -> str:
        numbers = ".".join(map(str, self.numbers))
        return f"{numbers}-{self.prerelease}" if self.prerelease else numbers

    def _order(self) -> tuple[object, ...]:
        numbers = self.numbers
        while len(numbers) > 3 and numbers[-1] == 0:
            numbers = numbers[:-1]
        # Nothing comes after everything; numbers come before words.
        parts = tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part)
            for part in self.prerelease.split(".")
        )
        return numbers, not self.prerelease, parts


def parse_version(text: str) -> Version | None:
    """Return the version that a text spells; None if it is none."""
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    numbers = [int(part) for part in found[1].split(".")]
    given = len(numbers)
    numbers += [0] * (3 - given)
    return Version(tuple(numbers), found[2] or found[3] or "", given)


@dataclass(frozen=True, slots=True)
class Constraint:
    """One comparison with a version."""

    operator: str
    version: Version

    def allows(self, version: Version) -> bool:
        """Say whether a version is one of those meant.

        A prerelease is meant only where one of the same release is named.
        """
        return _COMPARISONS[self.operator](version, self.version)


def parse_constraints(text: str) -> tuple[Constraint, ...] | None:
    """Return the comparisons that a text has between commas; None if it is no such text."""
    found: list[Constraint] = []
    for part in text.split(","):
        match = _CONSTRAINT.fullmatch(part)
        version = parse_version(match[2]) if match is not None else None
        if match is None or version is None:
            return None
        found.append(Constraint(match[1] or "=", version))
    return tuple(found)


def render_constraints(constraints: tuple[Constraint, ...]) -> str:
    """Return comparisons as Terraform prints them: by version, full ones but after `~>`."""
    ordered = sorted(constraints, key=lambda one: one.version)
    return ", ".join(_render_constraint(one) for one in ordered)


def _render_constraint(constraint: Constraint) -> str:
    version = constraint.version
    text = str(version)
    if constraint.operator == "~>" and not version.prerelease:
        text = ".".join(map(str, version.numbers[: max(version.given, 2)]))
    return text if constraint.operator == "=" else f"{constraint.operator} {text}"


def allows(constraints: tuple[Constraint, ...], version: Version) -> bool:
    """Say whether a version is one that all comparisons allow."""
    return all(constraint.allows(version) for constraint in constraints)


def _is_comparable(version: Version, bound: Version) -> bool:
    """Say whether a prerelease may be compared with a bound: only one of the same release."""
    if version.prerelease and bound.prerelease:
        return version.numbers == bound.numbers
    return not version.prerelease


def _is_pessimistic(version: Version, bound: Version) -> bool:
    """Say whether only the last number that the bound writes may have grown."""
    if not _is_comparable(version, bound) or (bound.prerelease and not version.prerelease):
        return False
    if version < bound or bound.given > len(version.numbers):
        return False
    fixed = max(bound.given - 1, 0) if bound.given > 1 else 0
    return version.numbers[:fixed] == bound.numbers[:fixed]


_COMPARISONS: Final[Mapping[str, Callable[[Version, Version], bool]]] = {
    "=": lambda v, c: v == c,
    "!=": lambda v, c: v != c,
    ">": lambda v, c: _is_comparable(v, c) and v > c,
    "<": lambda v, c: _is_comparable(v, c) and v < c,
    ">=": lambda v, c: _is_comparable(v, c) and v >= c,
    "<=": lambda v, c: _is_comparable(v, c) and v <= c,
    "~>": _is_pessimistic,
}
