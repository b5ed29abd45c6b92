"""Evaluating an expression in tests of functions."""

from __future__ import annotations

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.evaluate import evaluate
from cotta.hcl.functions.tables import packer_functions, terraform_functions
from cotta.hcl.parser import parse_expression
from cotta.hcl.scope import Scope
from cotta.values.types import DYNAMIC, NUMBER, STRING, ListType, SetType
from cotta.values.value import NOT_NULL, Mark, Unknown, Value, mark
from tests.support.surroundings import NOWHERE

VARIABLES = {
    "text": Unknown(STRING, NOT_NULL),
    "number": Unknown(NUMBER, NOT_NULL),
    "texts": Unknown(ListType(STRING), NOT_NULL),
    "set": Unknown(SetType(STRING), NOT_NULL),
    "any": Unknown(DYNAMIC),
    "passing": mark("x", Mark.EPHEMERAL),
}
TERRAFORM = Scope(VARIABLES, terraform_functions(NOWHERE))
PACKER = Scope(VARIABLES, packer_functions(NOWHERE))


def value_of(text: str, scope: Scope = TERRAFORM) -> Value:
    """Return the value of an expression that has no mistake in it.

    Its variables are unknown values, but for `passing`, which is ephemeral.
    """
    value, summaries = evaluated(text, scope)
    assert not summaries, (text, summaries)
    return value


def evaluated(text: str, scope: Scope = TERRAFORM) -> tuple[Value, list[str]]:
    """Return the value of an expression and the summaries of its mistakes."""
    diags = Diagnostics()
    value = evaluate(parse_expression(SourceFile("main.tf", text), diags), scope, diags)
    return value, [found.summary for found in diags]
