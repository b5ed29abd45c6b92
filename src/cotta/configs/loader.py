"""EDGE: directories of files, and where installed modules are.

`load_configuration` reads a root directory and, through the manifest that
`init` wrote, every module below it.
"""

from __future__ import annotations

import gc
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cotta.configs.decode import decode_module_files
from cotta.configs.files import sort_files, sort_variable_files
from cotta.configs.model import Configuration
from cotta.configs.modules import build_tree
from cotta.configs.sources import SourceError, parse_source
from cotta.diagnostics.diagnostics import Diagnostics, Severity
from cotta.hcl.json_syntax import parse_json_file
from cotta.hcl.parser import collector_paused, parse_file
from cotta.system.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.addrs.resources import ModulePath
    from cotta.configs.model import Module, ModuleCall
    from cotta.hcl.ast import File

DATA_FOLDER: Final = ".terraform"


@dataclass(frozen=True, slots=True)
class Installed:
    """One entry of the manifest: a module call's source, and the folder it was put in."""

    key: str
    source: str
    folder: str
    version: str = ""


class Manifest:
    """`modules/modules.json` in the data folder: which call was installed where."""

    def __init__(self, entries: Mapping[str, Installed]) -> None:
        self.entries = dict(entries)

    def find(self, path: ModulePath) -> Installed | None:
        """Return the entry of the call at a path from the root."""
        return self.entries.get(".".join(path))


def manifest_file(data_folder: Path) -> Path:
    """Return where the manifest of a data folder is."""
    return data_folder / "modules" / "modules.json"


def read_manifest(data_folder: Path, diags: Diagnostics) -> Manifest:
    """Return the manifest; an empty one where nothing is installed."""
    path = manifest_file(data_folder)
    try:
        records = json.loads(path.read_bytes())["Modules"] or []
        entries = [
            Installed(
                record["Key"], record.get("Source", ""), record["Dir"], record.get("Version", "")
            )
            for record in records
        ]
    except FileNotFoundError:
        return Manifest({})
    except (OSError, ValueError, KeyError, TypeError) as error:
        diags.error(
            "Failed to read module manifest",
            f"{path} can't be read ({error}). Delete it and run cotta init.",
        )
        return Manifest({})
    return Manifest({entry.key: entry for entry in entries})


def write_manifest(data_folder: Path, manifest: Manifest) -> None:
    """Write the manifest as terraform does."""
    records = [
        {"Key": entry.key, "Source": entry.source}
        | ({"Version": entry.version} if entry.version else {})
        | {"Dir": entry.folder}
        for _, entry in sorted(manifest.entries.items())
    ]
    path = manifest_file(data_folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"Modules": records}, separators=(",", ":"), ensure_ascii=False)
    write_atomically(path, text.encode())


def load_configuration(
    folder: Path,
    diags: Diagnostics,
    *,
    data_folder: Path | None = None,
    shown_from: Path | None = None,
) -> Configuration | None:
    """Return the configuration whose root is in `folder`; None if there is no such folder.

    Installed modules are found through the manifest in `data_folder`.  Files
    are named as they are found from `shown_from`, the working directory if
    nothing else is said.
    """
    if not folder.is_dir():
        diags.error("Failed to read module directory", f"There is no folder {folder}.")
        return None
    with collector_paused():
        tree = _load_tree(folder, diags, data_folder, shown_from or Path.cwd())
        # The trees have no cycles: whoever looks for some later need not walk them.
        gc.freeze()
    return tree


def _load_tree(
    folder: Path, diags: Diagnostics, data_folder: Path | None, start: Path
) -> Configuration:
    before = _error_count(diags)
    root = load_module(folder, diags, shown_from=start)
    if _error_count(diags) > before:
        # As terraform does: what a broken root calls is not looked at.
        return Configuration((), root)
    where = data_folder if data_folder is not None else folder / DATA_FOLDER
    installed = _Installed(folder, read_manifest(where, diags), start, diags)
    return build_tree(root, installed.load, diags)


def _error_count(diags: Diagnostics) -> int:
    return sum(1 for found in diags if found.severity is Severity.ERROR)


class _Installed:
    """Finds what module calls stand for in the manifest of a root directory."""

    def __init__(
        self, root: Path, manifest: Manifest, shown_from: Path, diags: Diagnostics
    ) -> None:
        self.root = root
        self.manifest = manifest
        self.shown_from = shown_from
        self.diags = diags

    def load(self, path: ModulePath, call: ModuleCall) -> Module | None:
        """Return the module that was installed for the call at a path."""
        entry = self.manifest.find(path)
        if entry is None:
            self.diags.error(
                "Module not installed",
                "This module is not installed yet. Run cotta init to install it.",
                call.range,
            )
            return None
        if call.source and not _is_same_source(entry, call):
            self.diags.error(
                "Module source has changed",
                "The source of this module has changed since it was installed. Run cotta init"
                " to install it from there.",
                call.source_range,
            )
            return None
        folder = self.root / entry.folder
        if not folder.is_dir():
            self.diags.error(
                "Module not installed",
                f"The folder {entry.folder} of this module is gone. Run cotta init to install it"
                " again.",
                call.range,
            )
            return None
        return load_module(folder, self.diags, shown_from=self.shown_from)


def _is_same_source(entry: Installed, call: ModuleCall) -> bool:
    if entry.source == call.source:
        return True
    try:
        return entry.source == str(parse_source(call.source, has_version=bool(call.version)))
    except SourceError:
        return False


def load_module(folder: Path, diags: Diagnostics, *, shown_from: Path) -> Module:
    """Return what the files of one folder declare."""
    shown = os.path.relpath(folder, shown_from)
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if not entry.is_dir()]
    except OSError as error:
        diags.error(
            "Failed to read module directory",
            f"The folder {shown} can't be read: {error.strerror}.",
        )
        names = []
    chosen = sort_files(names)
    groups = [
        [
            file
            for name in group
            if (file := _parse(folder / name, os.path.normpath(f"{shown}/{name}"), diags))
        ]
        for group in (chosen.primary, chosen.overrides)
    ]
    return decode_module_files(shown, groups[0], groups[1], diags)


def read_variable_files(folder: Path, diags: Diagnostics) -> list[tuple[str, bytes]]:
    """Return the names and contents of the files with values that are read unasked."""
    try:
        names = [entry.name for entry in folder.iterdir() if not entry.is_dir()]
    except OSError:
        return []
    read = ((name, _read(folder / name, diags)) for name in sort_variable_files(names))
    return [(name, content) for name, content in read if content is not None]


def read_named_variable_file(path: Path, diags: Diagnostics) -> bytes | None:
    """Return the content of a file that `-var-file` names; None, with a diagnostic, if absent."""
    if not path.exists():
        diags.error("Failed to read variables file", f"There is no file {path}.")
        return None
    return _read(path, diags)


def _read(path: Path, diags: Diagnostics) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        diags.error("Failed to read variables file", f"{path} can't be read: {error.strerror}.")
        return None


def _parse(path: Path, shown: str, diags: Diagnostics) -> File | None:
    try:
        content = path.read_bytes()
    except OSError as error:
        diags.error("Failed to read file", f"{shown} can't be read: {error.strerror}.")
        return None
    parse = parse_json_file if shown.endswith(".json") else parse_file
    return parse(content, shown, diags)
