"""Functions that see their arguments before they are evaluated: `try` and `can`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.evaluate import evaluate
from cotta.values.functions import Function, Parameter
from cotta.values.operations import UNKNOWN_BOOL
from cotta.values.types import BOOL, DYNAMIC
from cotta.values.value import ANY_UNKNOWN, is_wholly_known, unmark_deep

if TYPE_CHECKING:
    from cotta.hcl.ast import Call
    from cotta.hcl.scope import Scope
    from cotta.values.value import Value


def _try(node: Call, scope: Scope, diags: Diagnostics) -> Value:
    """Return the value of the first argument that has one.

    A value that is not wholly known may yet turn out to be a mistake, so then
    nothing is certain, not even the type.
    """
    if not node.arguments:
        _report(node, "at least one argument is required", diags)
        return ANY_UNKNOWN
    complaints: list[str] = []
    for argument in node.arguments:
        found = Diagnostics()
        value = evaluate(argument, scope, found)
        if not found.has_errors:
            return value if is_wholly_known(unmark_deep(value)[0]) else ANY_UNKNOWN
        complaints += [
            f"- {wrong.summary} (at {wrong.subject.describe() if wrong.subject else '?'})\n"
            f"  {wrong.detail}"
            for wrong in found
        ]
    listed = "\n".join(complaints)
    _report(
        node,
        f"no expression succeeded:\n{listed}\n\nAt least one expression must give a result",
        diags,
    )
    return ANY_UNKNOWN


def _can(node: Call, scope: Scope, diags: Diagnostics) -> Value:
    """Return whether the argument has a value."""
    if len(node.arguments) != 1:
        few = not node.arguments
        diags.error(
            "Not enough function arguments" if few else "Too many function arguments",
            'Function "can" takes exactly one argument.',
            node.close_range if few else node.arguments[1].range,
            context=node.range,
        )
        return UNKNOWN_BOOL
    found = Diagnostics()
    value = evaluate(node.arguments[0], scope, found)
    if found.has_errors:
        return False
    return True if is_wholly_known(unmark_deep(value)[0]) else UNKNOWN_BOOL


def _report(node: Call, why: str, diags: Diagnostics) -> None:
    diags.error(
        "Error in function call",
        f'Call to function "{node.name}" failed: {why}.',
        node.name_range.to(node.open_range),
        context=node.range,
    )


FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        name="can",
        description="Says whether an expression can be evaluated without a mistake.",
        parameters=(Parameter("expression", DYNAMIC),),
        result=BOOL,
        implementation=_can,
        lazy=True,
    ),
    Function(
        name="try",
        description="Returns the value of the first of its arguments that has no mistake in it.",
        variadic=Parameter("expressions", DYNAMIC),
        result=DYNAMIC,
        implementation=_try,
        lazy=True,
        nullable=True,
    ),
)
