"""Operators on values: the operands' types, the result, and what to say where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.hcl.describe import describe_values
from cotta.values import operations
from cotta.values.convert import ConversionError, convert
from cotta.values.operations import OperationError
from cotta.values.types import BOOL, NUMBER
from cotta.values.value import type_of

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Binary, Expression, Unary
    from cotta.hcl.scope import Scope
    from cotta.values.types import Type
    from cotta.values.value import Unknown, Value

_OPERAND_TYPES: Final[dict[str, Type | None]] = {
    "+": NUMBER,
    "-": NUMBER,
    "*": NUMBER,
    "/": NUMBER,
    "%": NUMBER,
    "<": NUMBER,
    "<=": NUMBER,
    ">": NUMBER,
    ">=": NUMBER,
    "&&": BOOL,
    "||": BOOL,
    "==": None,
    "!=": None,
}
_UNKNOWN_RESULTS: Final[dict[str, Unknown]] = {
    symbol: operations.UNKNOWN_NUMBER if symbol in "+-*/%" else operations.UNKNOWN_BOOL
    for symbol in _OPERAND_TYPES
}


def operate(node: Binary, left: Value, right: Value, scope: Scope, diags: Diagnostics) -> Value:
    """Return what the operator makes of its operands; if nothing, say why."""
    symbol = node.operator
    wanted = _OPERAND_TYPES[symbol]
    if type(left) is int and type(right) is int and wanted is NUMBER:
        pass  # as most are
    elif wanted is not None and (type_of(left) is not wanted or type_of(right) is not wanted):
        failed = False
        try:
            left = convert(left, wanted)
        except ConversionError as error:
            _report_operand("left", error, node.left, node, scope, diags)
            failed = True
        try:
            right = convert(right, wanted)
        except ConversionError as error:
            _report_operand("right", error, node.right, node, scope, diags)
            failed = True
        if failed:
            return _UNKNOWN_RESULTS[symbol]
    try:
        if symbol == "==":
            return operations.equal(left, right)
        if symbol == "!=":
            return operations.invert(operations.equal(left, right))
        if wanted is BOOL:
            return operations.logic(symbol, left, right)
        if symbol in "+-*/%":
            return operations.calculate(symbol, left, right)
        return operations.order(symbol, left, right)
    except OperationError as error:
        diags.error(
            "Operation failed",
            f"Error during operation: {error}.",
            node.range,
            values=describe_values(node, scope),
        )
        return _UNKNOWN_RESULTS[symbol]


def _report_operand(
    side: str,
    error: ConversionError,
    operand: Expression,
    node: Expression,
    scope: Scope,
    diags: Diagnostics,
) -> None:
    diags.error(
        "Invalid operand",
        f"Unsuitable value for {side} operand: {error.describe()}.",
        operand.range,
        context=node.range,
        values=describe_values(operand, scope),
    )


def operate_unary(node: Unary, value: Value, scope: Scope, diags: Diagnostics) -> Value:
    """Return the operand negated or inverted; if it can't be, say why."""
    wanted = NUMBER if node.operator == "-" else BOOL
    try:
        converted = convert(value, wanted)
        if node.operator == "-":
            return operations.negate(converted)
        return operations.invert(converted)
    except ConversionError as error:
        _report_operand("unary", error, node.operand, node, scope, diags)
    except OperationError as error:
        diags.error(
            "Operation failed",
            f"Error during operation: {error}.",
            node.range,
            values=describe_values(node, scope),
        )
    return operations.UNKNOWN_NUMBER if node.operator == "-" else operations.UNKNOWN_BOOL
