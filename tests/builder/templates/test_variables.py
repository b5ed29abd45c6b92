"""Variables: their types, what gives them values, which value wins."""

from __future__ import annotations

from typing import Any

import pytest

from cotta.values.value import ListValue, ObjectValue, TupleValue, Value
from tests.support.templates import answer_of


def value_of(template: str, name: str = "x", **asked: object) -> Value:
    answer = answer_of(template, **asked)  # type: ignore[arg-type]
    assert not answer.diagnostics.has_errors, answer.said
    return answer.understood.evaluated.variables[name]


def test_the_later_of_the_places_wins() -> None:
    template = 'variable "x" { default = "default" }'
    places: dict[str, Any] = {
        "environment": {"PKR_VAR_x": "environment"},
        "value_files": (
            ("a.auto.pkrvars.hcl", b'x = "file"'),
            ("b.pkrvars.json", b'{"x": "json"}'),
        ),
        "value_options": ("x=first", "x=option"),
    }

    seen = [
        value_of(template, **dict(list(places.items())[:count])) for count in range(len(places) + 1)
    ]

    assert seen == ["default", "environment", "json", "option"]


@pytest.mark.parametrize(
    ("declaration", "text", "expected"),
    [
        ("type = string", "[1]", "[1]"),
        ("type = number", "12", 12),
        ("type = number", "-7", -7),
        ("type = bool", "true", True),
        ("default = 3", "4", 4),
        ("", "a b", "a b"),
    ],
)
def test_text_from_outside_is_of_the_variable_s_type(
    declaration: str, text: str, expected: Value
) -> None:
    found = value_of(f'variable "x" {{\n {declaration}\n}}', value_options=(f"x={text}",))

    assert (type(found), found) == (type(expected), expected)


def test_text_for_anything_else_is_an_expression() -> None:
    template = 'variable "x" {\n  type = list(object({ a = string, b = optional(number, 7) }))\n}'

    found = value_of(template, environment={"PKR_VAR_x": '[{ a = "1" }]'})

    assert isinstance(found, ListValue)
    assert found.elements == (ObjectValue({"a": "1", "b": 7}),)
    untyped = value_of('variable "x" { default = ["a"] }', value_options=('x=["b", 2]',))
    assert untyped == TupleValue(("b", 2))


def test_defaults_may_read_the_environment() -> None:
    template = 'variable "x" { default = env("HOME") }'

    assert value_of(template, environment={"HOME": "/root"}) == "/root"
    assert value_of(template) == ""


@pytest.mark.parametrize(
    ("template", "asked", "says"),
    [
        ('variable "x" {}', {}, "PKR_VAR_x in the environment"),
        (
            'variable "x" { default = 1 }',
            {"value_options": ("y=1",)},
            'Undefined -var variable "y"',
        ),
        ('variable "x" { default = 1 }', {"value_options": ("x",)}, "write -var name=value"),
        ('variable "x" { default = 1 }', {"value_options": ("x=a",)}, "Invalid value for variable"),
        ("variables {\n  x = 1\n}", {"value_options": ("x=a",)}, "Invalid value for variable"),
        (
            'variable "x" { default = 1 }',
            {"value_files": (("v.hcl", b"xx = 1"),), "warns_of_undeclared": True},
            (
                'v.hcl:1 warning: Undefined variable: A value is given to "xx", and no file '
                'declares that variable. Did you mean "x"?'
            ),
        ),
        (
            (
                'variable "x" {\n  default = "abc"\n  validation {\n    condition = var.x == 1\n'
                '    error_message = "Too short: ${var.x}."\n  }\n}'
            ),
            {},
            "Invalid value for x variable: Too short: abc.",
        ),
        (
            (
                'variable "y" { default = 1 }\nvariable "x" {\n  default = 1\n  validation {\n'
                '    condition = var.y > 3\n    error_message = "No."\n  }\n}'
            ),
            {},
            "that variable only: var.x",
        ),
    ],
)
def test_a_mistake_says_what_to_do(template: str, asked: dict[str, object], says: str) -> None:
    said = answer_of(template, **asked).said  # type: ignore[arg-type]

    assert any(says in one for one in said), said
