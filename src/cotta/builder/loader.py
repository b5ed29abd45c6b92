"""EDGE: the files of a template, found and read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.hcl.json_syntax import parse_json_file
from cotta.hcl.parser import collector_paused, parse_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import File

ENDINGS: Final = (".pkr.hcl", ".pkr.json")
AUTOMATIC_ENDINGS: Final = (".auto.pkrvars.hcl", ".auto.pkrvars.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFiles:
    """A template's files, parsed, and the files with values for its variables, as bytes.

    `folder` is the template's, as it was named; `contents` are the bytes of its
    files, by name.
    """

    folder: Path
    files: tuple[File, ...]
    values: tuple[tuple[str, bytes], ...]
    contents: dict[str, bytes] = field(default_factory=dict)


def is_template(path: Path) -> bool:
    """Say whether a path is a file of a template, or a folder that has one."""
    if path.is_dir():
        try:
            return any(entry.name.endswith(ENDINGS) for entry in path.iterdir())
        except OSError:
            return False
    return path.name.endswith(ENDINGS)


def load_template(
    path: Path, value_files: Iterable[str], diags: Diagnostics, *, is_hcl: bool = False
) -> TemplateFiles | None:
    """Return the files of the template at `path`; None, with a mistake, if there is none.

    A folder's files are those that end in `.pkr.hcl` and then in `.pkr.json`, by
    name, in it alone; a file is taken alone.  `is_hcl` takes a file whatever its name.
    """
    names = _template_names(path, diags, is_hcl=is_hcl)
    if not names:
        return None
    folder = path if path.is_dir() else path.parent
    contents = {str(name): content for name in names if (content := _read(name, diags)) is not None}
    with collector_paused():
        files = tuple(
            (parse_json_file if name.endswith(".json") else parse_file)(content, name, diags)
            for name, content in contents.items()
        )
    values: list[tuple[str, bytes]] = []
    for name in [*_automatic(folder), *map(Path, value_files)]:
        found = _read_values(name, diags)
        if found is not None:
            values.append((str(name), found))
    return TemplateFiles(folder=folder, files=files, values=tuple(values), contents=contents)


def _template_names(path: Path, diags: Diagnostics, *, is_hcl: bool) -> list[Path]:
    if path.is_dir():
        names = [
            name
            for ending in ENDINGS
            for name in sorted(path.iterdir())
            if name.name.endswith(ending) and name.is_file()
        ]
        if not names:
            diags.error(
                "No template files",
                f'The folder "{path}" has no file that ends in .pkr.hcl or .pkr.json.',
            )
        return names
    if not path.exists():
        diags.error(
            "No such template",
            f'There is no file or folder "{path}". Name a template file, or the folder of one.',
        )
        return []
    if not is_hcl and not path.name.endswith(ENDINGS):
        diags.error(
            "Template of an old format",
            f'"{path}" ends neither in .pkr.hcl nor in .pkr.json, so it is taken for a JSON '
            "template as before Packer 1.5, which is not supported. Convert it with "
            f"`packer hcl2_upgrade {path}`; if it is HCL, say -config-type=hcl2.",
        )
        return []
    return [path]


def _automatic(folder: Path) -> list[Path]:
    names = sorted(folder.iterdir()) if folder.is_dir() else []
    return [name for ending in AUTOMATIC_ENDINGS for name in names if name.name.endswith(ending)]


def _read(name: Path, diags: Diagnostics) -> bytes | None:
    try:
        return name.read_bytes()
    except OSError as error:
        diags.error("Template file can't be read", f'"{name}" can\'t be read: {error.strerror}.')
        return None


def _read_values(name: Path, diags: Diagnostics) -> bytes | None:
    try:
        return name.read_bytes()
    except OSError as error:
        diags.error(
            "Variable file can't be read",
            f'The values in "{name}" can\'t be read: {error.strerror}. The path begins at the '
            "working folder.",
        )
        return None
