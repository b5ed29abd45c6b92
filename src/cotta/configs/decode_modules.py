"""Calls of modules and configurations of providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.configs.blocks import (
    BAD_IDENTIFIER,
    check_identifier,
    decode_literal,
    is_identifier,
    references_of,
    schema,
    static_map,
)
from cotta.configs.decode_resources import (
    check_repetition,
    check_reserved,
    decode_provider_ref,
    with_escaped,
)
from cotta.configs.decode_terraform import decode_version
from cotta.configs.model import ModuleCall, ProviderBlock
from cotta.configs.names import is_normal_provider_name
from cotta.configs.sources import SourceError, parse_source
from cotta.hcl.bodies import BlockSchema, BodySchema
from cotta.values.types import STRING

if TYPE_CHECKING:
    from cotta.configs.blocks import Read
    from cotta.configs.model import ProviderRef
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Attribute, Expression, ObjectKey

MODULE: Final = BodySchema(
    schema("version", "count", "for_each", "depends_on", "providers", required=("source",)),
    (
        BlockSchema("_"),
        BlockSchema("lifecycle"),
        BlockSchema("locals"),
        BlockSchema("provider", ("type",)),
    ),
)
PROVIDER: Final = BodySchema(
    schema("version", "alias", "count", "depends_on", "for_each", "source"),
    (BlockSchema("_"), BlockSchema("lifecycle"), BlockSchema("locals")),
)


def decode_module(read: Read, diags: Diagnostics) -> ModuleCall:
    """Return a `module` block."""
    name = read.block.labels[0]
    check_identifier(name, "Invalid module instance name", read.block.label_ranges[0], diags)
    check_repetition(read, diags)
    version = read.attributes.get("version")
    source = read.attributes.get("source")
    depends_on, providers = read.expression("depends_on"), read.expression("providers")
    constraint = decode_version(version, diags) if version is not None else None
    check_reserved(read, "module", ("lifecycle", "locals", "provider"), diags)
    passed = _decode_providers(providers, diags) if providers is not None else {}
    return ModuleCall(
        name=name,
        source=_decode_source(source, version is not None, diags) if source is not None else "",
        source_range=source.expression.range if source is not None else None,
        version=constraint or "",
        count=read.expression("count"),
        for_each=read.expression("for_each"),
        depends_on=references_of(depends_on, diags) if depends_on is not None else (),
        providers={key: outside for key, (_, outside) in passed.items()},
        provider_ranges={key: inside.range for key, (inside, _) in passed.items()},
        body=with_escaped(read, diags),
        range=read.range,
    )


def _decode_source(source: Attribute, has_version: bool, diags: Diagnostics) -> str:
    """Return where the module comes from, as it is written; "" if that can't be read."""
    text = decode_literal(source.expression, STRING, diags)
    if not isinstance(text, str):
        return ""
    try:
        parse_source(text, has_version=has_version)
    except SourceError as error:
        hint = ""
        if error.maybe_path:
            hint = f' If it is a folder beside this one, write "./{text}".'
        elif has_version:
            hint = " With a version, a module comes from a registry."
        diags.error(
            "Invalid registry module source address"
            if has_version
            else "Invalid module source address",
            f'"{text}" can\'t be the source of a module: {error}.{hint}',
            source.expression.range,
        )
        return ""
    return text


def _decode_providers(
    expression: Expression, diags: Diagnostics
) -> dict[tuple[str, str | None], tuple[ProviderRef, ProviderRef]]:
    """Return the module's own names with the configurations that it gets under them."""
    passed: dict[tuple[str, str | None], tuple[ProviderRef, ProviderRef]] = {}
    for item in static_map(expression, diags) or ():
        inside = decode_provider_ref(_bare(item.key), "providers", diags)
        outside = decode_provider_ref(item.value, "providers", diags)
        if inside is None or outside is None:
            continue
        first = passed.get((inside.name, inside.alias))
        if first is not None:
            diags.error(
                "Duplicate provider address",
                f"The module gets that configuration at {first[0].range.describe()} already.",
                item.value.range,
            )
            continue
        passed[inside.name, inside.alias] = (inside, outside)
    return passed


def _bare(key: ObjectKey) -> Expression:
    return key if key.in_parentheses and not _is_quoted(key) else key.wrapped


def _is_quoted(key: ObjectKey) -> bool:
    return key.range.text.startswith('"')


def decode_provider(read: Read, diags: Diagnostics) -> ProviderBlock | None:
    """Return a `provider` block; None if its name is not in the usual form."""
    name = read.block.labels[0]
    if not is_normal_provider_name(name, read.range, diags):
        return None
    alias, version = read.attributes.get("alias"), read.attributes.get("version")
    alias_name: str | None = None
    if alias is not None:
        text = decode_literal(alias.expression, STRING, diags)
        alias_name = text if isinstance(text, str) else None
        if alias_name is not None and not is_identifier(alias_name):
            diags.error(
                "Invalid provider configuration alias", BAD_IDENTIFIER, alias.expression.range
            )
    if version is not None:
        diags.warning(
            "Version constraints inside provider configuration blocks are deprecated",
            "The version of a provider is asked for in required_providers.",
            version.expression.range,
        )
        decode_version(version, diags)
    for reserved in ("count", "depends_on", "for_each", "source"):
        if reserved in read.attributes:
            diags.error(
                "Reserved argument name in provider block",
                f'The name "{reserved}" is reserved and means nothing here.',
                read.attributes[reserved].name_range,
            )
    check_reserved(read, "provider", ("lifecycle", "locals"), diags)
    return ProviderBlock(
        name=name, alias=alias_name, body=with_escaped(read, diags), range=read.range
    )
