"""What an expression means: its value in a scope.

`evaluate` looks up the node's type in one table and calls the function there,
which is twice as quick as a `match`; chains of operators, which the parser
nests to the left without limit, are walked in a loop.  The rules are HCL's.

A part that fails adds its diagnostic once and stands for an unknown value of
any type, so everything around it stays silent about it.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.diagnostics.suggest import suggest
from cotta.hcl.ast import (
    AttributeStep,
    Binary,
    Call,
    Conditional,
    For,
    Index,
    Invalid,
    JsonString,
    Literal,
    ObjectExpression,
    ObjectKey,
    Parentheses,
    RelativeTraversal,
    Splat,
    SplatItem,
    Template,
    TemplateJoin,
    TemplateWrap,
    TupleExpression,
    Unary,
    Variable,
)
from cotta.hcl.calls import evaluate_call, find_function
from cotta.hcl.conditionals import check_condition, choose, unify_results
from cotta.hcl.describe import describe_values
from cotta.hcl.loops import evaluate_for
from cotta.hcl.operators import operate, operate_unary
from cotta.hcl.scope import Namespace
from cotta.hcl.splats import evaluate_splat
from cotta.hcl.strings import join_template
from cotta.values import operations
from cotta.values.convert import ConversionError, convert
from cotta.values.numbers import BigFloat
from cotta.values.operations import AccessError
from cotta.values.types import STRING
from cotta.values.value import (
    ANY_NULL,
    ANY_UNKNOWN,
    NO_MARKS,
    ListValue,
    MapValue,
    Marked,
    Null,
    ObjectValue,
    SetValue,
    TupleValue,
    Unknown,
    make_string,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.diagnostics.source import SourceRange
    from cotta.hcl.ast import Expression, Step
    from cotta.hcl.scope import Binding, Scope
    from cotta.values.value import Unmarked, Value


def evaluate(expression: Expression, scope: Scope, diags: Diagnostics) -> Value:
    """Return the value of `expression` in `scope`.

    Problems are added to `diags`, each at most once; the result is then an
    unknown value of the most precise type still certain, so callers may go on.
    Marks on any operand are on the result.  Never raises for any input.
    """
    return _EVALUATORS[type(expression)](expression, scope, diags)


def _literal(node: Literal, _scope: Scope, _diags: Diagnostics) -> Value:
    return node.value


def _invalid(_node: Invalid, _scope: Scope, _diags: Diagnostics) -> Value:
    return ANY_UNKNOWN


def _parentheses(node: Parentheses, scope: Scope, diags: Diagnostics) -> Value:
    return evaluate(node.inner, scope, diags)


def _template_wrap(node: TemplateWrap, scope: Scope, diags: Diagnostics) -> Value:
    return evaluate(node.wrapped, scope, diags)


def _json_string(node: JsonString, scope: Scope, diags: Diagnostics) -> Value:
    diags.extend(node.mistakes)
    return evaluate(node.template, scope, diags)


# --- names and steps ----------------------------------------------------------


def _variable(node: Variable, scope: Scope, diags: Diagnostics) -> Value:
    value = scope.lookup(node.name)
    if value is None:
        _report_unknown_variable(node, scope, diags)
        return ANY_UNKNOWN
    for step in node.steps:
        if type(value) is ObjectValue and type(step) is AttributeStep:
            found = value.attributes.get(step.name)
            if found is not None:
                value = found
                continue
        stepped = _take_step(value, step, node, scope, diags)
        if stepped is None:
            return ANY_UNKNOWN
        value = stepped
    if isinstance(value, _VALUE_CLASSES):
        return value
    return value.value()


def _report_unknown_variable(node: Variable, scope: Scope, diags: Diagnostics) -> None:
    names = scope.variable_names()
    if not names:
        diags.error("Variables not allowed", "Variables can't be used here.", node.name_range)
        return
    similar = suggest(node.name, names)
    hint = f' Did you mean "{similar}"?' if similar else ""
    diags.error(
        "Unknown variable", f'There is no variable named "{node.name}".{hint}', node.name_range
    )


def _take_step(
    value: Binding, step: Step, node: Expression, scope: Scope, diags: Diagnostics
) -> Binding | None:
    """Return what one step leads to; None, with a diagnostic, if nowhere."""
    if not isinstance(value, _VALUE_CLASSES):
        if type(step) is AttributeStep:
            return _enter_namespace(value, step, diags)
        value = value.value()
    try:
        if type(step) is AttributeStep:
            return operations.attribute(value, step.name)
        return operations.index(value, step.key)  # type: ignore[union-attr]  # an IndexStep
    except AccessError as error:
        _report_access(error, step.range, node, scope, diags)
        return None


def _enter_namespace(value: Namespace, step: AttributeStep, diags: Diagnostics) -> Binding | None:
    found = value.attribute(step.name)
    if found is None:
        similar = suggest(step.name, value.names())
        hint = f' Did you mean "{similar}"?' if similar else ""
        diags.error(
            "Unsupported attribute",
            f'This object does not have an attribute named "{step.name}".{hint}',
            step.range,
        )
    return found


def _report_access(
    error: AccessError, subject: SourceRange, node: Expression, scope: Scope, diags: Diagnostics
) -> None:
    diags.error(error.summary, error.detail, subject, values=describe_values(node, scope))


def _relative_traversal(node: RelativeTraversal, scope: Scope, diags: Diagnostics) -> Value:
    value: Binding | None = evaluate(node.source, scope, diags)
    for step in node.steps:
        assert value is not None
        value = _take_step(value, step, node, scope, diags)
        if value is None:
            return ANY_UNKNOWN
    assert isinstance(value, _VALUE_CLASSES)
    return value


def _index(node: Index, scope: Scope, diags: Diagnostics) -> Value:
    collection = evaluate(node.collection, scope, diags)
    key = evaluate(node.key, scope, diags)
    try:
        return operations.index(collection, key)
    except AccessError as error:
        _report_access(error, node.bracket_range, node, scope, diags)
        return ANY_UNKNOWN


# --- operators ----------------------------------------------------------------


def _binary(node: Binary, scope: Scope, diags: Diagnostics) -> Value:
    chain = [node]
    left = node.left
    while type(left) is Binary:
        chain.append(left)
        left = left.left
    value = evaluate(left, scope, diags)
    for link in reversed(chain):
        value = operate(link, value, evaluate(link.right, scope, diags), scope, diags)
    return value


def _unary(node: Unary, scope: Scope, diags: Diagnostics) -> Value:
    return operate_unary(node, evaluate(node.operand, scope, diags), scope, diags)


def _conditional(node: Conditional, scope: Scope, diags: Diagnostics) -> Value:
    # Only the mistakes of the chosen branch count, but both types do.
    found = Diagnostics()
    true_value = evaluate(node.true_result, scope, found)
    of_true = len(found)
    false_value = evaluate(node.false_result, scope, found)
    result_type = unify_results(node, true_value, false_value, scope, diags)
    if result_type is None:
        return ANY_UNKNOWN
    condition = evaluate(node.condition, scope, diags)
    if type(condition) is not bool:
        checked = check_condition(node, condition, scope, diags)
        if checked is None:
            return Unknown(result_type)
        condition = checked
    if len(found):
        truth, _marks = unmark(condition)
        if type(truth) is bool:
            mistakes = list(found)
            diags.extend(mistakes[:of_true] if truth else mistakes[of_true:])
    return choose(node, condition, true_value, false_value, result_type, scope, diags)


# --- templates ----------------------------------------------------------------


def _template(node: Template, scope: Scope, diags: Diagnostics) -> Value:
    parts = node.parts
    if len(parts) == 1 and type(parts[0]) is Literal and type(parts[0].value) is str:
        return parts[0].value  # a text, as most templates are
    texts: list[str] = []
    for at, part in enumerate(parts):
        value = part.value if type(part) is Literal else evaluate(part, scope, diags)
        if type(value) is str:
            texts.append(value)
        elif type(value) is int:
            texts.append(str(value) if -_PLAIN_INT < value < _PLAIN_INT else convert(value, STRING))  # type: ignore[arg-type]  # a string
        else:
            # Something that isn't plain: go on with marks, unknowns and mistakes in mind.
            # Each part is evaluated when its turn comes, so that mistakes stand in order.
            rest = ((p, evaluate(p, scope, diags)) for p in parts[at + 1 :])
            return join_template(node, "".join(texts), chain([(part, value)], rest), scope, diags)
    return make_string("".join(texts))


_PLAIN_INT: Final = 1 << 64


def _template_join(node: TemplateJoin, scope: Scope, diags: Diagnostics) -> Value:
    value, marks = unmark(evaluate(node.items, scope, diags))
    if type(value) is not TupleValue:
        return with_marks(operations.UNKNOWN_STRING, marks)
    texts = [(node.items, item) for item in value.elements]
    return with_marks(join_template(node, "", texts, scope, diags), marks)


# --- constructors -------------------------------------------------------------


def _tuple(node: TupleExpression, scope: Scope, diags: Diagnostics) -> Value:
    return TupleValue(tuple([evaluate(item, scope, diags) for item in node.items]))


def _object(node: ObjectExpression, scope: Scope, diags: Diagnostics) -> Value:
    attributes: dict[str, Value] = {}
    marks = NO_MARKS
    complete = True
    for item in node.items:
        key = _object_key(item.key, scope, diags)
        value = evaluate(item.value, scope, diags)
        if type(key) is str:
            attributes[key] = value
            continue
        bare, key_marks = unmark(key)
        marks |= key_marks
        text = _key_text(bare, item.key, item.value, scope, diags)
        if text is None:
            complete = False
        else:
            attributes[text] = value
    if not complete:
        return ANY_UNKNOWN
    return with_marks(ObjectValue(attributes), marks)


def _object_key(node: ObjectKey, scope: Scope, diags: Diagnostics) -> Value:
    wrapped = node.wrapped
    if not node.in_parentheses:
        if type(wrapped) is Variable:
            if not wrapped.steps:
                return make_string(wrapped.name)
            diags.error(
                "Ambiguous attribute key",
                "Put the key in parentheses if it is a reference, or in quotes if it is a "
                "name with dots in it.",
                node.range,
            )
            return ANY_UNKNOWN
        if type(wrapped) is Literal and (type(wrapped.value) is bool or wrapped.value is ANY_NULL):
            return wrapped.range.text
    return evaluate(wrapped, scope, diags)


def _key_text(
    key: Unmarked, node: ObjectKey, value: Expression, scope: Scope, diags: Diagnostics
) -> str | None:
    """Return the key as text; None if it is unknown or no key, the latter with a diagnostic."""
    if type(key) is Null:
        diags.error(
            "Null value as key",
            "A null value can't be used as a key.",
            value.range,
            values=describe_values(node.wrapped, scope),
        )
        return None
    try:
        converted = convert(key, STRING)
    except ConversionError as error:
        diags.error(
            "Incorrect key type",
            f"This value can't be used as a key: {error.describe()}.",
            node.range,
            values=describe_values(node.wrapped, scope),
        )
        return None
    return converted if type(converted) is str else None


# --- loops --------------------------------------------------------------------


def _for(node: For, scope: Scope, diags: Diagnostics) -> Value:
    return evaluate_for(node, scope, diags, evaluate)


def _splat(node: Splat, scope: Scope, diags: Diagnostics) -> Value:
    return evaluate_splat(node, scope, diags, evaluate)


def _splat_item(node: SplatItem, scope: Scope, _diags: Diagnostics) -> Value:
    found = scope.lookup(node)
    return found if found is not None and not isinstance(found, Namespace) else ANY_UNKNOWN


# --- calls --------------------------------------------------------------------


def _call(node: Call, scope: Scope, diags: Diagnostics) -> Value:
    function = find_function(node, scope, diags)
    if function is None:
        return ANY_UNKNOWN
    if function.lazy:
        return function.implementation(node, scope, diags)
    return evaluate_call(node, function, scope, diags, evaluate)


_VALUE_CLASSES: Final = (
    str,
    int,
    ObjectValue,
    ListValue,
    TupleValue,
    MapValue,
    SetValue,
    Marked,
    Unknown,
    Null,
    BigFloat,
)

_EVALUATORS: Final[dict[type, Callable[..., Value]]] = {
    Literal: _literal,
    Template: _template,
    TemplateWrap: _template_wrap,
    TemplateJoin: _template_join,
    Variable: _variable,
    RelativeTraversal: _relative_traversal,
    Index: _index,
    SplatItem: _splat_item,
    Splat: _splat,
    Call: _call,
    Conditional: _conditional,
    Binary: _binary,
    Unary: _unary,
    For: _for,
    TupleExpression: _tuple,
    ObjectExpression: _object,
    ObjectKey: _object_key,
    Parentheses: _parentheses,
    JsonString: _json_string,
    Invalid: _invalid,
}
