"""`convert`, whose second argument is a type expression: OpenTofu's and Packer's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cotta.hcl.calls import evaluate_call
from cotta.hcl.evaluate import evaluate
from cotta.hcl.type_expressions import parse_type_constraint
from cotta.values.convert import ConversionError, convert, explain_mismatch
from cotta.values.functions import ArgumentError, Function, Parameter
from cotta.values.types import DYNAMIC, without_optional
from cotta.values.unify import can_convert
from cotta.values.value import ANY_UNKNOWN, type_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Call
    from cotta.hcl.scope import Scope
    from cotta.hcl.type_expressions import Defaults
    from cotta.values.types import Type
    from cotta.values.value import Value

_VALUE: Final = Parameter("value", DYNAMIC, null=True, dynamic=True)
_PARAMETERS: Final = (_VALUE, Parameter("type", DYNAMIC))


def _convert(node: Call, scope: Scope, diags: Diagnostics) -> Value:
    """Return the first argument in the type that the second one spells."""
    if len(node.arguments) != 2 or node.expand_final:
        few = len(node.arguments) < 2
        diags.error(
            "Not enough function arguments" if few else "Too many function arguments",
            'Function "convert" takes exactly two arguments: a value and a type.',
            node.close_range if few else node.arguments[-1].range,
            context=node.range,
        )
        return ANY_UNKNOWN
    before = len(diags)
    wanted, defaults = parse_type_constraint(node.arguments[1], diags)
    if len(diags) > before:
        return ANY_UNKNOWN
    conversion = _conversion_to(wanted, defaults)
    return evaluate_call(
        replace(node, arguments=node.arguments[:1]), conversion, scope, diags, evaluate
    )


def _conversion_to(wanted: Type, defaults: Defaults | None) -> Function:
    """Return the function of one argument that converts it to `wanted`."""

    def result(arguments: Sequence[Value]) -> Type:
        given = type_of(arguments[0])
        if defaults is None and not can_convert(given, wanted):
            raise ArgumentError(0, explain_mismatch(given, wanted))
        return without_optional(wanted)

    def implementation(value: Value) -> Value:
        try:
            return convert(value if defaults is None else defaults.apply(value), wanted)
        except ConversionError as error:
            raise ArgumentError(0, error.describe()) from None

    return Function(
        name="convert",
        description="",
        parameters=(_VALUE,),
        result=result,
        implementation=implementation,
        nullable=True,
    )


CONVERT: Final = Function(
    name="convert",
    description="Returns a value converted to the type that a type expression spells.",
    parameters=_PARAMETERS,
    result=DYNAMIC,
    implementation=_convert,
    lazy=True,
    nullable=True,
)

FUNCTIONS: Final[tuple[Function, ...]] = (CONVERT,)
