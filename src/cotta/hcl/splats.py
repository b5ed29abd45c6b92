"""Splat expressions: the same steps from every element of a sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.diagnostics.diagnostics import Diagnostics
from cotta.hcl.describe import describe_values
from cotta.values.types import DynamicType, ListType, SetType, TupleType
from cotta.values.value import (
    ANY_UNKNOWN,
    EMPTY_TUPLE_VALUE,
    NOT_NULL,
    ListValue,
    Null,
    Refinement,
    SetValue,
    TupleValue,
    Unknown,
    type_of,
    unmark,
    with_marks,
)

if TYPE_CHECKING:
    from cotta.hcl.ast import Splat
    from cotta.hcl.loops import Evaluate
    from cotta.hcl.scope import Scope
    from cotta.values.types import Type
    from cotta.values.value import Marks, Value


def evaluate_splat(node: Splat, scope: Scope, diags: Diagnostics, evaluate: Evaluate) -> Value:
    """Return the tuple or list of `each` for every element of the source.

    What is no sequence counts as a sequence of itself, or of nothing if null.
    """
    before = len(diags)
    source, marks = unmark(evaluate(node.source, scope, diags))
    kind = type_of(source)
    if type(source) is Null:
        if not is_sequence_type(kind):
            return EMPTY_TUPLE_VALUE
        diags.error(
            "Splat of null value",
            "A splat expression (with the * symbol) can't be applied to a null sequence.",
            node.source.range,
            context=node.source.range.to(node.marker_range),
            values=describe_values(node.source, scope),
        )
        return ANY_UNKNOWN
    if isinstance(kind, DynamicType) or len(diags) > before:
        return with_marks(ANY_UNKNOWN, marks)
    run = _Splat(node, scope.child(), diags, evaluate)
    if type(source) is Unknown and is_sequence_type(kind):
        return with_marks(run.over_unknown(source), marks)
    if type(source) is ListValue or type(source) is SetValue or type(source) is TupleValue:
        return run.over_sequence(source, marks)
    return run.over_single(with_marks(source, marks))


def is_sequence_type(kind: Type) -> bool:
    """Say whether values of the type are lists, sets or tuples."""
    return isinstance(kind, ListType | SetType | TupleType)


class _Splat:
    """One evaluation of a splat, with a scope of its own for the current element."""

    __slots__ = ("diags", "evaluate", "node", "scope")

    def __init__(self, node: Splat, scope: Scope, diags: Diagnostics, evaluate: Evaluate) -> None:
        self.node = node
        self.scope = scope
        self.diags = diags
        self.evaluate = evaluate

    def each(self, element: Value) -> Value:
        self.scope.variables[self.node.item] = element
        return self.evaluate(self.node.each, self.scope, self.diags)

    def over_sequence(self, source: ListValue | SetValue | TupleValue, marks: Marks) -> Value:
        before = len(self.diags)
        results = tuple([self.each(element) for element in source.elements])
        if len(self.diags) > before:
            self.diags = Diagnostics()  # what follows would only say it again
            return with_marks(self.over_unknown(Unknown(source.type)), marks)
        if type(source) is TupleValue:
            return with_marks(TupleValue(results), marks)
        if not results:
            return ListValue(type_of(self.each(Unknown(source.element_type))), ())
        return with_marks(ListValue(type_of(results[0]), results), marks)

    def over_single(self, value: Value) -> Value:
        result = self.each(value)
        bare, marks = unmark(value)
        if type(bare) is Unknown and not bare.refinement.not_null:
            # It may still turn out null, and the tuple empty.
            return with_marks(ANY_UNKNOWN, marks)
        return TupleValue((result,))

    def over_unknown(self, source: Unknown) -> Value:
        kind = source.type
        if isinstance(kind, TupleType):
            types = tuple([type_of(self.each(Unknown(element))) for element in kind.elements])
            return Unknown(TupleType(types), NOT_NULL)
        assert isinstance(kind, ListType | SetType)
        certain = source.refinement
        return Unknown(
            ListType(type_of(self.each(Unknown(kind.element)))),
            Refinement(not_null=True, shortest=certain.shortest, longest=certain.longest),
        )
