"""Comments that allow what a rule finds, and say why: `# cotta:allow CT009: one box, by hand`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.practices.model import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cotta.diagnostics.source import SourceFile, SourceRange

NO_REASON: Final = Rule(
    id="CT000",
    title="Allowed without a reason",
    why="Whoever reads it later can't tell whether it still holds.",
    remedy="Say why: `# cotta:allow CT009: this group is a single build agent`.",
)

_COMMENT: Final = re.compile(
    r"(?:#|//)\s*cotta:allow\s+(?P<ids>CT\d{3}(?:\s*,\s*CT\d{3})*)(?P<rest>.*)$"
)


def apply_suppressions(
    findings: Iterable[Finding],
    files: Mapping[str, SourceFile],
    blocks: Mapping[str, SourceRange],
) -> Iterator[Finding]:
    """Yield the findings, those with an excuse marked.

    A comment counts on the line of the finding, on the comment lines directly above it, and above
    the block that it is in: `blocks` has each block's place by its address.  One without a reason
    excuses nothing and is a finding itself, once.
    """
    told: set[tuple[str, int]] = set()
    for finding in findings:
        excuse = None
        for place in (finding.subject, blocks.get(finding.address)):
            if place is None or place.file.name not in files:
                continue
            for number, reason in _allowed(finding.rule.id, place):
                if reason:
                    excuse = excuse or reason
                elif (place.file.name, number) not in told:
                    told.add((place.file.name, number))
                    detail = f"{finding.rule.id} is allowed here, and nothing says why."
                    yield Finding(
                        rule=NO_REASON, detail=detail, subject=place, address=finding.address
                    )
        yield finding if excuse is None else replace(finding, excuse=excuse)


def _allowed(id_: str, place: SourceRange) -> Iterator[tuple[int, str]]:
    """Yield (line, reason) of each comment that allows a rule at a place."""
    lines = place.file.text.splitlines()
    number = place.first.line
    nearby = [number]
    above = number - 1
    while above >= 1 and lines[above - 1].strip().startswith(("#", "//")):
        nearby.append(above)
        above -= 1
    for each in nearby:
        found = _COMMENT.search(lines[each - 1]) if each <= len(lines) else None
        if found is not None and id_ in re.split(r"\s*,\s*", found["ids"]):
            yield each, found["rest"].strip(" :-—")
