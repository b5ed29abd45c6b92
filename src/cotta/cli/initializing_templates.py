"""What `init` does with a template: holds the plugins it requires against what is built in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.builder.options.tables import NATIVE_PLUGINS
from cotta.builder.templates.plugins import check_plugins, is_native
from cotta.builder.understanding import read_declarations
from cotta.cli.templates import asked_for, read_files
from cotta.cli.views.diagnostics import show_diagnostics
from cotta.diagnostics.diagnostics import Diagnostics

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from cotta.cli.terminal import Terminal


def initialize_template(path: Path, given: Namespace, terminal: Terminal) -> None:
    """Say of each plugin whether it is built in.

    Raises `DiagnosticsError` if the template can't be read.
    """
    diags = Diagnostics()
    files = read_files(path, given, diags)
    diags.raise_if_errors()
    assert files is not None
    template = read_declarations(files.files, asked_for(files, given, terminal), diags)
    diags.raise_if_errors()
    check_plugins(template, diags)
    lines = [
        f"Plugin {plugin.source} is built in, with the options of version "
        f"{NATIVE_PLUGINS[plugin.source]}."
        for plugin in template.plugins
        if is_native(plugin)
    ]
    if not template.plugins:
        lines.append("The template requires no plugins, so there is nothing to do.")
    if given.machine_readable:
        from cotta.cli.views.machine_lines import write_machine_lines

        write_machine_lines(diags, lines, terminal)
        return
    if not given.json:
        terminal.write("".join(f"{line}\n" for line in lines))
    show_diagnostics(diags, terminal)
