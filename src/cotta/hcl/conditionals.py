"""Conditionals: the type both results share, and which of them it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.hcl.describe import describe_values
from cotta.values.convert import ConversionError, convert
from cotta.values.numbers import BigFloat, compare
from cotta.values.types import (
    BOOL,
    DYNAMIC,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
    friendly_name,
)
from cotta.values.unify import unify
from cotta.values.value import (
    UNREFINED,
    Bound,
    ListValue,
    MapValue,
    Null,
    Refinement,
    SetValue,
    Unknown,
    is_null,
    type_of,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Conditional, Expression
    from cotta.hcl.scope import Scope
    from cotta.values.value import Unmarked, Value


def unify_results(
    node: Conditional, true_value: Value, false_value: Value, scope: Scope, diags: Diagnostics
) -> Type | None:
    """Return the type of the whole; None, with a diagnostic, if the results have none in common.

    A bare null takes the type of the other result; a type not known yet makes
    the whole type not known.
    """
    true_type, false_type = type_of(true_value), type_of(false_value)
    if true_type is false_type or true_type == false_type:
        return true_type
    if true_value == Null(DYNAMIC):
        return false_type
    if false_value == Null(DYNAMIC):
        return true_type
    if true_type == DYNAMIC or false_type == DYNAMIC:
        return DYNAMIC
    unified = unify((true_type, false_type))
    if unified is None:
        diags.error(
            "Inconsistent conditional result types",
            "Both results of a conditional must have one type. "
            f"{explain_difference(true_type, false_type)}.",
            node.true_result.range.to(node.false_result.range),
            context=node.range,
            values=describe_values(node, scope),
        )
    return unified


def check_condition(
    node: Conditional, condition: Value, scope: Scope, diags: Diagnostics
) -> Value | None:
    """Return the condition as a bool; None, with a diagnostic, if it is none."""
    if is_null(condition):
        summary = "Null condition"
        detail = "The condition is null. It must be either true or false."
    else:
        try:
            return convert(condition, BOOL)
        except ConversionError:
            summary = "Incorrect condition type"
            detail = "The condition must be a bool: either true or false."
    diags.error(
        summary,
        detail,
        node.condition.range,
        context=node.range,
        values=describe_values(node.condition, scope),
    )
    return None


def choose(
    node: Conditional,
    condition: Value,
    true_value: Value,
    false_value: Value,
    result_type: Type,
    scope: Scope,
    diags: Diagnostics,
) -> Value:
    """Return the chosen result, converted; an unknown one if the condition is unknown."""
    truth, marks = unmark(condition)
    if type(truth) is bool:
        chosen, side = (true_value, "true") if truth else (false_value, "false")
        if type_of(chosen) is result_type:
            return with_marks(chosen, marks)
        expression = node.true_result if truth else node.false_result
        return with_marks(
            _convert_result(node, chosen, side, expression, result_type, scope, diags), marks
        )
    bare_true, true_marks = unmark(true_value)
    bare_false, false_marks = unmark(false_value)
    refinement = _refine(bare_true, bare_false) if result_type != DYNAMIC else UNREFINED
    return with_marks(Unknown(result_type, refinement), marks | true_marks | false_marks)


def _convert_result(
    node: Conditional,
    value: Value,
    side: str,
    expression: Expression,
    result_type: Type,
    scope: Scope,
    diags: Diagnostics,
) -> Value:
    try:
        return convert(value, result_type)
    except ConversionError as error:
        diags.error(
            "Inconsistent conditional result types",
            f"The {side} result has the wrong type: {error.describe()}.",
            expression.range,
            context=node.range,
            values=describe_values(expression, scope),
        )
        return Unknown(result_type)


def _refine(true_value: Unmarked, false_value: Unmarked) -> Refinement:
    """Return what is certain of a value that will be one of two."""
    if not (_is_never_null(true_value) and _is_never_null(false_value)):
        return UNREFINED
    numbers = [v for v in (true_value, false_value) if type(v) is int or type(v) is BigFloat]
    if len(numbers) == 2:
        low, high = numbers if compare(numbers[0], numbers[1]) <= 0 else numbers[::-1]
        return Refinement(not_null=True, lower=Bound(low, True), upper=Bound(high, True))
    lengths = [
        len(v.elements)
        for v in (true_value, false_value)
        if type(v) is ListValue or type(v) is SetValue or type(v) is MapValue
    ]
    if len(lengths) == 2 and type(true_value) is type(false_value):
        return Refinement(not_null=True, shortest=min(lengths), longest=max(lengths))
    return Refinement(not_null=True)


def _is_never_null(value: Unmarked) -> bool:
    if type(value) is Unknown:
        return value.refinement.not_null
    return type(value) is not Null


def explain_difference(true_type: Type, false_type: Type) -> str:
    """Return how two types differ, as a sentence without its full stop."""
    match true_type, false_type:
        case ObjectType(), ObjectType():
            found = _explain_objects(true_type, false_type)
            if found is not None:
                return found
        case TupleType(true_elements), TupleType(false_elements):
            if len(true_elements) != len(false_elements):
                return (
                    f"The 'true' tuple has length {len(true_elements)}, "
                    f"but the 'false' tuple has length {len(false_elements)}"
                )
            for at, (one, other) in enumerate(zip(true_elements, false_elements, strict=True)):
                if one != other:
                    return f"Tuple element {at} differs: {explain_difference(one, other)}"
        case (
            (ListType(one), ListType(other))
            | (SetType(one), SetType(other))
            | (MapType(one), MapType(other))
        ) if type(one) is type(other) and isinstance(one, ObjectType | TupleType):
            return f"The types of the elements differ: {explain_difference(one, other)}"
    true_name, false_name = friendly_name(true_type), friendly_name(false_type)
    if true_name == false_name:
        return f"Something deep inside the 'true' and the 'false' {true_name} differs in type"
    return f"The 'true' value is {true_name}, but the 'false' value is {false_name}"


def _explain_objects(true_type: ObjectType, false_type: ObjectType) -> str | None:
    for name, attribute in true_type.attributes.items():
        other = false_type.attributes.get(name)
        if other is None:
            return f"The 'true' value has the attribute \"{name}\", which the 'false' value lacks"
        if attribute != other:
            return f'Attribute "{name}" differs: {explain_difference(attribute, other)}'
    for name in false_type.attributes:
        if name not in true_type.attributes:
            return f"The 'false' value has the attribute \"{name}\", which the 'true' value lacks"
    return None
