"""`templatefile` and `templatestring`: templates with variables of their own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.source import SourceFile
from cotta.hcl.ast import Index, RelativeTraversal, Variable
from cotta.hcl.calls import evaluate_call
from cotta.hcl.evaluate import evaluate
from cotta.hcl.functions.files import locate_to_read, read_text
from cotta.hcl.functions.provider_terraform import is_identifier
from cotta.hcl.parser import parse_template
from cotta.hcl.references import variables_in
from cotta.hcl.scope import Scope
from cotta.values.functions import ArgumentError, Function, FunctionError, Parameter
from cotta.values.types import DYNAMIC, STRING
from cotta.values.value import (
    ANY_UNKNOWN,
    MapValue,
    ObjectValue,
    Unknown,
    is_null,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.hcl.ast import Call, Expression
    from cotta.hcl.functions.surroundings import Surroundings
    from cotta.values.value import Value

_TEMPLATE_FUNCTIONS: Final = ("templatefile", "templatestring")


def _render(source: SourceFile, variables: Value, table: Mapping[str, Function]) -> Value:
    """Return what the template gives with these variables and no others."""
    diags = Diagnostics()
    expression = parse_template(source, diags)
    _raise_first(diags)
    names = _variables(variables)
    for reference in variables_in(expression):
        if reference.name not in names:
            raise ArgumentError(
                1,
                f'the variable "{reference.name}", which the template mentions at '
                f"{reference.name_range.describe()}, is not among those given",
            )
    value = evaluate(expression, Scope(names, _without_templates(table)), diags)
    _raise_first(diags)
    if is_null(value):
        raise FunctionError("the template gives null")
    return value


def _raise_first(diags: Diagnostics) -> None:
    for found in diags:
        where = f"{found.subject.describe()}: " if found.subject else ""
        raise FunctionError(f"{where}{found.summary}; {found.detail}")


def _variables(given: Value) -> dict[str, Value]:
    match given:
        case ObjectValue(attributes=names) | MapValue(elements=names):
            pass
        case _:
            raise ArgumentError(1, "the variables must be an object or a map")
    for name in names:
        if not is_identifier(name):
            raise ArgumentError(
                1,
                f'"{name}" can\'t be the name of a variable: one begins with a letter, and '
                "letters, digits and underscores follow",
            )
    return dict(names)


def _without_templates(table: Mapping[str, Function]) -> Mapping[str, Function]:
    """Return the functions for use inside a template, which must not call for another."""
    refused = [name for name in table if name.split("::")[-1] in _TEMPLATE_FUNCTIONS]
    return {**table, **{name: _refusal(name) for name in refused}}


def _refusal(name: str) -> Function:
    def refuse(*_arguments: Value) -> Value:
        raise FunctionError(f"{name} can't be called from inside a template")

    return Function(
        name=name,
        description="Refuses to render a template inside a template.",
        parameters=(_anything("template"), _anything("vars")),
        result=DYNAMIC,
        implementation=refuse,
    )


def _anything(name: str) -> Parameter:
    return Parameter(name, DYNAMIC, null=True, unknown=True, dynamic=True)


# --- the functions ------------------------------------------------------------------


def _templatefile(
    surroundings: Surroundings, table: Mapping[str, Function], path: Value, variables: Value
) -> Value:
    place = locate_to_read(path, surroundings)
    name = place.written if not place.marks else "(sensitive value)"
    source = SourceFile(name, read_text(place, surroundings))
    return with_marks(_render(source, variables, table), place.marks)


def _render_text(
    table: Mapping[str, Function], is_reference: bool, template: Value, variables: Value
) -> Value:
    if not is_reference:
        raise ArgumentError(
            0,
            "only a reference to a text from elsewhere can be rendered; a template that stands "
            "here in quotes can be written as it is, without a function",
        )
    if type(template) is Unknown:
        return ANY_UNKNOWN
    if type(template) is not str:
        raise ArgumentError(0, "a reference to a text is required")
    return _render(SourceFile("<templatestring argument>", template), variables, table)


def _templatestring(
    table: Mapping[str, Function], node: Call, scope: Scope, diags: Diagnostics
) -> Value:
    """Render a template that a reference leads to."""
    is_reference = bool(node.arguments) and _is_reference(node.arguments[0])
    inner = Function(
        name="templatestring",
        description="",
        parameters=(_anything("template"), Parameter("vars", DYNAMIC)),
        result=DYNAMIC,
        implementation=partial(_render_text, table, is_reference),
    )
    return evaluate_call(node, inner, scope, diags, evaluate)


def _is_reference(expression: Expression) -> bool:
    """Say whether the expression is a name with steps after it, keys being any expressions."""
    while isinstance(expression, Index | RelativeTraversal):
        is_index = isinstance(expression, Index)
        expression = expression.collection if is_index else expression.source  # type: ignore[union-attr]  # one or the other
    return isinstance(expression, Variable)


_STRING_PARAMETERS: Final = (Parameter("template", STRING), Parameter("vars", DYNAMIC))


def make_templatefile(surroundings: Surroundings, table: Mapping[str, Function]) -> Function:
    """Return `templatefile`, in whose templates the functions of `table` can be called."""
    return Function(
        name="templatefile",
        description="Returns what the template in a file gives with the given variables.",
        parameters=(Parameter("path", STRING, marked=True), Parameter("vars", DYNAMIC)),
        result=DYNAMIC,
        implementation=partial(_templatefile, surroundings, table),
    )


def make_templatestring(table: Mapping[str, Function]) -> Function:
    """Return `templatestring`, in whose templates the functions of `table` can be called."""
    return Function(
        name="templatestring",
        description="Returns what a template from elsewhere, such as a data source, gives "
        "with the given variables.",
        parameters=_STRING_PARAMETERS,
        # What terraform declares; a template of one lone `${…}` gives any type.
        result=STRING,
        implementation=partial(_templatestring, table),
        lazy=True,
    )
