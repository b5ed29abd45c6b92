"""Function calls once their arguments are values: arity, types, failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import FunctionCall, FunctionParameter
from cotta.diagnostics.suggest import suggest
from cotta.hcl.describe import describe_values
from cotta.hcl.places import start_range
from cotta.values.codec_json import encode_type
from cotta.values.convert import ConversionError, convert
from cotta.values.functions import ArgumentError, FunctionError, call
from cotta.values.types import DYNAMIC, DynamicType, ListType, SetType, TupleType
from cotta.values.value import (
    ANY_UNKNOWN,
    ListValue,
    Null,
    SetValue,
    TupleValue,
    Unknown,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.diagnostics.diagnostics import Diagnostics
    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Call, Expression
    from cotta.hcl.scope import Scope
    from cotta.values.functions import Function, Parameter
    from cotta.values.value import Value

    Evaluate = Callable[[Expression, Scope, Diagnostics], Value]


class Argument:
    """An argument: an expression, or the `value` of one element of an expanded one.

    A plain class, which is three times as quick to make as a frozen one.
    """

    __slots__ = ("expression", "value")

    def __init__(self, expression: Expression, value: Value | None = None) -> None:
        self.expression = expression
        self.value = value

    @property
    def place(self) -> SourceRange:
        """Where a complaint about the argument points."""
        if self.value is not None:
            return self.expression.range
        return start_range(self.expression)


def find_function(node: Call, scope: Scope, diags: Diagnostics) -> Function | None:
    """Return the function that `node` names, or say that there is none."""
    function = scope.function(node.name)
    if function is not None:
        return function
    names = scope.function_names()
    if not names:
        diags.error("Function calls not allowed", "Functions can't be called here.", node.range)
        return None
    similar = suggest(node.name, names)
    hint = f' Did you mean "{similar}"?' if similar else ""
    # A name with a namespace is a provider's, even where there is no such namespace.
    is_providers = "::" in node.name
    diags.error(
        "Unknown provider function" if is_providers else "Call to unknown function",
        f'There is no function named "{node.name}".{hint}',
        node.name_range,
        context=node.range,
    )
    return None


def evaluate_call(
    node: Call, function: Function, scope: Scope, diags: Diagnostics, evaluate: Evaluate
) -> Value:
    """Return the result of the call; where it has none, say why and return an unknown.

    Where the number of arguments is wrong they are not looked at.  Otherwise
    each is evaluated and converted before the next.
    """
    arguments = [Argument(expression) for expression in node.arguments]
    if node.expand_final:
        expanded = _expand(node, arguments.pop().expression, scope, diags, evaluate)
        if expanded is None:
            return ANY_UNKNOWN
        arguments += expanded
    if not _has_right_arity(node, function, arguments, scope, diags):
        return ANY_UNKNOWN
    before = len(diags)
    values: list[Value] = []
    for index, argument in enumerate(arguments):
        value = argument.value
        if value is None:
            value = evaluate(argument.expression, scope, diags)
        parameter = function.parameter(index)
        assert parameter is not None
        if parameter.type is not DYNAMIC:
            try:
                value = convert(value, parameter.type)
            except ConversionError as error:
                _report_argument(node, function, arguments, index, error.describe(), scope, diags)
        values.append(value)
    # A function is not called with a bad argument: its complaint would only repeat one made.
    if len(diags) > before:
        return ANY_UNKNOWN
    return _invoke(node, function, arguments, values, scope, diags)


def _expand(
    node: Call, last: Expression, scope: Scope, diags: Diagnostics, evaluate: Evaluate
) -> list[Argument] | None:
    """Return one argument per element of the last; None if there are none to know."""
    before = len(diags)
    value, marks = unmark(evaluate(last, scope, diags))
    if len(diags) > before:
        return None
    if type(value) is ListValue or type(value) is SetValue or type(value) is TupleValue:
        return [Argument(last, with_marks(element, marks)) for element in value.elements]
    if type(value) is Unknown and isinstance(
        value.type, ListType | SetType | TupleType | DynamicType
    ):
        return None
    why = "must not be null" if type(value) is Null else "must be a tuple, list, or set"
    diags.error(
        "Invalid expanding argument value",
        f"The expanding argument (marked by ...) {why}.",
        last.range,
        context=node.range,
        values=describe_values(last, scope),
    )
    return None


def _invoke(
    node: Call,
    function: Function,
    arguments: list[Argument],
    values: list[Value],
    scope: Scope,
    diags: Diagnostics,
) -> Value:
    try:
        return call(function, values)
    except ArgumentError as error:
        _report_argument(node, function, arguments, error.index, str(error), scope, diags)
    except FunctionError as error:
        diags.error(
            "Error in function call",
            f'Call to function "{node.name}" failed: {error}.',
            node.name_range.to(node.open_range),
            context=node.range,
            values=describe_values(node, scope),
            call=_describe_call(node, function),
        )
    return ANY_UNKNOWN


def _has_right_arity(
    node: Call, function: Function, arguments: list[Argument], scope: Scope, diags: Diagnostics
) -> bool:
    wanted = len(function.parameters)
    if len(arguments) < wanted:
        least = " at least" if function.variadic else ""
        missing = function.parameters[len(arguments)].name
        diags.error(
            "Not enough function arguments",
            f'Function "{node.name}" needs{least} {wanted} argument(s). '
            f'The one for "{missing}" is missing.',
            node.close_range,
            context=node.range,
            values=describe_values(node, scope),
            call=_describe_call(node, function),
        )
        return False
    if len(arguments) > wanted and function.variadic is None:
        diags.error(
            "Too many function arguments",
            f'Function "{node.name}" takes only {wanted} argument(s).',
            arguments[wanted].place,
            context=node.range,
            values=describe_values(node, scope),
            call=_describe_call(node, function),
        )
        return False
    return True


def _report_argument(
    node: Call,
    function: Function,
    arguments: list[Argument],
    index: int,
    why: str,
    scope: Scope,
    diags: Diagnostics,
) -> None:
    parameter = function.parameter(index)
    name = parameter.name if parameter is not None else "…"
    argument = arguments[index] if index < len(arguments) else None
    diags.error(
        "Invalid function argument",
        f'Invalid value for "{name}" parameter: {why}.',
        argument.place if argument is not None else node.range,
        context=node.range,
        values=describe_values(argument.expression if argument is not None else node, scope),
        call=_describe_call(node, function),
    )


def _describe_call(node: Call, function: Function) -> FunctionCall:
    rest = function.variadic
    return FunctionCall(
        name=node.name,
        parameters=tuple(map(_describe_parameter, function.parameters)),
        variadic=_describe_parameter(rest) if rest is not None else None,
        result=encode_type(DYNAMIC if callable(function.result) else function.result),
    )


def _describe_parameter(parameter: Parameter) -> FunctionParameter:
    return FunctionParameter(parameter.name, encode_type(parameter.type))
