"""Configurations held to the practices, and findings as short texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.practices.checking import check_configuration, look_at
from cotta.states.model import State
from tests.support.engine import Stage, a_configuration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.practices.model import Finding


def findings_in(text: str, *, pinned: Iterable[str] = (), **modules: str) -> list[Finding]:
    """Return what a configuration does not keep to; excused findings are among it."""
    world = Stage().world(a_configuration(text, **modules))
    return check_configuration(look_at(world, State(), frozenset(pinned)))


def brief(findings: Iterable[Finding]) -> list[str]:
    """Return `CT001 aws_lb.web: 3` of each that is not excused: rule, address and line."""
    return [
        f"{one.rule.id} {one.address}: {one.subject.first.line if one.subject else '-'}"
        for one in findings
        if one.excuse is None
    ]
