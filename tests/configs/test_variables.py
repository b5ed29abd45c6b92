"""Values of variables: which one wins, and what is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cotta.configs.decode import decode_module_files
from cotta.configs.files import sort_variable_files
from cotta.configs.variables import Option, ask_for_missing, assign, gather
from cotta.diagnostics import Diagnostics
from cotta.hcl.parser import parse_file
from cotta.values.codec_json import encode_plain
from cotta.values.value import Mark, is_known, marks_of, unmark_deep

if TYPE_CHECKING:
    from cotta.configs.model import InputVariable, Module

DECLARED = """
variable "s" { default = "d" }
variable "n" {
  type    = number
  default = 0
}
variable "l" {
  type    = list(string)
  default = []
}
variable "o" {
  type     = object({ a = optional(number, 5) })
  nullable = false
  default  = { a = 7 }
}
variable "any" {
  type    = any
  default = 1
}
"""


def a_module(text: str = DECLARED) -> Module:
    diags = Diagnostics()
    module = decode_module_files(".", [parse_file(text.encode(), "main.tf", diags)], [], diags)
    assert len(diags) == 0
    return module


def values(
    module: Module,
    environment: dict[str, str] | None = None,
    files: tuple[tuple[str, str], ...] = (),
    options: tuple[Option, ...] = (),
) -> tuple[dict[str, object], list[str]]:
    diags = Diagnostics()
    named = [(name, text.encode()) for name, text in files]
    given = gather(environment or {}, named, options, diags)
    if diags.has_errors:
        return {}, [one.summary for one in diags]
    found = assign(module, given, diags)
    plain: dict[str, object] = {
        name: encode_plain(unmark_deep(value)[0]) if is_known(value) else "unknown"
        for name, value in found.items()
    }
    return plain, [one.summary for one in diags]


def test_the_last_of_all_sources_wins() -> None:
    environment = {"TF_VAR_s": "env", "TF_VAR_n": "1", "OTHER": "x"}
    files = (("terraform.tfvars", 's = "file"\nn = 2\n'), ("b.auto.tfvars", "n = 3\n"))
    options = (Option("any=[1]"), Option("x.tfvars", b"any = 4"), Option("n=4"))

    found, complaints = values(a_module(), environment, files, options)

    assert (found, complaints) == (
        {"s": "file", "n": 4, "l": [], "o": {"a": 7}, "any": 4},
        [],
    )


def test_files_are_read_in_terraforms_order() -> None:
    names = ["z.auto.tfvars", "a.auto.tfvars.json", "terraform.tfvars.json", "terraform.tfvars",
             "other.tfvars", "b.auto.tfvars"]  # fmt: skip

    assert sort_variable_files(names) == (
        "terraform.tfvars",
        "terraform.tfvars.json",
        "a.auto.tfvars.json",
        "b.auto.tfvars",
        "z.auto.tfvars",
    )


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("s=[1]", {"s": "[1]"}),
        ("n=5", {"n": 5}),
        ("any=5", {"any": 5}),
        ('any={ a = "b" }', {"any": {"a": "b"}}),
        ('l=["a", 1]', {"l": ["a", "1"]}),
        ("o={}", {"o": {"a": 5}}),
        ("o=null", {"o": {"a": 7}}),
        ("l=null", {"l": None}),
        ("s=a=b", {"s": "a=b"}),
    ],
)
def test_texts_are_read_by_type(option: str, expected: dict[str, object]) -> None:
    found, complaints = values(a_module(), options=(Option(option),))

    assert complaints == []
    assert found | expected == found


@pytest.mark.parametrize(
    ("option", "summary"),
    [
        ("n=x", "Invalid value for input variable"),
        ("l=foo", "Variables not allowed"),
        ("l=[1", "Unterminated tuple constructor expression"),
        ("zz=1", "Value for undeclared variable"),
        ("bad", "Invalid -var option"),
        ("sp =1", "Invalid -var option"),
        ("o={ a = [] }", "Invalid value for input variable"),
    ],
)
def test_bad_options(option: str, summary: str) -> None:
    _, complaints = values(a_module(), options=(Option(option),))

    assert complaints[:1] == [summary]


def test_undeclared_names_are_errors_warnings_or_nothing() -> None:
    text = "".join(f"z{number} = 1\n" for number in range(4))

    _, complaints = values(a_module(), {"TF_VAR_zz": "1"}, (("terraform.tfvars", text),))

    assert complaints == [
        "Value for undeclared variable",
        "Value for undeclared variable",
        "Values for undeclared variables",
    ]


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ('variable "x" {}\nfoo {}\n', "Variable declaration in .tfvars file"),
        ("foo {}\n", 'Unexpected "foo" block'),
        ("s = var.x\n", "Variables not allowed"),
        ('n = upper("x")\n', "Function calls not allowed"),
        ("n = null\n", None),
    ],
)
def test_files_hold_literal_values_only(text: str, summary: str | None) -> None:
    _, complaints = values(a_module(), files=(("terraform.tfvars", text),))

    assert complaints[:1] == ([summary] if summary else [])


def test_json_strings_are_texts() -> None:
    files = (("terraform.tfvars.json", '{"s": "${var.x}", "l": ["${1}"]}'),)

    found, complaints = values(a_module(), files=files)

    assert (found["s"], found["l"], complaints) == ("${var.x}", ["${1}"], [])


def test_required_variables_are_missed_once_each() -> None:
    module = a_module('variable "b" {}\nvariable "a" { nullable = false }\n')

    _, complaints = values(module)

    assert complaints == ["No value for required variable"] * 2


def test_null_for_a_variable_that_needs_a_value() -> None:
    module = a_module('variable "a" {\n  nullable = false\n  type = number\n}\n')

    found, complaints = values(module, files=(("terraform.tfvars", "a = null\n"),))

    assert (found, complaints) == ({"a": "unknown"}, ["Required variable not set"])


def test_missing_values_are_asked_for() -> None:
    module = a_module('variable "b" {}\nvariable "a" { type = list(any) }\nvariable "c" {}\n')
    asked = []

    def answer(variable: InputVariable) -> str:
        asked.append(variable.name)
        return "[1]"

    diags = Diagnostics()
    given = ask_for_missing(module, gather({"TF_VAR_c": "x"}, [], [], diags), answer)
    found = assign(module, given, diags)

    assert asked == ["a", "b"]
    assert {name: encode_plain(value) for name, value in found.items()} == {
        "a": [1],
        "b": "[1]",
        "c": "x",
    }
    assert len(diags) == 0


def test_sensitive_and_ephemeral_values_are_marked() -> None:
    module = a_module(
        'variable "a" {\n  sensitive = true\n  default = 1\n}\n'
        'variable "b" {\n  ephemeral = true\n}\n'
    )

    found = assign(module, gather({"TF_VAR_b": "x"}, [], [], Diagnostics()), Diagnostics())

    assert marks_of(found["a"]) == {Mark.SENSITIVE}
    assert marks_of(found["b"]) == {Mark.EPHEMERAL}
