"""A folder with a template and a configuration: which of the values given are for which."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cotta.builder.understanding import read_declarations
from cotta.cli.states import fail
from cotta.cli.templates import asked_for, read_files
from cotta.configs.loader import load_module
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.suggest import did_you_mean

if TYPE_CHECKING:
    from cotta.cli.terminal import Terminal

# Where Packer's files end; Terraform reads all others.
_PACKERS = (".pkrvars.hcl", ".pkrvars.json")


def enter_folder(given: Namespace) -> Namespace:
    """Make the folder that was named the working folder; return the flags as they mean there.

    What a template and a configuration read is found from their folder, as with -chdir; files of
    values are where the person said.
    """
    if not given.paths or not Path(given.paths[0]).is_dir():
        return given
    variables = tuple(
        (flag, str(Path(text).absolute()) if flag == "var-file" else text)
        for flag, text in given.variables
    )
    os.chdir(given.paths[0])
    return Namespace(**{**vars(given), "variables": variables, "paths": []})


def share_variables(
    template: Path, given: Namespace, terminal: Terminal
) -> tuple[Namespace, Namespace]:
    """Return the flags for the template and those for the configuration of one folder.

    A value goes to whoever declares its variable, to both if both do; a file by its name.
    Raises `DiagnosticsError` for a value that neither has a variable for.
    """
    diags = Diagnostics()
    bare = Namespace(**{**vars(given), "variables": ()})
    files = read_files(template, bare, diags)
    diags.raise_if_errors()
    assert files is not None
    declared = read_declarations(files.files, asked_for(files, bare, terminal), diags)
    folder = template if template.is_dir() else template.parent
    module = load_module(folder, diags, shown_from=Path.cwd())
    diags.raise_if_errors()
    of_template: list[tuple[str, str]] = []
    of_configuration: list[tuple[str, str]] = []
    for flag, text in given.variables:
        if flag == "var-file":
            (of_template if text.endswith(_PACKERS) else of_configuration).append((flag, text))
            continue
        name = text.partition("=")[0].strip()
        if name in declared.variables:
            of_template.append((flag, text))
        if name in module.variables:
            of_configuration.append((flag, text))
        if name not in declared.variables and name not in module.variables:
            hint = did_you_mean(name, [*declared.variables, *module.variables])
            raise fail(
                "Value for undeclared variable",
                f'Neither the template nor the configuration has a variable "{name}".{hint}',
            )
    return (
        Namespace(**{**vars(given), "variables": tuple(of_template)}),
        Namespace(**{**vars(given), "variables": tuple(of_configuration)}),
    )
