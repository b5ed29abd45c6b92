"""`count` and `for_each`: which instances a block has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cotta.engine.scopes import Expansion
from cotta.hcl.describe import describe_values
from cotta.hcl.evaluate import evaluate
from cotta.values.convert import ConversionError, convert
from cotta.values.types import NUMBER, STRING, SetType
from cotta.values.value import (
    ANY_UNKNOWN,
    MapValue,
    Mark,
    Null,
    ObjectValue,
    SetValue,
    Unknown,
    deep_marks,
    items,
    type_of,
    unmark,
)

if TYPE_CHECKING:
    from cotta.addrs.resources import InstanceKey
    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.hcl.ast import Expression
    from cotta.hcl.scope import Binding, Scope
    from cotta.values.types import Type
    from cotta.values.value import Marks, Value

SINGLE: Final = Expansion("none", {None: {}})

# While a configuration is only checked: one instance, of which nothing is known.
ANY_COUNT: Final = Expansion("unknown", {None: {"count": ObjectValue({"index": Unknown(NUMBER)})}})
ANY_EACH: Final = Expansion(
    "unknown", {None: {"each": ObjectValue({"key": Unknown(STRING), "value": ANY_UNKNOWN})}}
)

_COUNT: Final = "Invalid count argument"
_FOR_EACH: Final = "Invalid for_each argument"
_LATER: Final = (
    "depends on values that are only known after apply, so it can't be said now which instances "
    "there will be.\n\nApply first what it depends on, with -target, or use values that are "
    "known from the configuration itself."
)


def expand(
    count: Expression | None,
    for_each: Expression | None,
    scope: Scope,
    diags: Diagnostics,
    *,
    is_validating: bool = False,
) -> Expansion | None:
    """Return the instances of a block; None, with a diagnostic, if that can't be said."""
    if count is not None:
        return _expand_count(count, scope, diags, is_validating=is_validating)
    if for_each is not None:
        return _expand_each(for_each, scope, diags, is_validating=is_validating)
    return SINGLE


def _expand_count(
    expression: Expression, scope: Scope, diags: Diagnostics, *, is_validating: bool
) -> Expansion | None:
    before = len(diags)
    value, marks = unmark(evaluate(expression, scope, diags))
    if len(diags) > before:
        return None
    why = _forbidden(marks, "count")
    if why is None:
        if type(value) is Null:
            why = 'The "count" value is null. A whole number is needed.'
        else:
            try:
                number = convert(value, NUMBER)
            except ConversionError as error:
                why = f'The "count" value can\'t be used: {error.describe()}.'
            else:
                if type(number) is Unknown:
                    if is_validating:
                        return ANY_COUNT
                    why = f'The "count" value {_LATER}'
                elif type(number) is not int:
                    why = 'The "count" value must be a whole number.'
                elif number < 0:
                    why = 'The "count" value must not be less than zero.'
                else:
                    bindings: dict[InstanceKey, dict[str, Binding]] = {
                        index: {"count": ObjectValue({"index": index})} for index in range(number)
                    }
                    return Expansion("count", bindings)
    _report(_COUNT, why, expression, scope, diags)
    return None


def _expand_each(
    expression: Expression, scope: Scope, diags: Diagnostics, *, is_validating: bool
) -> Expansion | None:
    before = len(diags)
    whole = evaluate(expression, scope, diags)
    if len(diags) > before:
        return None
    value, marks = unmark(whole)
    if type(value) is SetValue:
        marks |= deep_marks(value)
    why = _forbidden(marks, "for_each")
    if why is None:
        if type(value) is Null:
            why = 'The "for_each" value is null. A map or a set of strings is needed.'
        elif type(value) is Unknown:
            if is_validating and _may_be_collection(value.type):
                return ANY_EACH
            why = f'The "for_each" value {_LATER}'
        elif type(value) is SetValue:
            return _each_of_set(value, expression, scope, diags, is_validating=is_validating)
        elif type(value) is MapValue or type(value) is ObjectValue:
            return Expansion("each", {str(k): _binding(k, v) for k, v in items(value)})
        else:
            why = (
                'The "for_each" value must be a map, or a set of strings, and it is of type '
                f"{_name(type_of(value))}."
            )
    _report(_FOR_EACH, why, expression, scope, diags)
    return None


def _each_of_set(
    value: SetValue,
    expression: Expression,
    scope: Scope,
    diags: Diagnostics,
    *,
    is_validating: bool,
) -> Expansion | None:
    if any(type(element) is Unknown for element in value.elements):
        if is_validating:
            return ANY_EACH
        _report(_FOR_EACH, f'The "for_each" set {_LATER}', expression, scope, diags)
        return None
    if value.element_type != STRING and value.elements:
        why = (
            'The "for_each" argument takes a map or a set of strings, and this set has elements '
            f"of type {_name(value.element_type)}."
        )
        _report("Invalid for_each set argument", why, expression, scope, diags)
        return None
    if any(type(element) is Null for element in value.elements):
        why = 'The "for_each" set must not hold null values.'
        _report("Invalid for_each set argument", why, expression, scope, diags)
        return None
    return Expansion("each", {str(e): _binding(e, e) for e in value.elements})


def _binding(key: Value, value: Value) -> dict[str, Binding]:
    return {"each": ObjectValue({"key": key, "value": value})}


def _may_be_collection(type_: Type) -> bool:
    from cotta.values.types import DynamicType, MapType, ObjectType

    return isinstance(type_, DynamicType | MapType | ObjectType | SetType)


def _name(type_: Type) -> str:
    from cotta.values.types import friendly_name

    return friendly_name(type_)


def _forbidden(marks: Marks, argument: str) -> str | None:
    if Mark.SENSITIVE in marks:
        return (
            f'A sensitive value can\'t be used for "{argument}": it would be shown in the '
            "addresses of the instances."
        )
    if Mark.EPHEMERAL in marks:
        return (
            f'An ephemeral value can\'t be used for "{argument}": the instances must be the same '
            "in the plan and when it is applied."
        )
    return None


def _report(
    summary: str, why: str, expression: Expression, scope: Scope, diags: Diagnostics
) -> None:
    found = describe_values(expression, scope, names_marks=True)
    diags.error(summary, why, expression.range, values=found)
