"""A saved plan as a file, and back.

The file is a zip archive: the plan as msgpack, the state before and after
reading as state files, and the configuration's own files, so that what is
applied is what was looked at.  It holds data only.  The form is our own;
Terraform's plan files are told from it and refused by name.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.source import SourceFile
from cotta.plans.plan_record import read_plan, write_plan
from cotta.plans.value_record import RecordError, as_text
from cotta.states.encode import encode_state
from cotta.states.model import Snapshot, State
from cotta.states.statefile import parse_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.addrs.resources import ModulePath
    from cotta.configs.model import Configuration
    from cotta.plans.changes import Plan
    from cotta.plans.value_record import Tree

VERSION: Final = 1

_RECORD: Final = "cotta-plan"
_PRIOR: Final = "state.json"
_PREVIOUS: Final = "state-before.json"
_TERRAFORM: Final = "tfplan"

# The oldest date that a zip archive can have, so that equal plans are equal files.
_NO_DATE: Final = (1980, 1, 1, 0, 0, 0)


_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

# Everything that reading bytes as an archive was seen to raise.
_NO_ARCHIVE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class SavedModule:
    """One directory of the configuration as it was when the plan was made."""

    directory: str
    files: Mapping[str, SourceFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """A plan and all that it takes to carry it out later.

    `modules` has every module by its path from the root.  `cloud` is where
    the objects are, as `-cloud` names it, and `workspace` which state is meant.
    """

    plan: Plan
    modules: Mapping[ModulePath, SavedModule]
    cotta_version: str
    workspace: str = "default"
    cloud: str = ""


def saved_modules(configuration: Configuration) -> dict[ModulePath, SavedModule]:
    """Return the files of a configuration, by module."""
    return {
        each.path: SavedModule(each.module.directory, dict(each.module.files))
        for each in configuration.walk()
    }


def encode_plan_file(saved: SavedPlan) -> bytes:
    """Return the content of a plan file; equal plans give equal bytes."""
    import msgpack

    plan = saved.plan
    modules: list[Tree] = []
    entries: dict[str, bytes] = {}
    for number, (path, module) in enumerate(saved.modules.items()):
        files: list[Tree] = []
        for at, (name, file) in enumerate(module.files.items()):
            entry = f"config/{number}/{at}"
            entries[entry] = file.text.encode("utf-8", "surrogatepass")
            files.append([name, file.name, entry])
        modules.append([list(path), module.directory, files])
    record: dict[str, Tree] = {
        "version": VERSION,
        "cotta_version": saved.cotta_version,
        "workspace": saved.workspace,
        "cloud": saved.cloud,
        "modules": modules,
        "plan": write_plan(plan),
    }
    after = replace(plan.previous, state=plan.prior)
    return _pack(
        {
            _RECORD: cast("bytes", msgpack.packb(record, use_bin_type=True)),
            _PRIOR: encode_state(after),
            _PREVIOUS: encode_state(plan.previous),
            **entries,
        }
    )


def _pack(entries: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, data in entries.items():
            information = zipfile.ZipInfo(name, _NO_DATE)
            information.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(information, data)
    return archive.getvalue()


def is_plan_file(content: bytes) -> bool:
    """Say whether a file looks like a saved plan, ours or Terraform's, rather than a state."""
    return content.startswith(b"PK\x03\x04")


def parse_plan_file(content: bytes, name: str, diags: Diagnostics) -> SavedPlan | None:
    """Return the plan that a file holds; None, with a diagnostic, if it holds none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if _RECORD not in names:
                _report_foreign(names, name, diags)
                return None
            if any(each.compress_type not in _COMPRESSIONS for each in archive.infolist()):
                raise zipfile.BadZipFile
            entries = {entry: archive.read(entry) for entry in names}
    except _NO_ARCHIVE:
        _report_no_plan(name, "it is no zip archive, or a damaged one", diags)
        return None
    try:
        return _read(entries, name, diags)
    except (RecordError, KeyError, ValueError, TypeError) as error:
        why = str(error) if isinstance(error, RecordError) else "a part of it is missing"
        _report_damaged(name, why, diags)
        return None


def _read(entries: Mapping[str, bytes], name: str, diags: Diagnostics) -> SavedPlan | None:
    record = _unpack(entries[_RECORD])
    if record["version"] != VERSION:
        diags.error(
            "Failed to read plan from plan file",
            f"{name} was saved by Cotta {as_text(record['cotta_version'])}, whose plan files this "
            "version can't read. Make the plan again, or use that version.",
        )
        return None
    modules = _read_modules(record["modules"], entries)
    files = {file.name: file for module in modules.values() for file in module.files.values()}
    previous = _read_state(entries[_PREVIOUS])
    plan = record["plan"]
    if not isinstance(plan, dict):
        raise RecordError("the plan in it is none")
    return SavedPlan(
        plan=read_plan(
            plan, prior=_read_state(entries[_PRIOR]).state, previous=previous, files=files
        ),
        modules=modules,
        cotta_version=as_text(record["cotta_version"]),
        workspace=as_text(record["workspace"]),
        cloud=as_text(record["cloud"]),
    )


def _unpack(data: bytes) -> dict[str, Tree]:
    import msgpack

    try:
        record = msgpack.unpackb(data, raw=False, strict_map_key=True)
    except (msgpack.UnpackException, ValueError) as error:
        raise RecordError("its record can't be read") from error
    if not isinstance(record, dict):
        raise RecordError("its record is none")
    return record


def _read_modules(tree: Tree, entries: Mapping[str, bytes]) -> dict[ModulePath, SavedModule]:
    modules: dict[ModulePath, SavedModule] = {}
    if not isinstance(tree, list):
        raise RecordError("its modules are none")
    for each in tree:
        match each:
            case [[*path], str() as directory, [*files]]:
                read = dict(_read_file(file, entries) for file in files)
                modules[tuple(map(as_text, path))] = SavedModule(directory, read)
            case _:
                raise RecordError("a module in it is none")
    return modules


def _read_file(tree: Tree, entries: Mapping[str, bytes]) -> tuple[str, SourceFile]:
    match tree:
        case [str() as key, str() as name, str() as entry]:
            return key, SourceFile(name, entries[entry].decode("utf-8", "surrogatepass"))
        case _:
            raise RecordError("a file in it is none")


def _read_state(content: bytes) -> Snapshot:
    found = Diagnostics()
    snapshot = parse_state(content, "the plan's state", found)
    if found.has_errors:
        raise RecordError("a state in it can't be read")
    return snapshot if snapshot is not None else Snapshot(state=State())


# --- refusals -----------------------------------------------------------------


def _report_no_plan(name: str, why: str, diags: Diagnostics) -> None:
    diags.error(
        f'Failed to load "{name}" as a plan file',
        f"This is not a plan that was saved with plan -out: {why}.",
    )


def _report_foreign(names: list[str], name: str, diags: Diagnostics) -> None:
    if _TERRAFORM not in names:
        _report_no_plan(name, "it is another kind of zip archive", diags)
        return
    diags.error(
        f'Failed to load "{name}" as a plan file',
        "This plan was saved by Terraform or OpenTofu, whose plan files only the same version of "
        "the same program can apply. Apply it there, or make the plan again here: cotta plan "
        "-out=FILE.",
    )


def _report_damaged(name: str, why: str, diags: Diagnostics) -> None:
    diags.error(
        "Failed to read plan from plan file",
        f"{name} is damaged: {why}. Make the plan again.",
    )
