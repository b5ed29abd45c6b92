"""`for` expressions: a tuple or an object, element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.describe import describe_values
from cotta.values.convert import ConversionError, convert
from cotta.values.types import BOOL, NUMBER, STRING, friendly_name
from cotta.values.value import (
    ANY_UNKNOWN,
    NO_MARKS,
    Null,
    ObjectValue,
    TupleValue,
    Unknown,
    is_container,
    is_null,
    items,
    type_of,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotta.hcl.ast import Expression, For
    from cotta.hcl.scope import Scope
    from cotta.values.value import Container, Marks, Value

Evaluate: TypeAlias = "Callable[[Expression, Scope, Diagnostics], Value]"


def evaluate_for(node: For, scope: Scope, diags: Diagnostics, evaluate: Evaluate) -> Value:
    """Return the tuple or object that a `for` expression makes of its collection."""
    collection, marks = unmark(evaluate(node.collection, scope, diags))
    if type(collection) is Null:
        diags.error(
            "Iteration over null value",
            "A null value can't be the collection of a 'for' expression.",
            node.collection.range,
            context=node.range,
            values=describe_values(node.collection, scope),
        )
        return ANY_UNKNOWN
    if not is_container(collection):
        if type(collection) is not Unknown or collection.type in (STRING, NUMBER, BOOL):
            diags.error(
                "Iteration over non-iterable value",
                f"A {friendly_name(type_of(collection))} can't be the collection of a 'for' "
                "expression, which needs a list, set, map, tuple or object.",
                node.collection.range,
                context=node.range,
                values=describe_values(node.collection, scope),
            )
        return with_marks(ANY_UNKNOWN, marks)
    inner = scope.child()
    if node.condition is not None and not _condition_makes_sense(node, inner, diags, evaluate):
        return ANY_UNKNOWN
    return _Loop(node, inner, diags, evaluate).run(collection, marks)


def _condition_makes_sense(node: For, inner: Scope, diags: Diagnostics, evaluate: Evaluate) -> bool:
    """Try the condition once with unknowns, so that a plain mistake is told once."""
    assert node.condition is not None
    if node.key_name is not None:
        inner.variables[node.key_name] = ANY_UNKNOWN
    inner.variables[node.value_name] = ANY_UNKNOWN
    found = Diagnostics()
    result = evaluate(node.condition, inner, found)
    if is_null(result):
        _report_condition(
            node, "Condition is null", "The 'if' clause must not be null.", inner, found
        )
    else:
        try:
            convert(result, BOOL)
        except ConversionError as error:
            why = f"The 'if' clause value is invalid: {error.describe()}."
            _report_condition(node, "Invalid 'for' condition", why, inner, found)
    diags.extend(found)
    return not found.has_errors


def _report_condition(
    node: For, summary: str, detail: str, scope: Scope, diags: Diagnostics
) -> None:
    assert node.condition is not None
    diags.error(
        summary,
        detail,
        node.condition.range,
        context=node.range,
        values=describe_values(node.condition, scope),
    )


class _Loop:
    """One run of a `for` expression over a known collection."""

    __slots__ = ("complete", "diags", "evaluate", "marks", "node", "scope")

    def __init__(self, node: For, scope: Scope, diags: Diagnostics, evaluate: Evaluate) -> None:
        self.evaluate = evaluate
        self.node = node
        self.scope = scope
        self.diags = diags
        self.marks: Marks = NO_MARKS
        # False once a condition or key was unknown or wrong: the result is then
        # unknown, and the same mistake is not told again for every element.
        self.complete = True

    def run(self, collection: Container, marks: Marks) -> Value:
        node, scope, diags, evaluate = self.node, self.scope, self.diags, self.evaluate
        results: list[Value] = []
        groups: dict[str, list[Value]] = {}
        variables = scope.variables
        for key, element in items(collection):
            if node.key_name is not None:
                variables[node.key_name] = key
            variables[node.value_name] = element
            if node.condition is not None and not self._includes(node.condition):
                continue
            if node.key_result is None:
                results.append(evaluate(node.value_result, scope, diags))
                continue
            name = self._key(node.key_result)
            if name is None:
                continue
            value = evaluate(node.value_result, scope, diags)
            if name in groups and not node.grouping:
                self._report_duplicate(name)
            else:
                groups.setdefault(name, []).append(value)
        if not self.complete:
            return ANY_UNKNOWN
        made: Value
        if node.key_result is None:
            made = TupleValue(tuple(results))
        elif node.grouping:
            made = ObjectValue({k: TupleValue(tuple(v)) for k, v in groups.items()})
        else:
            made = ObjectValue({k: v[0] for k, v in groups.items()})
        return with_marks(made, marks | self.marks)

    def _includes(self, condition: Expression) -> bool:
        value = self.evaluate(condition, self.scope, self.diags)
        if type(value) is bool:
            return value
        why = "The 'if' clause must not be null."
        if not is_null(value):
            try:
                truth, marks = unmark(convert(value, BOOL))
            except ConversionError as error:
                why = f"The 'if' clause value is invalid: {error.describe()}."
            else:
                if type(truth) is bool:
                    self.marks |= marks
                    return truth
                self.complete = False
                return False
        if self.complete:
            _report_condition(self.node, "Invalid 'for' condition", why, self.scope, self.diags)
        self.complete = False
        return False

    def _key(self, expression: Expression) -> str | None:
        value = self.evaluate(expression, self.scope, self.diags)
        if type(value) is str:
            return value
        bare, marks = unmark(value)
        self.marks |= marks
        why = "The key expression of a 'for' expression must not be null."
        if type(bare) is not Null:
            try:
                text = convert(bare, STRING)
            except ConversionError as error:
                why = f"The key expression produced an invalid result: {error.describe()}."
            else:
                if type(text) is str:
                    return text
                self.complete = False
                return None
        if self.complete:
            self._report_key("Invalid object key", why, expression)
        self.complete = False
        return None

    def _report_duplicate(self, name: str) -> None:
        assert self.node.key_result is not None
        self._report_key(
            "Duplicate object key",
            f"Two different items produced the key \"{name}\" in this 'for' expression. Put "
            "an ellipsis (...) after the value to collect all values of a key in a tuple.",
            self.node.key_result,
        )

    def _report_key(self, summary: str, detail: str, key: Expression) -> None:
        self.diags.error(
            summary,
            detail,
            key.range,
            context=self.node.range,
            values=describe_values(key, self.scope),
        )
