"""Templates as commands meet them: found by their files, read with the flags of Packer's."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from cotta.builder.loader import is_template, load_template
from cotta.builder.templates.selection import Selection
from cotta.builder.understanding import Asked
from cotta.cli.mistakes import fail
from cotta.configs.files import sort_files
from cotta.system.clock import SystemClock
from cotta.system.reading import DiskReader

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from cotta.builder.loader import TemplateFiles
    from cotta.builder.options.values import Options
    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.values.value import Value


def declare_selection(flags: Flags) -> None:
    """Take the flags that choose builds."""
    flags.repeated("only", "GLOB,…", "Of a template: only the builds whose names match.")
    flags.repeated(
        "except", "GLOB,…", "Of a template: no builds and post-processors whose names match."
    )


def declare_values(flags: Flags) -> None:
    """Take the flags that set variables of a template."""
    flags.repeated("var", "'NAME=VALUE'", "Set a variable of the template.", into="variables")
    flags.repeated("var-file", "FILE", "Set variables from a file.", into="variables")


def declare_config_type(flags: Flags) -> None:
    """Take the flag that says what kind of template a file is."""
    flags.option("config-type", "hcl2", "Read a template's file as HCL whatever its name.")


def selection_of(given: Namespace) -> Selection:
    """Return what the flags choose."""
    return Selection(_split(given.only), _split(getattr(given, "except")))


def _split(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def template_at(words: Sequence[str], given: Namespace) -> Path | None:
    """Return the template that a command line means: the one named, or the folder's; None if none.

    A folder of `.tf` files that is named is none either, and neither is what isn't there.
    """
    path = Path(words[0]) if words else Path()
    if is_template(path) or given.config_type == "hcl2":
        return path
    # What is named and is no folder can only be a template: what is wrong with it is told so.
    return path if words and not path.is_dir() else None


def has_configuration(words: Sequence[str]) -> bool:
    """Say whether what a command line means has a configuration: `.tf` files in a folder."""
    path = Path(words[0]) if words else Path()
    if not path.is_dir():
        return False
    found = sort_files([entry.name for entry in path.iterdir() if not entry.is_dir()])
    return bool(found.primary or found.overrides)


def enter_configuration(words: Sequence[str]) -> None:
    """Make the folder that was named the working folder, as -chdir does."""
    if words:
        os.chdir(words[0])


def read_files(path: Path, given: Namespace, diags: Diagnostics) -> TemplateFiles | None:
    """Return the files of a template and of the values that flags name."""
    if given.config_type not in (None, "hcl2", "json", ""):
        raise fail(
            "Unknown type of template",
            f'-config-type can be hcl2 only, not "{given.config_type}".',
        )
    names = [text for flag, text in given.variables if flag == "var-file"]
    return load_template(path, names, diags, is_hcl=given.config_type == "hcl2")


def asked_for(
    files: TemplateFiles,
    given: Namespace,
    terminal: Terminal,
    *,
    started: datetime | None = None,
    selection: Selection | None = None,
    warns_of_undeclared: bool = False,
    read_data: Callable[[str, Options], Value] | None = None,
) -> Asked:
    """Return what is asked of a template; the clock is read here, once."""
    return Asked(
        folder=files.folder.as_posix(),
        working_folder=str(Path.cwd()),
        value_files=files.values,
        value_options=tuple(text for flag, text in given.variables if flag == "var"),
        environment=terminal.environment,
        reader=DiskReader(),
        started=(started or SystemClock().now()).astimezone(UTC),
        random=os.urandom,
        selection=selection if selection is not None else Selection(),
        warns_of_undeclared=warns_of_undeclared,
        read_data=read_data,
    )
