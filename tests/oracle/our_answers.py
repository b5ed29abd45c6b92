"""What we make of the expressions that terraform is asked about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.evaluate import evaluate
from cotta.hcl.functions.tables import terraform_functions
from cotta.hcl.parser import parse_expression
from cotta.values.codec_json import CodecError, encode_plain, encode_type
from cotta.values.json_text import write_json
from cotta.values.value import (
    ANY_NULL,
    is_container,
    is_null,
    is_wholly_known,
    type_of,
    unmark_deep,
)
from tests.support.generator import scope
from tests.support.surroundings import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cotta.diagnostics.source import SourceRange
    from cotta.values.functions import Function
    from cotta.values.value import Value
    from tests.oracle.values_by_terraform import Answer

FUNCTIONS = terraform_functions(NOWHERE)


def our_answer(expression: str, functions: Mapping[str, Function] = FUNCTIONS) -> Answer:
    """Return what we make of an expression: first as in `validate`, then as in `plan`."""
    diags = Diagnostics()
    node = parse_expression(SourceFile("main.tf", expression), diags)
    evaluate(node, scope(functions, validating=True), diags)
    value: Value = ANY_NULL
    if not diags.has_errors:
        value, _marks = unmark_deep(evaluate(node, scope(functions), diags))
    for found in diags:
        assert found.subject is not None
        return {"error": found.summary, "at": _bytes(expression, found.subject)}
    if is_null(value):
        return {"value": None}
    if not is_wholly_known(value):
        return {"unknown": is_container(value)}
    kind = type_of(value)
    try:
        text = write_json(encode_plain(value))
    except CodecError:
        return {"infinite": True}
    # Fractions stay texts: all their digits count.
    return {"value": json.loads(text, parse_float=str), "type": encode_type(kind)}


def _bytes(expression: str, found: SourceRange) -> list[int]:
    return [len(expression[:edge].encode()) for edge in (found.start, found.end)]


def differences(
    expressions: Sequence[str],
    answers: Sequence[Answer],
    functions: Mapping[str, Function] = FUNCTIONS,
) -> list[str]:
    found = []
    for expression, theirs in zip(expressions, answers, strict=True):
        ours = our_answer(expression, functions)
        if "unknown" in theirs:
            theirs = {"unknown": theirs["unknown"] is not True}
        if ours != theirs:
            found.append(f"{expression}\n    terraform {theirs}\n    cotta     {ours}")
    return found
