"""A saved plan, printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.cli.saved_plans import read_saved, restore_configuration
from cotta.cli.schemas import NativeSchemas, native_schemas
from cotta.cli.version import LANGUAGE_VERSION
from cotta.cli.views import plan_text
from cotta.configs.json_config import ConfigurationRenderer
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.render import Pen
from cotta.plans.json_plan import render_plan
from cotta.providers.local_exec import LocalExec
from cotta.schemas.model import Block, Schema
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from cotta.cli.terminal import Terminal
    from cotta.configs.model import Configuration
    from cotta.plans.changes import Plan, ResourceChange
    from cotta.values.json_text import Json


def show_plan(path: str, terminal: Terminal, *, as_json: bool) -> None:
    """Print the plan in a file; raise `DiagnosticsError` if there is none."""
    saved = read_saved(path)
    diags = Diagnostics()
    configuration = restore_configuration(saved.modules, diags)
    diags.raise_if_errors()
    schemas = native_schemas(terminal)
    if as_json:
        terminal.write(write_json(_encode(saved.plan, configuration, schemas)) + "\n")
        return

    def schema_of(change: ResourceChange) -> Schema:
        found = schemas.by_name(change.provider.source, change.address.resource)
        return found if found is not None else Schema(Block())

    pen = Pen(colour=terminal.stdout_has_colour)
    width = terminal.stdout_width
    terminal.write(plan_text.render_plan(saved.plan, schema_of, width=width, pen=pen))


def _encode(plan: Plan, configuration: Configuration, schemas: NativeSchemas) -> dict[str, Json]:
    renderer = ConfigurationRenderer(
        configuration,
        resource_schema=schemas.by_name,
        provider_schema=schemas.of_provider,
        provisioner_schema=lambda type_: LocalExec().schema() if type_ == "local-exec" else None,
    )
    variables = configuration.module.variables.items()
    return render_plan(
        plan,
        schemas.by_name,
        version=LANGUAGE_VERSION,
        configuration=renderer.render(),
        defaults={name: one.default for name, one in variables if one.default is not None},
    )
