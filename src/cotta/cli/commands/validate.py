"""`cotta validate`: whether a configuration or a template makes sense by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.clouds import declare_cloud
from cotta.cli.mistakes import fail
from cotta.cli.templates import (
    declare_config_type,
    declare_selection,
    declare_values,
    enter_configuration,
    has_configuration,
    template_at,
)
from cotta.cli.views.diagnostics import encode_diagnostics, show_diagnostics
from cotta.diagnostics.diagnostics import Diagnostics, Severity
from cotta.diagnostics.render import BOLD, GREEN, Pen
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from pathlib import Path

    from cotta.builder.options.values import Options
    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.values.value import Value

HELP: Final = """\
Usage: cotta [global options] validate [options] [path]

  Looks for mistakes, without asking any service: in the configuration of a
  folder with .tf files, in the template of one with .pkr.hcl files or in a
  template file that is named, in both where there are both.

  Of a configuration the variables need no values; of a template they do, as
  for a build.
"""


def declare(flags: Flags) -> None:
    """Take what terraform takes, and what packer takes."""
    flags.switch("json", "Print one JSON object with every mistake.")
    flags.switch("no-tests", "Leave test files out.")
    flags.option("test-directory", "PATH", "Where test files are.", default="tests")
    declare_values(flags)
    declare_selection(flags)
    declare_config_type(flags)
    flags.switch("syntax-only", "Of a template: look at the syntax only.")
    flags.switch("evaluate-datasources", "Of a template: ask its data sources, in the cloud.")
    declare_cloud(flags)
    flags.switch("no-warn-undeclared-var", "Of a template: allow values for no variable in files.")
    flags.switch("use-sequential-evaluation", "Accepted for Packer's sake; without effect.")
    flags.switch("machine-readable", "Of a template: print lines for programs.")
    flags.words("paths", most=1, advice="Name one template or folder.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Report every mistake; 1 if there is any."""
    template = template_at(given.paths, given)
    is_configuration = has_configuration(given.paths)
    if template is None and given.variables:
        raise fail(
            "Values without a template",
            "-var and -var-file are for templates: the variables of a configuration need no "
            "values here.",
        )
    diags = Diagnostics()
    if template is not None:
        _validate_template(template, given, terminal, diags)
    if is_configuration or template is None:
        enter_configuration(given.paths)
        _validate_configuration(terminal, diags)
    if given.json:
        terminal.write(_encode(diags) + "\n")
        return 1 if diags.has_errors else 0
    if given.machine_readable:
        _write_lines(diags, given, terminal)
        return 1 if diags.has_errors else 0
    show_diagnostics(diags, terminal)
    if diags.has_errors:
        return 1
    if template is not None:
        terminal.write(_template_line(given) + "\n")
    if is_configuration or template is None:
        terminal.write(_success(diags, terminal))
    return 0


def _validate_template(
    path: Path, given: Namespace, terminal: Terminal, diags: Diagnostics
) -> None:
    # Imported here, as most of what follows is: each kind of file needs its own half only.
    from cotta.builder.understanding import read_declarations, understand
    from cotta.cli.templates import asked_for, read_files, selection_of

    found = Diagnostics()
    files = read_files(path, given, found)
    if files is not None:
        asked = asked_for(
            files,
            given,
            terminal,
            selection=selection_of(given),
            warns_of_undeclared=not given.no_warn_undeclared_var,
            read_data=_data_reader(given, terminal) if given.evaluate_datasources else None,
        )
        if given.syntax_only:
            read_declarations(files.files, asked, found)
        else:
            understand(files.files, asked, found)
    diags.extend(found)


def _data_reader(given: Namespace, terminal: Terminal) -> Callable[[str, Options], Value]:
    from cotta.cli.building import data_reader
    from cotta.cli.clouds import access_to, cloud_of

    cloud = cloud_of(given, terminal)
    return data_reader(lambda: access_to(cloud, terminal))


def _validate_configuration(terminal: Terminal, diags: Diagnostics) -> None:
    from cotta.cli.worlds import Settings, find_dead_references, read_configuration
    from cotta.engine.validating import validate
    from cotta.engine.walk import Cancellation

    found = Diagnostics()
    configuration = read_configuration(terminal, found)
    if configuration is not None and not found.has_errors:
        find_dead_references(configuration, terminal, found)
        if not found.has_errors:
            settings = Settings(
                terminal=terminal, configuration=configuration, cancellation=Cancellation()
            )
            found.extend(validate(settings.world({})))
    diags.extend(found)


# --- what is printed ----------------------------------------------------------


def _template_line(given: Namespace) -> str:
    if given.syntax_only:
        return "Syntax-only check passed. Everything looks okay."
    return "The configuration is valid."


def _success(diags: Diagnostics, terminal: Terminal) -> str:
    pen = Pen(colour=terminal.stdout_has_colour)
    warned = ", but there were some validation warnings as shown above" if len(diags) else ""
    return pen.paint("Success!", BOLD, GREEN) + f" The configuration is valid{warned}.\n\n"


def _write_lines(diags: Diagnostics, given: Namespace, terminal: Terminal) -> None:
    from cotta.cli.views.machine_lines import write_machine_lines

    write_machine_lines(diags, [] if diags.has_errors else [_template_line(given)], terminal)


def _encode(diags: Diagnostics) -> str:
    counts = dict.fromkeys(Severity, 0)
    for one in diags:
        counts[one.severity] += 1
    record = {
        "format_version": "1.0",
        "valid": not diags.has_errors,
        "error_count": counts[Severity.ERROR],
        "warning_count": counts[Severity.WARNING],
        "diagnostics": encode_diagnostics(diags),
    }
    return write_json(record, indent=2)  # type: ignore[arg-type]  # records are JSON
