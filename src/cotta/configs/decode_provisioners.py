"""`provisioner` blocks, and what may be referred to when their resource is going away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.configs.blocks import keyword_of, read_block, schema
from cotta.configs.merge import merge_bodies
from cotta.configs.model import OnFailure, Provisioner
from cotta.hcl.ast import AttributeStep, JsonBody
from cotta.hcl.bodies import BlockSchema, BodySchema
from cotta.hcl.references import variables_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Block, Expression
    from cotta.hcl.ast import Variable as Traversal
    from cotta.hcl.bodies import AnyBody

PROVISIONER: Final = BodySchema(
    schema("when", "on_failure"),
    (BlockSchema("_"), BlockSchema("connection"), BlockSchema("lifecycle")),
)
_REMOVED: Final = frozenset({"chef", "habitat", "puppet", "salt-masterless"})


def decode_provisioner(block: Block, diags: Diagnostics) -> Provisioner | None:
    """Return a `provisioner` block; None if no provisioner of that type exists any more."""
    read = read_block(block, PROVISIONER, diags, is_partial=True)
    type_ = block.labels[0]
    if type_ in _REMOVED:
        diags.error(
            f'The "{type_}" provisioner has been removed',
            f'There is no provisioner "{type_}" since Terraform 0.15. Bake what it installed'
            " into the image.",
            block.label_ranges[0],
        )
        return None
    is_destroy, on_failure = False, OnFailure.FAIL
    when, failure = read.expression("when"), read.expression("on_failure")
    if when is not None:
        word = keyword_of(when, diags)
        is_destroy = word == "destroy"
        if word not in ("create", "destroy"):
            diags.error('Invalid "when" keyword', "The words are create and destroy.", when.range)
    if is_destroy:
        check_destroy_references(read.rest, diags)
    if failure is not None:
        word = keyword_of(failure, diags)
        if word == "continue":
            on_failure = OnFailure.CONTINUE
        elif word != "fail":
            diags.error(
                'Invalid "on_failure" keyword', "The words are continue and fail.", failure.range
            )
    body, connection = _decode_inside(read.blocks, read.rest, is_destroy, diags)
    return Provisioner(
        type=type_,
        type_range=block.label_ranges[0],
        body=body,
        connection=connection,
        is_destroy=is_destroy,
        on_failure=on_failure,
        range=read.range,
    )


def _decode_inside(
    blocks: Iterable[Block], rest: AnyBody, is_destroy: bool, diags: Diagnostics
) -> tuple[AnyBody, AnyBody | None]:
    """Return the arguments, escaped ones with them, and the connection."""
    connection: Block | None = None
    escaped: Block | None = None
    for block in blocks:
        if block.type == "lifecycle":
            diags.error(
                "Reserved block type name in provisioner block",
                'Blocks of the type "lifecycle" are reserved and mean nothing here.',
                block.type_range,
            )
        elif block.type == "connection":
            if connection is not None:
                diags.error(
                    "Duplicate connection block",
                    f"There is one at {connection.header_range.describe()} already.",
                    block.header_range,
                )
            connection = block
            if is_destroy:
                check_destroy_references(block.body, diags)
        elif escaped is not None:
            diags.error(
                "Duplicate escaping block",
                f"There is one at {escaped.header_range.describe()} already.",
                block.header_range,
            )
        else:
            escaped = block
    body = merge_bodies(rest, escaped.body) if escaped is not None else rest
    return body, connection.body if connection is not None else None


def check_destroy_references(body: AnyBody, diags: Diagnostics) -> None:
    """Report references to anything but the object that goes away.

    Others may be gone by then, or have to be made again first.
    """
    for expression in _expressions(body):
        for traversal in variables_in(expression):
            if not _is_own(traversal):
                diags.error(
                    "Invalid reference from destroy provisioner",
                    "When a resource is destroyed, a provisioner and its connection may refer to"
                    " it alone: with self, count.index or each.key.",
                    expression.range,
                )


def _expressions(body: AnyBody) -> Iterable[Expression]:
    if isinstance(body, JsonBody):
        return [member.value for member in body.members]
    return [attribute.expression for attribute in body.attributes.values()]


def _is_own(traversal: Traversal) -> bool:
    match traversal.name, traversal.steps:
        case ("self" | "path" | "terraform", _):
            return True
        case ("count", (AttributeStep(name="index"),)) | ("each", (AttributeStep(name="key"),)):
            return True
    return False
