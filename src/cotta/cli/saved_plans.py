"""Plans in files: saved, and carried out as they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cotta.cli.operations import Operation, pins_of
from cotta.cli.states import fail, open_state
from cotta.cli.version import VERSION
from cotta.configs.decode import decode_module_files
from cotta.configs.files import sort_files
from cotta.configs.modules import build_tree
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.json_syntax import parse_json_file
from cotta.hcl.parser import parse_file
from cotta.plans.planfile import SavedPlan, encode_plan_file, parse_plan_file, saved_modules
from cotta.states.workspaces import Workspaces
from cotta.system.files import write_atomically

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from cotta.addrs.resources import ModulePath
    from cotta.cli.terminal import Terminal
    from cotta.cli.views.operation_views import OperationView
    from cotta.configs.model import Configuration, Module
    from cotta.hcl.ast import File
    from cotta.plans.changes import Plan
    from cotta.plans.planfile import SavedModule
    from cotta.states.session import StateSession


def save_plan(plan: Plan, operation: Operation, path: str, workspace: str) -> None:
    """Write a plan file."""
    saved = SavedPlan(
        plan=plan,
        modules=saved_modules(operation.configuration),
        cotta_version=VERSION,
        workspace=workspace,
    )
    try:
        write_atomically(Path(path), encode_plan_file(saved))
    except OSError as error:
        raise fail(
            "Failed to write plan file",
            f"The plan could not be written to {path}: {error.strerror or error}.",
        ) from error


def apply_saved(path: str, given: Namespace, terminal: Terminal, view: OperationView) -> int:
    """Carry out the plan in a file; return the exit status."""
    if given.variables or given.target or given.replace or given.destroy or given.refresh_only:
        raise fail(
            "Can't change a saved plan",
            "A saved plan has its variables, targets and mode in it. Make another plan to change "
            "them.",
        )
    saved = read_saved(path)
    if saved.plan.is_errored:
        raise fail(
            "Cannot apply incomplete plan",
            "Something went wrong while this plan was made, so parts of it are missing. It can be "
            "looked at with cotta show. Make a new plan to apply.",
        )
    workspace = Workspaces(terminal.environment).selected
    if saved.workspace != workspace:
        raise fail(
            "Plan for another workspace",
            f'The plan was made for the workspace "{saved.workspace}", and "{workspace}" is '
            f"selected. Select the other with: cotta workspace select {saved.workspace}",
        )
    diags = Diagnostics()
    configuration = restore_configuration(saved.modules, diags)
    diags.raise_if_errors()
    # What was read is in the plan; what waits for the apply is held to the same images.
    pins = pins_of(configuration, diags)
    operation = Operation(given, terminal, view, configuration, pins=pins)
    with open_state(given, terminal, "OperationTypeApply") as session:
        _refuse_stale(saved, session)
        return operation.apply(session, saved.plan)


def read_saved(path: str) -> SavedPlan:
    """Return the plan in a file; raise `DiagnosticsError` if there is none."""
    diags = Diagnostics()
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise fail(
            "Failed to load plan file", f'"{path}" can\'t be read: {error.strerror or error}.'
        ) from error
    saved = parse_plan_file(content, path, diags)
    diags.raise_if_errors()
    assert saved is not None
    return saved


def restore_configuration(
    modules: Mapping[ModulePath, SavedModule], diags: Diagnostics
) -> Configuration:
    """Return the configuration that a plan was made of, from the texts in its file."""

    def module(path: ModulePath) -> Module:
        saved = modules[path]
        sorted_ = sort_files(saved.files)
        texts = {name: saved.files[name] for name in saved.files}

        def read(name: str) -> File:
            source = texts[name]
            parse = parse_json_file if name.endswith(".json") else parse_file
            return parse(source.text.encode("utf-8", "surrogatepass"), source.name, diags)

        primary = [read(name) for name in sorted_.primary]
        overrides = [read(name) for name in sorted_.overrides]
        return decode_module_files(saved.directory, primary, overrides, diags)

    return build_tree(module(()), lambda path, _call: module(path), diags)


def _refuse_stale(saved: SavedPlan, session: StateSession) -> None:
    before, now = saved.plan.previous, session.snapshot
    if session.is_new and before.serial == 0 and before.state.is_empty:
        return
    if before.lineage != now.lineage or before.serial != now.serial:
        raise fail(
            "Saved plan is stale",
            "The given plan file can no longer be applied because the state was changed by "
            "another operation after the plan was created. Make a new plan.",
        )
