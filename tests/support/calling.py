"""Calling functions as an expression would, on the world of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.evaluate import evaluate
from cotta.hcl.functions.tables import terraform_functions
from cotta.hcl.parser import parse_expression
from cotta.hcl.scope import Scope
from tests.support.surroundings import NOWHERE
from tests.support.values import UNKNOWN_STRING, secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cotta.values.functions import Function
    from cotta.values.value import Value


def result_of(expression: str, functions: Mapping[str, Function] | None = None) -> Value | str:
    """Return the value of the expression, or the first mistake as `summary: detail`.

    `unknown` and `hidden` are names in it: an unknown string and a sensitive one.
    """
    diags = Diagnostics()
    names = {"unknown": UNKNOWN_STRING, "hidden": secret("hidden text")}
    table = terraform_functions(NOWHERE) if functions is None else functions
    node = parse_expression(SourceFile("main.tf", expression), diags)
    value = evaluate(node, Scope(names, table), diags)
    for found in diags:
        return f"{found.summary}: {found.detail}"
    return value
