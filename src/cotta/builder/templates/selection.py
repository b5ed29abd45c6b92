"""`-only` and `-except`: which builds and post-processors of a template are meant.

The patterns are globs over the whole name of a build (`web.amazon-ebs.app`):
`*` is any text, `?` one character, `[a-c]` and `[!x]` one of a set, `{a,b}`
either.  `-except` also names post-processors, by name or type, and ends their
chain there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cotta.diagnostics.diagnostics import Diagnostics


@dataclass(frozen=True, slots=True)
class Selection:
    """The patterns of both flags."""

    only: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def has_build(self, name: str) -> bool:
        """Say whether a build is meant."""
        if self.only and not any(matches(pattern, name) for pattern in self.only):
            return False
        return not any(matches(pattern, name) for pattern in self.excluded)

    def has_post_processor(self, *names: str) -> bool:
        """Say whether a post-processor with these names is meant."""
        return not any(matches(pattern, name) for pattern in self.excluded for name in names)


EVERYTHING: Final = Selection()


def report_unmatched(
    selection: Selection, builds: Sequence[str], post_processors: Iterable[str], diags: Diagnostics
) -> None:
    """Report the patterns that match nothing there is: an error if no build is left for `-only`."""
    listed = ", ".join(builds) or "none"
    for pattern in selection.only:
        if any(matches(pattern, name) for name in builds):
            continue
        detail = (
            f'No build is named as -only="{pattern}" says.{did_you_mean(pattern, builds)} '
            f"There is: {listed}."
        )
        if any(matches(other, name) for other in selection.only for name in builds):
            diags.warning("Pattern that matches nothing", detail)
        else:
            diags.error("Pattern that matches nothing", detail)
    every = [*builds, *post_processors]
    for pattern in selection.excluded:
        if not any(matches(pattern, name) for name in every):
            diags.warning(
                "Pattern that matches nothing",
                f'Nothing is named as -except="{pattern}" says.{did_you_mean(pattern, every)} '
                f"There is: {listed}.",
            )


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_translated(pattern), re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    """Say whether a glob matches a whole name."""
    return _compiled(pattern).fullmatch(name) is not None


def _translated(pattern: str) -> str:
    parts: list[str] = []
    depth = 0
    at = 0
    while at < len(pattern):
        char = pattern[at]
        end = pattern.find("]", at + 2) if char == "[" else -1
        if char == "\\" and at + 1 < len(pattern):
            at += 1
            parts.append(re.escape(pattern[at]))
        elif char == "*":
            parts.append(".*")
        elif char == "?":
            parts.append(".")
        elif char == "[" and end > 0:
            inside = pattern[at + 1 : end]
            negated = inside[:1] in ("!", "^")
            inside = inside[1:] if negated else inside
            ranges = "".join(each if each == "-" else re.escape(each) for each in inside)
            parts.append(f"[{'^' if negated else ''}{ranges}]")
            at = end
        elif char == "{" and "}" in pattern[at:]:
            depth += 1
            parts.append("(?:")
        elif char == "}" and depth:
            depth -= 1
            parts.append(")")
        elif char == "," and depth:
            parts.append("|")
        else:
            parts.append(re.escape(char))
        at += 1
    return "".join(parts) + ")" * depth
