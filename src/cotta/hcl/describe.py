"""What the names in an expression stand for, in words, for diagnostics.

The phrases follow Terraform's: `var.size is "three"`, `local.tags is map of
string with 2 elements`.  A sensitive value is never shown.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cotta.hcl.ast import AttributeStep, IndexStep
from cotta.hcl.references import variables_in
from cotta.hcl.scope import Namespace
from cotta.values.numbers import BigFloat, format_number
from cotta.values.operations import AccessError, attribute, index
from cotta.values.types import DYNAMIC, friendly_name
from cotta.values.value import (
    ListValue,
    MapValue,
    Mark,
    Marked,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    type_of,
)

if TYPE_CHECKING:
    from cotta.hcl.ast import Expression, Step, Variable
    from cotta.hcl.scope import Binding, Scope
    from cotta.values.value import Value

_EPHEMERAL = "has an ephemeral value"


def describe_values(
    expression: Expression, scope: Scope, *, names_marks: bool = False
) -> tuple[tuple[str, str], ...]:
    """Return (name, phrase) for what `expression` mentions, sorted by name.

    Names without a known meaning are left out, and so are values of unknown type.
    Marked values are named only where the marks are what is wrong.
    """
    found: dict[str, str] = {}
    for variable in variables_in(expression):
        value = _look_up(variable, scope)
        if value is None or (type(value) is Marked and not names_marks):
            continue
        phrase = describe_value(value)
        if phrase is not None:
            found.setdefault(render_traversal(variable.name, variable.steps), phrase)
    return tuple(sorted(found.items()))


def _look_up(variable: Variable, scope: Scope) -> Value | None:
    """Return the value of the longest part of a traversal that has one."""
    value: Binding | None = scope.lookup(variable.name)
    try:
        for step in variable.steps:
            if value is None:
                return None
            if isinstance(value, Namespace):
                value = value.attribute(step.name) if isinstance(step, AttributeStep) else None
                continue
            match step:
                case AttributeStep(name=name):
                    value = attribute(value, name)
                case IndexStep(key=key):
                    value = index(value, key)
    except AccessError:
        return None
    return value.value() if isinstance(value, Namespace) else value


def describe_value(value: Value) -> str | None:
    """Return a phrase such as `is "three"`, `is object with 2 attributes`, `is a string`.

    None for an unknown value of which not even the type is known.
    """
    if type(value) is Marked:
        return "has a sensitive value" if Mark.SENSITIVE in value.marks else _EPHEMERAL
    if type(value) is Unknown:
        kind = type_of(value)
        return None if kind == DYNAMIC else f"is a {friendly_name(kind)}"
    if type(value) is Null:
        return "is null"
    if type(value) is bool:
        return "is true" if value else "is false"
    if type(value) is str:
        return f"is {json.dumps(value, ensure_ascii=False)}"
    if type(value) is int or type(value) is BigFloat:
        return f"is {format_number(value)}"
    return f"is {_describe_container(value)}"


def _describe_container(value: Value) -> str:
    kind = type_of(value)
    name = friendly_name(kind) if kind != DYNAMIC else "a value"
    if type(value) is ObjectValue:
        names = list(value.attributes)
        if not names:
            return "object with no attributes"
        if len(names) == 1:
            return f'object with 1 attribute "{names[0]}"'
        return f"object with {len(names)} attributes"
    if type(value) is ListValue or type(value) is SetValue or type(value) is TupleValue:
        return f"{name} with {_count(len(value.elements))}"
    assert type(value) is MapValue
    if len(value.elements) == 1:
        return f'{name} with 1 element "{next(iter(value.elements))}"'
    return f"{name} with {_count(len(value.elements))}"


def _count(length: int) -> str:
    if length == 0:
        return "no elements"
    return "1 element" if length == 1 else f"{length} elements"


def render_traversal(name: str, steps: tuple[Step, ...]) -> str:
    """Return a traversal as it would be written."""
    written = [name]
    for step in steps:
        match step:
            case AttributeStep(name=attribute_name):
                written.append(f".{attribute_name}")
            case IndexStep(key=str() as key):
                written.append(f"[{json.dumps(key, ensure_ascii=False)}]")
            case IndexStep(key=int() | BigFloat() as key):
                written.append(f"[{format_number(key)}]")
            case IndexStep():
                written.append("[...]")
    return "".join(written)
