"""Type expressions give types, and defaults that are filled in."""

from __future__ import annotations

import pytest

from cotta.diagnostics import Diagnostics, SourceFile
from cotta.hcl.evaluate import evaluate
from cotta.hcl.parser import parse_expression
from cotta.hcl.scope import Scope
from cotta.hcl.type_expressions import parse_type_constraint
from cotta.values.codec_json import encode_plain
from cotta.values.convert import convert
from cotta.values.types import render_type


@pytest.mark.parametrize(
    "text",
    [
        "string",
        "any",
        "list(any)",
        "map(set(number))",
        "tuple([string, list(bool)])",
        "object({})",
        "list(object({a = optional(string), b = number}))",
    ],
)
def test_type_is_what_is_written(text: str) -> None:
    diags = Diagnostics()

    type_, defaults = parse_type_constraint(parse_expression(SourceFile("t", text), diags), diags)

    assert (render_type(type_), defaults, len(diags)) == (text, None, 0)


@pytest.mark.parametrize(
    ("type_text", "given", "expected"),
    [
        ("object({a = optional(string, 1)})", "{}", {"a": "1"}),
        ("object({a = optional(string, 1)})", "{ a = null }", {"a": "1"}),
        ("object({a = optional(string, 1)})", '{ a = "x" }', {"a": "x"}),
        ("object({a = optional(string)})", "{}", {"a": None}),
        (
            "object({a = optional(object({b = optional(bool, true)}), {})})",
            "{}",
            {"a": {"b": True}},
        ),
        ("list(object({a = optional(number, 2)}))", "[{}, { a = 3 }]", [{"a": 2}, {"a": 3}]),
        ("map(object({a = optional(number, 2)}))", "{ k = {} }", {"k": {"a": 2}}),
        ("tuple([object({a = optional(number, 2)}), string])", '[{}, "s"]', [{"a": 2}, "s"]),
        ("set(object({a = optional(number, 2)}))", "[{}, { a = 2 }]", [{"a": 2}]),
        ("list(object({a = optional(number, 2)}))", "[null]", [None]),
        ("list(object({a = optional(number, 2)}))", "[]", []),
    ],
)
def test_defaults_are_filled_in(type_text: str, given: str, expected: object) -> None:
    diags = Diagnostics()
    type_, defaults = parse_type_constraint(
        parse_expression(SourceFile("t", type_text), diags), diags
    )
    value = evaluate(parse_expression(SourceFile("v", given), diags), Scope(), diags)

    filled = convert(defaults.apply(value) if defaults is not None else value, type_)

    assert (encode_plain(filled), len(diags)) == (expected, 0)
