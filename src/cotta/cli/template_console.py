"""What expressions mean in a template, for the console."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.builder.loader import TemplateFiles
from cotta.builder.templates.references import check_expression
from cotta.builder.understanding import understand
from cotta.cli.answers import TYPE_FUNCTIONS
from cotta.cli.bare_scope import Names
from cotta.cli.templates import asked_for, read_files
from cotta.cli.views.diagnostics import show_aside
from cotta.cli.views.inspection import render_names
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.scope import Scope

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.terminal import Terminal
    from cotta.hcl.ast import Expression

NO_FILES: Final = TemplateFiles(folder=Path(), files=(), values=())


def template_names(path: Path | None, given: Namespace, terminal: Terminal) -> tuple[Names, str]:
    """Return the names of a template, and the text that the word `variables` asks for.

    Without a template there are Packer's functions alone.
    What is wrong with the template is shown; `DiagnosticsError` is raised if
    its files can't be read at all.
    """
    diags = Diagnostics()
    files = read_files(path, given, diags) if path is not None else NO_FILES
    diags.raise_if_errors()
    assert files is not None
    found = Diagnostics()
    understood = understand(files.files, asked_for(files, given, terminal), found, needs_all=False)
    show_aside(found, terminal)
    evaluated = understood.evaluated
    scope = Scope(functions=TYPE_FUNCTIONS, parent=evaluated.scope)

    def check(expression: Expression, into: Diagnostics) -> None:
        check_expression(expression, understood.template, into)

    return Names(scope, check), render_names(evaluated.variables, evaluated.locals)
