"""The practices in the command line: what is looked at, and findings as people are told them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.cli.pins import read_pins
from cotta.cli.worlds import Settings, read_configuration, read_known_variables
from cotta.configs.static import check_module_arguments, check_references
from cotta.diagnostics.diagnostics import Diagnostic, Diagnostics
from cotta.engine.walk import Cancellation
from cotta.practices.checking import check_configuration, check_templates, look_at
from cotta.states.model import State

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from cotta.cli.terminal import Terminal
    from cotta.practices.model import Finding


def findings_of_configuration(given: Namespace, terminal: Terminal) -> list[Finding]:
    """Return what the working folder's configuration does not keep to.

    Raises `DiagnosticsError` where it can't be read, or where its references lead nowhere.
    """
    diags = Diagnostics()
    configuration = read_configuration(terminal, diags)
    diags.raise_if_errors()
    assert configuration is not None
    check_module_arguments(configuration, diags)
    check_references(configuration, diags)
    diags.raise_if_errors()
    variables = read_known_variables(configuration, given, terminal, diags)
    settings = Settings(terminal=terminal, configuration=configuration, cancellation=Cancellation())
    world = settings.world(variables)
    try:
        return check_configuration(look_at(world, State(), read_pins()))
    finally:
        world.pool.close()


def findings_of_template(path: Path, given: Namespace, terminal: Terminal) -> list[Finding]:
    """Return what the builds of a template do not keep to; raise `DiagnosticsError`."""
    # Imported here because a configuration needs nothing of templates.
    from cotta.cli.template_facts import facts_of_template

    return check_templates(facts_of_template(path, given, terminal))


def as_diagnostic(finding: Finding) -> Diagnostic:
    """Return a finding as a mistake or a warning: what is so, why it matters, what to do."""
    rule = finding.rule
    where = f"{finding.address}: " if finding.address and finding.subject is None else ""
    return Diagnostic(
        severity=rule.severity,
        summary=f"{rule.id} {rule.title}",
        detail=f"{where}{finding.detail} {rule.why}\n\n{rule.remedy}",
        subject=finding.subject,
        address=finding.address or None,
    )
