"""`cotta inspect`: what a template has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.builder.understanding import understand
from cotta.cli.mistakes import fail
from cotta.cli.templates import (
    asked_for,
    declare_config_type,
    declare_values,
    read_files,
    template_at,
)
from cotta.cli.views.diagnostics import show_diagnostics
from cotta.cli.views.inspection import inspection_texts
from cotta.diagnostics.diagnostics import Diagnostics, Severity

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal

HELP: Final = """\
Usage: cotta [global options] inspect [options] [template]

  Lists the variables and locals of a template with their values, and the
  sources, provisioners and post-processors of its builds.  A template is a
  .pkr.hcl file or a folder of them, this folder if none is named.
"""


def declare(flags: Flags) -> None:
    """Take what packer takes."""
    declare_values(flags)
    declare_config_type(flags)
    flags.switch("json", "Print one JSON object.")
    flags.switch("machine-readable", "Print lines for programs.")
    flags.switch("use-sequential-evaluation", "Accepted for Packer's sake; without effect.")
    flags.words("paths", most=1, advice="Name one template.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print what the template has; mistakes that leave it readable are shown beside it."""
    path = template_at(given.paths, given)
    if path is None:
        raise fail(
            "No template",
            "There is no .pkr.hcl or .pkr.json file in this folder. Name a template: cotta "
            "inspect PATH.",
        )
    diags = Diagnostics()
    files = read_files(path, given, diags)
    diags.raise_if_errors()
    assert files is not None
    found = Diagnostics()
    understood = understand(files.files, asked_for(files, given, terminal), found, needs_all=False)
    evaluated = understood.evaluated
    if given.json:
        from cotta.cli.views.inspection import inspection_record
        from cotta.values.json_text import write_json

        terminal.write(write_json(inspection_record(understood), indent=2) + "\n")
    else:
        texts = inspection_texts(evaluated.variables, evaluated.locals, understood.blocks)
        if given.machine_readable:
            from cotta.cli.views.machine_lines import write_machine_lines

            write_machine_lines((), texts, terminal)
        else:
            terminal.write("\n".join(texts) + "\n")
    show_diagnostics([one for one in found if one.severity is Severity.ERROR], terminal)
    return 1 if found.has_errors else 0
