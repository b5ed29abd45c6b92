"""`cotta check`: whether the practices of immutable infrastructure are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.mistakes import fail
from cotta.cli.practices import (
    as_diagnostic,
    findings_of_configuration,
    findings_of_template,
)
from cotta.cli.shared_variables import enter_folder, share_variables
from cotta.cli.templates import declare_config_type, has_configuration, template_at
from cotta.cli.views.diagnostics import encode_diagnostics, show_each
from cotta.cli.worlds import declare_variables
from cotta.diagnostics.diagnostics import Severity
from cotta.diagnostics.render import BOLD, GREEN, Pen
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.practices.model import Finding

HELP: Final = """\
Usage: cotta [global options] check [options] [path]

  Holds a configuration, a template, or a folder of both to the practices of
  immutable infrastructure: what is replaced without an outage, found by whom,
  baked rather than installed.  Nothing is asked of any cloud.

  Each rule has an id; docs/rules.md says what it is about.  A comment allows
  what a rule finds, with the reason:

    # cotta:allow CT009: this group is a single build agent

  Ends with status 1 if there is an error that no comment allows.
"""


def declare(flags: Flags) -> None:
    """Take how strict to be, and what variables are."""
    flags.switch("json", "Print one JSON object with every finding.")
    flags.switch("strict", "End with status 1 for warnings too.")
    declare_variables(flags)
    declare_config_type(flags)
    flags.words("paths", most=1, advice="Name one template or folder.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Tell every finding; 1 if there is an error, or a warning and `-strict`."""
    findings = _findings(given, terminal)
    counted = [one for one in findings if one.excuse is None]
    failed = any(one.is_error for one in counted) or (given.strict and bool(counted))
    if given.json:
        terminal.write(_encode(findings) + "\n")
        return 1 if failed else 0
    show_each([as_diagnostic(one) for one in counted], terminal)
    terminal.write(_summary(findings, Pen(colour=terminal.stdout_has_colour)))
    return 1 if failed else 0


def _findings(given: Namespace, terminal: Terminal) -> list[Finding]:
    """Return the findings of the template and of the configuration, whichever there are."""
    given = enter_folder(given)
    template = template_at(given.paths, given)
    if template is None:
        if not has_configuration(given.paths):
            raise fail(
                "Nothing to check",
                "There is neither a template (*.pkr.hcl) nor a configuration (*.tf) here. Name "
                "one, or its folder: cotta check PATH.",
            )
        return findings_of_configuration(given, terminal)
    if not has_configuration(given.paths):
        return findings_of_template(template, given, terminal)
    # Each takes the values that it has variables for.
    for_template, for_configuration = share_variables(template, given, terminal)
    return [
        *findings_of_template(template, for_template, terminal),
        *findings_of_configuration(for_configuration, terminal),
    ]


def _summary(findings: list[Finding], pen: Pen) -> str:
    counted = [one for one in findings if one.excuse is None]
    allowed = len(findings) - len(counted)
    also = f" {_number(allowed, 'finding')} allowed by a comment." if allowed else ""
    if not counted:
        return pen.paint("Success!", BOLD, GREEN) + f" The practices are kept.{also}\n\n"
    errors = sum(one.is_error for one in counted)
    words = f"{_number(errors, 'error')}, {_number(len(counted) - errors, 'warning')}."
    return f"\n{pen.paint(words, BOLD)}{also} docs/rules.md explains each rule.\n\n"


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _encode(findings: list[Finding]) -> str:
    diagnostics = encode_diagnostics(as_diagnostic(one) for one in findings)
    records = [
        {
            "rule": one.rule.id,
            "title": one.rule.title,
            "severity": one.rule.severity.value,
            "address": one.address,
            "detail": one.detail,
            "why": one.rule.why,
            "remedy": one.rule.remedy,
            "page": f"docs/rules.md#{one.rule.id.lower()}",
            "allowed": one.excuse,
            "range": record.get("range"),
            "snippet": record.get("snippet"),
        }
        for one, record in zip(findings, diagnostics, strict=True)
    ]
    counted = [one for one in findings if one.excuse is None]
    errors = sum(one.rule.severity is Severity.ERROR for one in counted)
    record = {
        "format_version": "1.0",
        "error_count": errors,
        "warning_count": len(counted) - errors,
        "findings": records,
    }
    return write_json(record, indent=2)  # type: ignore[arg-type]  # records are JSON
