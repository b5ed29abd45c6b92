"""What a block asks for in one instance: its arguments and its lifecycle, evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Diagnostic
from cotta.hcl.ast import AttributeStep, Literal
from cotta.hcl.describe import describe_values
from cotta.hcl.evaluate import evaluate
from cotta.schemas.decode import decode_body
from cotta.schemas.ranges import find_range
from cotta.schemas.types import without_write_only
from cotta.values.convert import ConversionError, convert
from cotta.values.marking import take_marks
from cotta.values.paths import AttributePath, IndexPath, render_path
from cotta.values.types import BOOL
from cotta.values.value import Mark, has_marks, unmark

if TYPE_CHECKING:
    from cotta.configs.model import Lifecycle
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Expression, Variable
    from cotta.hcl.bodies import AnyBody
    from cotta.hcl.scope import Scope
    from cotta.schemas.model import Block, Schema
    from cotta.values.paths import Path
    from cotta.values.value import Value


def desired_config(
    body: AnyBody, schema: Schema, scope: Scope, address: str, diags: Diagnostics
) -> Value:
    """Return a body's arguments as a value of the schema's type, with marks.

    What is ephemeral may stand only in arguments that are never kept.
    """
    value = decode_body(body, schema.block, scope, diags)
    if has_marks(value):
        _refuse_ephemeral(value, body, schema.block, address, diags)
    return value


def _refuse_ephemeral(
    value: Value, body: AnyBody, block: Block, address: str, diags: Diagnostics
) -> None:
    arguments = {
        _argument_of(path, block)
        for path, marks in take_marks(without_write_only(block, value))[1]
        if Mark.EPHEMERAL in marks
    }
    for path in sorted(arguments, key=str):
        diags.add(
            Diagnostic(
                summary="Invalid use of ephemeral value",
                detail=f'"{render_path(path).lstrip(".")}" is kept in the state, and an ephemeral '
                "value must not be: only write-only arguments take one.",
                subject=find_range(body, block, path) or body.end_range,
                address=address,
            )
        )


def _argument_of(path: Path, block: Block) -> Path:
    """Return the start of a path, as far as the argument that it leads into."""
    for at, step in enumerate(path, start=1):
        if isinstance(step, AttributePath):
            if step.name not in block.blocks:
                return path[:at]
            block = block.blocks[step.name].block
    return path


def lifecycle_flag(expression: Expression | None, scope: Scope, diags: Diagnostics) -> bool:
    """Return create_before_destroy or prevent_destroy, which here may be any known expression."""
    if expression is None:
        return False
    before = len(diags)
    value = unmark(evaluate(expression, scope, diags))[0]
    if len(diags) > before:
        return False
    try:
        truth = unmark(convert(value, BOOL))[0]
    except ConversionError as error:
        why = f"It must be true or false: {error.describe()}."
    else:
        if isinstance(truth, bool):
            return truth
        why = "It must be known before apply, and this value is not, or it is null."
    diags.error(
        "Invalid lifecycle argument",
        why,
        expression.range,
        values=describe_values(expression, scope),
    )
    return False


def literal_flag(expression: Expression | None) -> bool:
    """Say whether a lifecycle argument is plainly `true`."""
    return isinstance(expression, Literal) and expression.value is True


def ignored_paths(lifecycle: Lifecycle) -> tuple[Path, ...] | None:
    """Return the paths of ignore_changes; None for all of them."""
    if lifecycle.ignore_changes is None:
        return None
    return tuple(traversal_path(traversal) for traversal in lifecycle.ignore_changes)


def traversal_path(traversal: Variable) -> Path:
    """Return a reference such as `tags["Name"]` as a path into the resource."""
    return (
        AttributePath(traversal.name),
        *(
            AttributePath(step.name) if isinstance(step, AttributeStep) else IndexPath(step.key)
            for step in traversal.steps
        ),
    )
