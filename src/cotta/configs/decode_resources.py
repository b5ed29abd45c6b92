"""Blocks for objects: `resource`, `data`, `ephemeral`, and the check blocks around some data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.addrs.resources import Mode, Resource
from cotta.configs.blocks import (
    check_identifier,
    read_block,
    reference_of,
    references_of,
    schema,
)
from cotta.configs.decode_lifecycle import decode_lifecycle
from cotta.configs.decode_provisioners import check_destroy_references, decode_provisioner
from cotta.configs.decode_values import decode_sound_rule
from cotta.configs.merge import merge_bodies
from cotta.configs.model import CheckBlock, Lifecycle, ProviderRef, ResourceBlock
from cotta.configs.names import is_normal_provider_name
from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.ast import AttributeStep
from cotta.hcl.bodies import BlockSchema, BodySchema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.configs.blocks import Read
    from cotta.configs.model import Provisioner
    from cotta.hcl.ast import Block, Expression
    from cotta.hcl.bodies import AnyBody

_META: Final = schema("count", "for_each", "provider", "depends_on")
RESOURCE: Final = BodySchema(
    _META,
    (
        BlockSchema("locals"),  # reserved
        BlockSchema("lifecycle"),
        BlockSchema("connection"),
        BlockSchema("provisioner", ("type",)),
        BlockSchema("_"),
    ),
)
DATA: Final = BodySchema(
    _META,
    (BlockSchema("lifecycle"), BlockSchema("locals"), BlockSchema("_")),
)
CHECK: Final = BodySchema(
    blocks=(BlockSchema("data", ("type", "name")), BlockSchema("assert")),
)

MODES: Final = {"resource": Mode.MANAGED, "data": Mode.DATA, "ephemeral": Mode.EPHEMERAL}
_TYPE_NAMES: Final = {
    Mode.MANAGED: "Invalid resource type name",
    Mode.DATA: "Invalid data source name",
    Mode.EPHEMERAL: "Invalid ephemeral resource type",
}
_NAMES: Final = {
    Mode.MANAGED: "Invalid resource name",
    Mode.DATA: "Invalid data resource name",
    Mode.EPHEMERAL: "Invalid ephemeral resource name",
}


def resource_schema(mode: Mode) -> BodySchema:
    """Return what a block of this mode holds that is not its provider's."""
    return RESOURCE if mode is Mode.MANAGED else DATA


def decode_resource(
    read: Read, mode: Mode, diags: Diagnostics, *, container: str | None = None
) -> ResourceBlock:
    """Return a `resource`, `data` or `ephemeral` block.

    `container` is the check block that a data block stands in.
    """
    type_, name = read.block.labels
    check_identifier(type_, _TYPE_NAMES[mode], read.block.label_ranges[0], diags)
    check_identifier(name, _NAMES[mode], read.block.label_ranges[1], diags)
    if container is not None:
        _check_nested(read, diags)
    else:
        check_repetition(read, diags)
    address = Resource(mode, type_, name)
    provider = read.attributes.get("provider")
    depends_on = read.expression("depends_on")
    lifecycle = Lifecycle()
    for block in once(read, "lifecycle", "lifecycle block", diags):
        if container is None:
            lifecycle = decode_lifecycle(block, address, diags)
    check_reserved(read, read.block.type, ("locals",), diags)
    connection, provisioners = _decode_work(read, diags)
    return ResourceBlock(
        address=address,
        body=with_escaped(read, diags),
        count=read.expression("count") if container is None else None,
        for_each=read.expression("for_each") if container is None else None,
        provider_ref=decode_provider_ref(provider.expression, "provider", diags)
        if provider is not None
        else None,
        depends_on=references_of(depends_on, diags) if depends_on is not None else (),
        lifecycle=lifecycle,
        connection=connection,
        provisioners=provisioners,
        container=container,
        range=read.range,
    )


def _decode_work(read: Read, diags: Diagnostics) -> tuple[AnyBody | None, tuple[Provisioner, ...]]:
    """Return the connection and the provisioners of a resource."""
    connection: AnyBody | None = None
    for block in once(read, "connection", "connection block", diags):
        connection = block.body
    found = (decode_provisioner(block, diags) for block in read.of_type("provisioner"))
    provisioners = tuple(provisioner for provisioner in found if provisioner is not None)
    if connection is not None and any(one.is_destroy for one in provisioners):
        check_destroy_references(connection, diags)
    return connection, provisioners


def check_repetition(read: Read, diags: Diagnostics) -> None:
    """Report a block with both count and for_each."""
    if "count" in read.attributes and "for_each" in read.attributes:
        diags.error(
            'Invalid combination of "count" and "for_each"',
            "A block has either count or for_each, not both.",
            read.attributes["for_each"].name_range,
        )


def _check_nested(read: Read, diags: Diagnostics) -> None:
    for name in ("count", "for_each"):
        if name in read.attributes:
            diags.error(
                f'Invalid "{name}" attribute',
                "A data block inside a check block has neither count nor for_each.",
                read.attributes[name].name_range,
            )
    for block in read.of_type("lifecycle"):
        diags.error(
            "Invalid lifecycle block",
            "A data block inside a check block has no lifecycle of its own.",
            block.header_range,
        )


def once(read: Read, type_: str, what: str, diags: Diagnostics) -> Iterable[Block]:
    """Iterate over the first block of a type, reporting any further ones."""
    blocks = read.of_type(type_)
    for further in blocks[1:]:
        diags.error(
            f"Duplicate {what}",
            f"There is one at {blocks[0].header_range.describe()} already.",
            further.header_range,
        )
    return blocks[:1]


def with_escaped(read: Read, diags: Diagnostics) -> AnyBody:
    """Return the body of the rest, together with the arguments inside the block `_`.

    That block lets a type have arguments with the names of meta-arguments.
    """
    for block in once(read, "_", "escaping block", diags):
        return merge_bodies(read.rest, block.body)
    return read.rest


def check_reserved(read: Read, kind: str, types: tuple[str, ...], diags: Diagnostics) -> None:
    """Report blocks whose types are reserved."""
    for block in read.blocks:
        if block.type in types:
            diags.error(
                f"Reserved block type name in {kind} block",
                f'Blocks of the type "{block.type}" are reserved and mean nothing here.',
                block.type_range,
            )


def decode_provider_ref(
    expression: Expression, argument: str, diags: Diagnostics
) -> ProviderRef | None:
    """Return the provider configuration that `provider = aws.west` names."""
    found = Diagnostics()
    traversal = reference_of(expression, found)
    steps = traversal.steps if traversal is not None else ()
    if traversal is None or len(steps) > 1:
        diags.error(
            "Invalid provider configuration reference",
            f'The argument "{argument}" takes the local name of a provider and, after a dot,'
            " the alias of one of its configurations.",
            expression.range,
        )
        return None
    diags.extend(found)
    if not is_normal_provider_name(traversal.name, traversal.name_range, diags):
        return None
    if not steps:
        return ProviderRef(traversal.name, None, expression.range)
    step = steps[0]
    if not isinstance(step, AttributeStep):
        diags.error(
            "Invalid provider configuration reference",
            "After the local name of the provider come a dot and an alias.",
            step.range,
        )
        return None
    return ProviderRef(traversal.name, step.name, expression.range)


def decode_check(block: Block, diags: Diagnostics) -> tuple[CheckBlock, ResourceBlock | None]:
    """Return a `check` block, and the data block inside it if there is one."""
    name = block.labels[0]
    check_identifier(name, "Invalid check block name", block.label_ranges[0], diags)
    read = read_block(block, CHECK, diags)
    data: ResourceBlock | None = None
    for inner in read.of_type("data"):
        if data is not None:
            diags.error(
                "Multiple data resource blocks",
                f"This check has one at {data.range.describe()} already.",
                inner.header_range,
            )
            continue
        found = read_block(inner, DATA, diags, is_partial=True)
        data = decode_resource(found, Mode.DATA, diags, container=name)
    assertions = [
        rule for inner in read.of_type("assert") if (rule := decode_sound_rule(inner, diags))
    ]
    if not assertions:
        diags.error(
            "Zero assert blocks", "A check block needs at least one assert block.", read.range
        )
    check = CheckBlock(
        name=name,
        data=data.address if data is not None else None,
        assertions=tuple(assertions),
        range=read.range,
    )
    return check, data
