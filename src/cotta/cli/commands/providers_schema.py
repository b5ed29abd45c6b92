"""`cotta providers schema`: what the providers in use declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.cli.flags import UsageError
from cotta.cli.initializing import required_sources, sources_of_state
from cotta.cli.schemas import native_schemas
from cotta.cli.states import fail
from cotta.cli.worlds import read_configuration
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.functions.signatures import encode_signature
from cotta.providers.registry import native_providers
from cotta.schemas.json_schema import encode_schema
from cotta.system.ids import RandomIds
from cotta.values.json_text import write_json

if TYPE_CHECKING:
    from argparse import Namespace

    from cotta.cli.flags import Flags
    from cotta.cli.terminal import Terminal
    from cotta.providers.interface import ProviderSchema
    from cotta.values.json_text import Json

HELP: Final = """\
Usage: cotta [global options] providers schema -json

  Prints, as JSON of format 1.0, everything that the providers of the
  configuration and the state declare: resource types, data sources, functions.
"""


def declare(flags: Flags) -> None:
    """Take `-json`."""
    flags.switch("json", "Print JSON; there is no other form, so this is needed.")


def run(given: Namespace, terminal: Terminal) -> int:
    """Print the schemas on one line."""
    if not given.json:
        raise UsageError(
            "Missing -json flag",
            "Schemas are printed as JSON only. Run: cotta providers schema -json",
        )
    diags = Diagnostics()
    configuration = read_configuration(terminal, diags)
    diags.raise_if_errors()
    assert configuration is not None
    schemas = native_schemas(terminal)
    records: dict[str, Json] = {}
    for source in sorted({*required_sources(configuration), *sources_of_state(terminal)}, key=str):
        schema = schemas.of(source)
        if schema is None:
            explained = native_providers(RandomIds()).explain_missing(source)
            raise fail("Failed to load plugin schemas", explained)
        records[str(source)] = _encode(schema)
    record: dict[str, Json] = {"format_version": "1.0"}
    if records:
        record["provider_schemas"] = records
    terminal.write(write_json(record) + "\n")
    return 0


def _encode(schema: ProviderSchema) -> dict[str, Json]:
    record: dict[str, Json] = {"provider": encode_schema(schema.provider)}
    for key, types in (
        ("resource_schemas", schema.resources),
        ("data_source_schemas", schema.data_sources),
        ("ephemeral_resource_schemas", schema.ephemeral_resources),
    ):
        if types:
            record[key] = {name: encode_schema(types[name]) for name in sorted(types)}
    if schema.functions:
        functions = sorted(schema.functions.items())
        record["functions"] = {name: encode_signature(each) for name, each in functions}
    return record
