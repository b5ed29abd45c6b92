"""What a rule and a finding are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Severity

if TYPE_CHECKING:
    from cotta.diagnostics.source import SourceRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One practice, as it is written down in docs/rules.md.

    `title` never varies with what is found.  `why` and `remedy` are whole
    sentences.  Errors stop `ship`; warnings are told.
    """

    id: str
    title: str
    severity: Severity = Severity.WARNING
    why: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A place that does not keep to a practice.

    `detail` says what is so there, as sentences; the rule knows why that
    matters and what to do.  `excuse` is the reason that a comment gives for
    leaving it as it is, None where there is no such comment.
    """

    rule: Rule
    detail: str
    subject: SourceRange | None = None
    address: str = ""
    excuse: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether it stops what is not done in spite of errors."""
        return self.excuse is None and self.rule.severity is Severity.ERROR
